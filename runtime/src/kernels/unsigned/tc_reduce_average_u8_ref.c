#include "tinyc/unsigned.h"

TC_KERNEL void tc_reduce_average_u8_ref(const tc_reduce_average_params *p, const int8_t *row, int32_t y, int8_t *out,
                                        int32_t *sums)
{
    tc_reduce_add(&p->image, row, y, sums);
    if (y < p->image.rows - 1) {
        return;
    }
    const int32_t count = p->image.rows * p->image.width;
    for (int32_t c = 0; c < p->image.channels; c++) {
        out[c] = (int8_t)tc_clamp(tc_mean_up(sums[c], count), p->act_min, p->act_max);
    }
}

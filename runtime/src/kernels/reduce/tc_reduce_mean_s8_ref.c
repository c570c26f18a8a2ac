#include "tinyc/reduce.h"

TC_KERNEL void tc_reduce_mean_s8_ref(const tc_reduce_mean_params *p, const int8_t *row, int32_t y, int8_t *out,
                                     int32_t *sums)
{
    tc_reduce_add(&p->image, row, y, sums);
    if (y < p->image.rows - 1) {
        return;
    }
    for (int32_t c = 0; c < p->image.channels; c++) {
        out[c] = tc_reduce_mean_one(p, sums[c]);
    }
}

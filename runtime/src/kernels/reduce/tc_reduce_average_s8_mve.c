#include "tinyc/mve/pool.h"
#include "tinyc/reduce.h"

TC_KERNEL void tc_reduce_average_s8_mve(const tc_reduce_average_params *p, const int8_t *row, int32_t y, int8_t *out,
                                        int32_t *sums)
{
    tc_reduce_add_mve(&p->image, row, y, sums);
    if (y < p->image.rows - 1) {
        return;
    }
    const int32_t count = p->image.rows * p->image.width;
    for (int32_t c = 0; c < p->image.channels; c += 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)(p->image.channels - c));
        const int32x4_t mean = tc_mean_four_mve(vldrwq_z_s32(sums + c, lanes), count);
        tc_store_four_mve(out + c, mean, p->act_min, p->act_max, lanes);
    }
}

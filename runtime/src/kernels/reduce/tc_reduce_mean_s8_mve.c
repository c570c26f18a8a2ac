#include "tinyc/mve/pool.h"
#include "tinyc/reduce.h"

TC_KERNEL void tc_reduce_mean_s8_mve(const tc_reduce_mean_params *p, const int8_t *row, int32_t y, int8_t *out,
                                     int32_t *sums)
{
    tc_reduce_add_mve(&p->image, row, y, sums);
    if (y < p->image.rows - 1) {
        return;
    }
    for (int32_t c = 0; c < p->image.channels; c += 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)(p->image.channels - c));
        const int32x4_t sum = vaddq_n_s32(vldrwq_z_s32(sums + c, lanes), p->bias);
        const int32x4_t mean = vaddq_n_s32(tc_requant_four_mve(sum, p->multiplier, p->shift), p->out_zp);
        tc_store_four_mve(out + c, mean, INT8_MIN, INT8_MAX, lanes);
    }
}

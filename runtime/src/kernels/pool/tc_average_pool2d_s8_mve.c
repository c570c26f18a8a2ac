#include "tinyc/mve/pool.h"
#include "tinyc/pool.h"

TC_KERNEL void tc_average_pool2d_s8_mve(const tc_pool_params *p, const int8_t *const *rows, const tc_span *cols,
                                        int8_t *out)
{
    const int32_t all = p->channels;
    int32_t present = 0;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        present += rows[ky] != NULL;
    }
    for (int32_t ox = cols->begin; ox < cols->end; ox++, out += all) {
        const int32_t ix0 = ox * p->stride_w - p->pad_left;
        const int32_t begin = tc_max(ix0, 0);
        const int32_t width = tc_min(ix0 + p->kernel_w, p->in_w) - begin;
        for (int32_t c = 0; c < all; c += 4) {
            const mve_pred16_t lanes = vctp32q((uint32_t)(all - c));
            int32x4_t sum = vdupq_n_s32(0);
            for (int32_t ky = 0; ky < p->kernel_h; ky++) {
                if (rows[ky] != NULL) {
                    sum = tc_add_four_mve(sum, rows[ky] + (begin - cols->origin) * all + c, width, all, lanes);
                }
            }
            const int32x4_t mean = tc_mean_four_mve(sum, present * width);
            tc_store_four_mve(out + c, mean, p->act_min, p->act_max, lanes);
        }
    }
}

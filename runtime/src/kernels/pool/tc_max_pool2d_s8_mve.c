#include <arm_mve.h>

#include "tinyc/pool.h"

TC_KERNEL void tc_max_pool2d_s8_mve(const tc_pool_params *p, const int8_t *const *rows, const tc_span *cols,
                                    int8_t *out)
{
    const int32_t all = p->channels;
    const int8x16_t low = vdupq_n_s8((int8_t)p->act_min), high = vdupq_n_s8((int8_t)p->act_max);
    for (int32_t ox = cols->begin; ox < cols->end; ox++, out += all) {
        const int32_t ix0 = ox * p->stride_w - p->pad_left;
        const int32_t begin = tc_max(ix0, 0);
        const int32_t width = tc_min(ix0 + p->kernel_w, p->in_w) - begin;
        for (int32_t c = 0; c < all; c += 16) {
            const mve_pred16_t lanes = vctp8q((uint32_t)(all - c));
            int8x16_t best = low;
            for (int32_t ky = 0; ky < p->kernel_h; ky++) {
                if (rows[ky] == NULL) {
                    continue;
                }
                const int8_t *x = rows[ky] + (begin - cols->origin) * all + c;
                for (int32_t i = 0; i < width; i++, x += all) {
                    best = vmaxq_s8(best, vldrbq_z_s8(x, lanes));
                }
            }
            vstrbq_p_s8(out + c, vminq_s8(best, high), lanes);
        }
    }
}

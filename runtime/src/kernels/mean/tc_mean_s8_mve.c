#include "tinyc/mean.h"
#include "tinyc/mve/pool.h"

TC_KERNEL void tc_mean_s8_mve(const tc_mean_params *p, const int8_t *in, int8_t *out)
{
    const int32_t *k = p->keep;
    const int32_t *s = p->keep_stride;
    const int32_t *r = p->reduce;
    const int32_t *t = p->reduce_stride;
    for (int32_t a = 0; a < k[0]; a++) {
        for (int32_t b = 0; b < k[1]; b++) {
            for (int32_t c = 0; c < k[2]; c++) {
                for (int32_t d = 0; d < k[3]; d += 4) {
                    const mve_pred16_t lanes = vctp32q((uint32_t)(k[3] - d));
                    const int8_t *const x = in + a * s[0] + b * s[1] + c * s[2] + d;
                    int32x4_t sum = vdupq_n_s32(p->bias);
                    for (int32_t e = 0; e < r[0]; e++) {
                        for (int32_t f = 0; f < r[1]; f++) {
                            for (int32_t g = 0; g < r[2]; g++) {
                                sum = tc_add_four_mve(sum, x + e * t[0] + f * t[1] + g * t[2], r[3], t[3], lanes);
                            }
                        }
                    }
                    const int32x4_t mean = tc_requant_four_mve(sum, p->multiplier, p->shift);
                    tc_store_four_mve(out + d, vaddq_n_s32(mean, p->out_zp), INT8_MIN, INT8_MAX, lanes);
                }
                out += k[3];
            }
        }
    }
}

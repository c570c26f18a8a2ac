#include "tinyc/mean.h"

/* Sum of the bytes that one output averages; in points at the first. */
static int32_t sum(const tc_mean_params *p, const int8_t *in)
{
    const int32_t *r = p->reduce;
    const int32_t *t = p->reduce_stride;
    int32_t acc = p->bias;
    for (int32_t a = 0; a < r[0]; a++) {
        for (int32_t b = 0; b < r[1]; b++) {
            for (int32_t c = 0; c < r[2]; c++) {
                const int8_t *x = in + a * t[0] + b * t[1] + c * t[2];
                for (int32_t d = 0; d < r[3]; d++) {
                    acc += x[d * t[3]];
                }
            }
        }
    }
    return acc;
}

TC_KERNEL void tc_mean_s8_ref(const tc_mean_params *p, const int8_t *in, int8_t *out)
{
    const int32_t *k = p->keep;
    const int32_t *s = p->keep_stride;
    for (int32_t a = 0; a < k[0]; a++) {
        for (int32_t b = 0; b < k[1]; b++) {
            for (int32_t c = 0; c < k[2]; c++) {
                for (int32_t d = 0; d < k[3]; d++) {
                    const int32_t acc = sum(p, in + a * s[0] + b * s[1] + c * s[2] + d * s[3]);
                    const int32_t mean = tc_requant(acc, p->multiplier, p->shift) + p->out_zp;
                    *out++ = (int8_t)tc_clamp(mean, INT8_MIN, INT8_MAX);
                }
            }
        }
    }
}

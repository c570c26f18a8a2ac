#include "tinyc/max.h"

/* Largest of the bytes under one output; in points at the first. */
static int8_t largest(const tc_max_params *p, const int8_t *in)
{
    const int32_t *r = p->reduce;
    const int32_t *t = p->reduce_stride;
    int8_t most = *in;
    for (int32_t a = 0; a < r[0]; a++) {
        for (int32_t b = 0; b < r[1]; b++) {
            for (int32_t c = 0; c < r[2]; c++) {
                const int8_t *x = in + a * t[0] + b * t[1] + c * t[2];
                for (int32_t d = 0; d < r[3]; d++) {
                    most = x[d * t[3]] > most ? x[d * t[3]] : most;
                }
            }
        }
    }
    return most;
}

TC_KERNEL void tc_max_s8_ref(const tc_max_params *p, const int8_t *in, int8_t *out)
{
    const int32_t *k = p->keep;
    const int32_t *s = p->keep_stride;
    for (int32_t a = 0; a < k[0]; a++) {
        for (int32_t b = 0; b < k[1]; b++) {
            for (int32_t c = 0; c < k[2]; c++) {
                for (int32_t d = 0; d < k[3]; d++) {
                    *out++ = largest(p, in + a * s[0] + b * s[1] + c * s[2] + d * s[3]);
                }
            }
        }
    }
}

#include "tinyc/copy_f32.h"

TC_KERNEL void tc_copy_f32_ref(const tc_copy_params *p, const float *in, float *out)
{
    const int32_t *d = p->dims;
    const int32_t *s = p->in_stride;
    const int32_t *t = p->out_stride;
    in += p->in_offset;
    out += p->out_offset;
    for (int32_t a = 0; a < d[0]; a++) {
        for (int32_t b = 0; b < d[1]; b++) {
            for (int32_t c = 0; c < d[2]; c++) {
                for (int32_t e = 0; e < d[3]; e++) {
                    for (int32_t f = 0; f < d[4]; f++) {
                        const float *x = in + a * s[0] + b * s[1] + c * s[2] + e * s[3] + f * s[4];
                        float *y = out + a * t[0] + b * t[1] + c * t[2] + e * t[3] + f * t[4];
                        for (int32_t i = 0; i < d[5]; i++, x += s[5], y += t[5]) {
                            *y = *x;
                        }
                    }
                }
            }
        }
    }
}

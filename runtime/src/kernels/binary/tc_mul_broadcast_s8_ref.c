#include "tinyc/binary.h"

TC_KERNEL void tc_mul_broadcast_s8_ref(const tc_binary_params *p, const tc_broadcast *s, const int8_t *a,
                                       const int8_t *b, int8_t *out)
{
    const int32_t *d = s->dims;
    const int32_t *t = s->a_stride;
    const int32_t *u = s->b_stride;
    for (int32_t g = 0; g < d[0]; g++) {
        for (int32_t h = 0; h < d[1]; h++) {
            for (int32_t i = 0; i < d[2]; i++) {
                for (int32_t j = 0; j < d[3]; j++) {
                    for (int32_t k = 0; k < d[4]; k++) {
                        const int8_t *x = a + g * t[0] + h * t[1] + i * t[2] + j * t[3] + k * t[4];
                        const int8_t *y = b + g * u[0] + h * u[1] + i * u[2] + j * u[3] + k * u[4];
                        for (int32_t l = 0; l < d[5]; l++) {
                            *out++ = tc_mul_one(p, x[l * t[5]], y[l * u[5]]);
                        }
                    }
                }
            }
        }
    }
}

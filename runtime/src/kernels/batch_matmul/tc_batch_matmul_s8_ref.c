#include "tinyc/batch_matmul.h"

static int8_t dot(const tc_batch_matmul_params *p, const int8_t *a, const int8_t *b)
{
    int32_t acc = 0;
    for (int32_t k = 0; k < p->depth; k++) {
        acc = tc_mac(acc, a[k * p->a_depth] - p->a_zp, b[k * p->b_depth] - p->b_zp);
    }
    return (int8_t)tc_clamp(tc_requant(acc, p->multiplier, p->shift) + p->out_zp, INT8_MIN, INT8_MAX);
}

static int8_t *product(const tc_batch_matmul_params *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    for (int32_t y = 0; y < p->rows; y++) {
        for (int32_t x = 0; x < p->columns; x++) {
            *out++ = dot(p, a + y * p->a_row, b + x * p->b_column);
        }
    }
    return out;
}

TC_KERNEL void tc_batch_matmul_s8_ref(const tc_batch_matmul_params *p, const int8_t *a, const int8_t *b, int8_t *out)
{
    const int32_t *s = p->a_batch;
    const int32_t *t = p->b_batch;
    for (int32_t i = 0; i < p->batch[0]; i++) {
        for (int32_t j = 0; j < p->batch[1]; j++) {
            for (int32_t k = 0; k < p->batch[2]; k++) {
                out = product(p, a + i * s[0] + j * s[1] + k * s[2], b + i * t[0] + j * t[1] + k * t[2], out);
            }
        }
    }
}

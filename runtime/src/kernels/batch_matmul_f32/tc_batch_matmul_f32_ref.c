#include "tinyc/batch_matmul_f32.h"

/* Four columns of `rows` rows, 1 or 2. */
TC_INLINE void four(const tc_batch_matmul_f32_params *p, const float *a, const float *b, float *out, const int32_t rows)
{
    tc_four_f32 first = {0.0f, 0.0f, 0.0f, 0.0f};
    tc_four_f32 second = {0.0f, 0.0f, 0.0f, 0.0f};
    const int32_t step = p->b_column;
    const float *c = rows > 1 ? a + p->a_row : a;
    for (int32_t k = p->depth; k > 0; k--, a += p->a_depth, c += p->a_depth, b += p->b_depth) {
        const tc_four_f32 w = {b[0], b[step], b[2 * step], b[3 * step]};
        first = tc_four_mac_f32(first, w, *a);
        if (rows > 1) {
            second = tc_four_mac_f32(second, w, *c);
        }
    }
    out[0] = first.a;
    out[1] = first.b;
    out[2] = first.c;
    out[3] = first.d;
    if (rows > 1) {
        out[p->columns] = second.a;
        out[p->columns + 1] = second.b;
        out[p->columns + 2] = second.c;
        out[p->columns + 3] = second.d;
    }
}

static float one(const tc_batch_matmul_f32_params *p, const float *a, const float *b)
{
    float sum = 0.0f;
    for (int32_t k = 0; k < p->depth; k++) {
        sum += b[k * p->b_depth] * a[k * p->a_depth];
    }
    return sum;
}

static float *product(const tc_batch_matmul_f32_params *p, const float *a, const float *b, float *out)
{
    int32_t rows;
    for (int32_t y = 0; y < p->rows; y += rows, a += rows * p->a_row, out += rows * p->columns) {
        rows = p->rows - y >= 2 ? 2 : 1;
        int32_t x = 0;
        for (; x + 4 <= p->columns; x += 4) {
            if (rows == 2) {
                four(p, a, b + x * p->b_column, out + x, 2);
            } else {
                four(p, a, b + x * p->b_column, out + x, 1);
            }
        }
        for (; x < p->columns; x++) {
            for (int32_t i = 0; i < rows; i++) {
                out[i * p->columns + x] = one(p, a + i * p->a_row, b + x * p->b_column);
            }
        }
    }
    return out;
}

TC_KERNEL void tc_batch_matmul_f32_ref(const tc_batch_matmul_f32_params *p, const float *a, const float *b, float *out)
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

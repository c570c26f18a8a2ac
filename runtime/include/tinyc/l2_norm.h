#ifndef TINYC_L2_NORM_H
#define TINYC_L2_NORM_H

#include "tinyc/fixed_point.h"
#include "tinyc/kernel.h"

typedef struct {
    int32_t depth; /* of a vector, at most 32768 */
    int32_t in_zp; /* zero point of the input, subtracted */
} tc_l2_norm_params;

/* L2_NORMALIZATION: out[v] = in[v] divided by its length, in steps of 1/128.
 * in, out: [vectors, depth]; out may be in. Portable. */
void tc_l2_norm_s8_ref(const tc_l2_norm_params *p, const int8_t *in, int8_t *out, int32_t vectors);

/* 1 / sqrt(n) = result * 2^(shift - 31): Newton's iteration in Q3.28 from 1, five times. n >= 0, 0 counts as 1. */
static inline int32_t tc_inverse_sqrt(int32_t n, int32_t *shift)
{
    *shift = 0;
    if (n <= 1) {
        return INT32_MAX;
    }
    int32_t right = 11;
    for (; n >= 1 << 29; n /= 4) {
        right++;
    }
    for (; n < 1 << 27; n *= 4) {
        right--;
    }
    const int32_t value = n >> 1;
    const int32_t half = tc_divide_pot(value, 1);
    int32_t x = 1 << 28;
    for (int32_t i = 0; i < 5; i++) {
        const int32_t cube = tc_shift_saturated(tc_high_mul(tc_high_mul(x, x), x), 6);
        x = tc_shift_saturated(tc_high_mul(x, (1 << 28) + (1 << 27)) - tc_high_mul(half, cube), 3);
    }
    x = tc_high_mul(x, 1518500250);
    if (right < 0) {
        x = (int32_t)((uint32_t)x << -right);
        right = 0;
    }
    *shift = -right;
    return x;
}

#endif

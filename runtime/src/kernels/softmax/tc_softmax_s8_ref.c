#include "tinyc/softmax.h"

enum { SUM_INTEGER_BITS = 12 };

/* x * 2^bits, saturated. bits in [0, 30]. */
static int32_t saturating_shift(int32_t x, int32_t bits)
{
    const int32_t limit = INT32_MAX >> bits;
    return x > limit ? INT32_MAX : x < -limit - 1 ? INT32_MIN : (int32_t)((uint32_t)x << bits);
}

static int32_t high_mul(int32_t a, int32_t b)
{
    return a == INT32_MIN && b == INT32_MIN ? INT32_MAX : (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

/* 1 / (1 + x) as Q0.31 for x in [0, 1) as Q0.31: three Newton-Raphson steps in Q2.29 from 48/17 - 32/17 d. */
static int32_t reciprocal_of_one_plus(int32_t x)
{
    const int32_t half_denominator = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
    int32_t y = 1515870810 + high_mul(half_denominator, -1010580540);
    for (int32_t i = 0; i < 3; i++) {
        const int32_t rest = (1 << 29) - high_mul(half_denominator, y);
        y += saturating_shift(high_mul(y, rest), 2);
    }
    return saturating_shift(y, 1);
}

static int32_t leading_zeros(uint32_t x)
{
    int32_t n = 0;
    for (; n < 32 && !(x >> 31); n++) {
        x <<= 1;
    }
    return n;
}

TC_KERNEL void tc_softmax_s8_ref(const tc_softmax_params *p, const int8_t *in, const int32_t *exps, int8_t *out,
                                 int32_t vectors)
{
    for (int32_t v = 0; v < vectors; v++, in += p->depth, out += p->depth) {
        int32_t largest = INT8_MIN;
        for (int32_t c = 0; c < p->depth; c++) {
            largest = tc_max(largest, in[c]);
        }
        int32_t sum = 0;
        for (int32_t c = 0; c < p->depth; c++) {
            const int32_t below = largest - in[c];
            sum += below < p->levels ? tc_divide_pot(exps[below], SUM_INTEGER_BITS) : 0;
        }
        const int32_t headroom = leading_zeros((uint32_t)sum);
        const int32_t scale = reciprocal_of_one_plus((int32_t)(((uint32_t)sum << headroom) - (1u << 31)));
        const int32_t exponent = tc_min(SUM_INTEGER_BITS - headroom + 31 - 8, 31);
        for (int32_t c = 0; c < p->depth; c++) {
            const int32_t below = largest - in[c];
            const int32_t exp = below < p->levels ? exps[below] : 0;
            out[c] = (int8_t)tc_clamp(tc_divide_pot(high_mul(scale, exp), exponent) + INT8_MIN, INT8_MIN, INT8_MAX);
        }
    }
}

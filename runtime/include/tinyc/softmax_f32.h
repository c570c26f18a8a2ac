#ifndef TINYC_SOFTMAX_F32_H
#define TINYC_SOFTMAX_F32_H

#include "tinyc/kernel.h"
#include <string.h>

typedef struct {
    int32_t depth; /* classes: length of one vector */
    float beta;    /* factor of the exponent, > 0 */
} tc_softmax_f32_params;

/* in, out: [vectors, depth]; out may be in. Computed in double, as the C library is not asked. Portable. */
void tc_softmax_f32_ref(const tc_softmax_f32_params *p, const float *in, float *out, int32_t vectors);

typedef struct {
    int32_t depth;
} tc_log_softmax_f32_params;

/* The logarithm of the same, beta being 1. Portable. */
void tc_log_softmax_f32_ref(const tc_log_softmax_f32_params *p, const float *in, float *out, int32_t vectors);

/* log(2) in two parts: the first has 33 bits, so that a small multiple of it is exact. */
#define TC_LN2 0.6931471803691238
#define TC_LN2_REST 1.9082149292705877e-10

/* Products and sums are statements of their own: no compiler may join them into one that rounds once. */

/* factors[0] * x^(n - 1) + ... + factors[n - 1] */
static inline double tc_polynomial(const double *factors, int32_t n, double x)
{
    double found = factors[0];
    for (int32_t i = 1; i < n; i++) {
        const double product = found * x;
        found = product + factors[i];
    }
    return found;
}

/* log(x) for finite x > 0, in double. */
static inline double tc_log_of(float x)
{
    static const double factors[] = {1.0 / 17, 1.0 / 15, 1.0 / 13, 1.0 / 11, 1.0 / 9, 1.0 / 7, 1.0 / 5, 1.0 / 3, 1.0};
    double mantissa = (double)x;
    uint64_t bits;
    memcpy(&bits, &mantissa, sizeof bits);
    int32_t power = (int32_t)(bits >> 52) - 1023;
    bits = (bits & 0xfffffffffffffu) | 0x3ff0000000000000u;
    memcpy(&mantissa, &bits, sizeof bits);
    if (mantissa > 1.4142135623730951) {
        mantissa *= 0.5;
        power++;
    }
    const double ratio = (mantissa - 1.0) / (mantissa + 1.0);
    const double found = 2.0 * ratio * tc_polynomial(factors, 9, ratio * ratio);
    const double high = power * TC_LN2;
    const double low = power * TC_LN2_REST;
    const double rest = low + found;
    return high + rest;
}

/* e^x for x <= 0. */
static inline float tc_exp_of_negative(float x)
{
    static const double factors[] = {1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120,
                                     1.0 / 24,      1.0 / 6,      1.0 / 2,     1.0,        1.0};
    if (!(x > -104.0f)) {
        return 0.0f;
    }
    const double scaled = (double)x * 1.4426950408889634;
    const int32_t whole = (int32_t)(scaled - 0.5);
    const double high = whole * TC_LN2;
    const double low = whole * TC_LN2_REST;
    const double less = (double)x - high;
    double rest = less - low;
    rest = tc_polynomial(factors, 11, rest);
    uint64_t bits;
    memcpy(&bits, &rest, sizeof bits);
    bits -= (uint64_t)(-whole) << 52;
    memcpy(&rest, &bits, sizeof bits);
    return (float)rest;
}

/* in[c] - the largest of a vector: where, and the vector's largest. */
static inline float tc_largest_f32(const float *in, int32_t n)
{
    float largest = in[0];
    for (int32_t c = 1; c < n; c++) {
        largest = in[c] > largest ? in[c] : largest;
    }
    return largest;
}

#endif

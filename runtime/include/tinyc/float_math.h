/* Functions of single precision: the same bits on every core, with an FPU or without, and no C library.
 *
 * No step is in double. Products and sums are statements of their own, so that no compiler
 * joins them into one that rounds once. Errors are in units in the last place (ULP) of the exact result, measured over
 * all exponents by tests/kernels/test_float_math.py. A NaN gives TC_NAN, always the same bits. */
#ifndef TINYC_FLOAT_MATH_H
#define TINYC_FLOAT_MATH_H

#include "tinyc/kernel.h"
#include <string.h>

static inline uint32_t tc_bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float tc_float_of(uint32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

#define TC_NAN tc_float_of(0x7fc00000u)
#define TC_INFINITY tc_float_of(0x7f800000u)

static inline int tc_is_nan(float x) { return (tc_bits_of(x) & 0x7fffffffu) > 0x7f800000u; }

static inline float tc_abs_f32(float x) { return tc_float_of(tc_bits_of(x) & 0x7fffffffu); }

/* x with the sign of `sign`. x >= 0. */
static inline float tc_signed_f32(float x, float sign)
{
    return tc_float_of(tc_bits_of(x) | (tc_bits_of(sign) & 0x80000000u));
}

/* a * b + c, rounded twice. */
static inline float tc_mad_f32(float a, float b, float c)
{
    const float product = a * b;
    return product + c;
}

static inline float tc_max_f32(float a, float b) { return a > b ? a : b; }

static inline float tc_min_f32(float a, float b) { return a < b ? a : b; }

/* The nearest integer, halves to even; its sign is that of x. */
static inline float tc_round_f32(float x)
{
    const float size = tc_abs_f32(x);
    if (!(size < 8388608.0f)) {
        return x;
    }
    const int32_t below = (int32_t)size;
    const float rest = size - (float)below;
    const int32_t up = rest > 0.5f || (rest >= 0.5f && (below & 1));
    return tc_signed_f32((float)(below + up), x);
}

/* x without its fraction. */
static inline float tc_trunc_f32(float x)
{
    const float size = tc_abs_f32(x);
    return size < 8388608.0f ? tc_signed_f32((float)(int32_t)size, x) : x;
}

static inline float tc_floor_f32(float x)
{
    const float cut = tc_trunc_f32(x);
    return cut > x ? cut - 1.0f : cut;
}

static inline float tc_ceil_f32(float x)
{
    const float cut = tc_trunc_f32(x);
    return cut < x ? cut + 1.0f : cut;
}

/* x * 2^n. x is normal and near 1; n in [-252, 252]. */
static inline float tc_scale_f32(float x, int32_t n)
{
    const int32_t half = n / 2;
    const float first = x * tc_float_of((uint32_t)(half + 127) << 23);
    return first * tc_float_of((uint32_t)(n - half + 127) << 23);
}

/* e^rest - 1. |rest| <= log(2) / 2. */
static inline float tc_exp_rest_f32(float rest)
{
    float found = tc_mad_f32(1.99077025e-4f, rest, 1.39337324e-3f);
    found = tc_mad_f32(found, rest, 8.33328627e-3f);
    found = tc_mad_f32(found, rest, 4.16664630e-2f);
    found = tc_mad_f32(found, rest, 0.166666672f);
    found = tc_mad_f32(found, rest, 0.5f);
    return tc_mad_f32(found, rest * rest, rest);
}

/* x as *whole times log(2), of which a rest remains. |x| < 128. */
static inline float tc_exp_parts_f32(float x, int32_t *whole)
{
    const float scaled = x * 1.44269504f;
    *whole = (int32_t)(scaled < 0.0f ? scaled - 0.5f : scaled + 0.5f);
    /* log(2) in two parts, of which the first has 15 bits: a small multiple of it is exact */
    const float rest = x - (float)*whole * 0.693145752f;
    return tc_mad_f32((float)*whole, -1.42860677e-6f, rest);
}

/* e^x, 1 ULP. */
static inline float tc_exp_f32(float x)
{
    if (x > 88.8f) {
        return TC_INFINITY;
    }
    if (!(x > -104.0f)) {
        return x < 0.0f ? 0.0f : TC_NAN;
    }
    int32_t whole;
    const float rest = tc_exp_parts_f32(x, &whole);
    return tc_scale_f32(1.0f + tc_exp_rest_f32(rest), whole);
}

/* e^x - 1, 2 ULP. */
static inline float tc_expm1_f32(float x)
{
    if (!(tc_abs_f32(x) < 17.0f)) {
        return tc_exp_f32(x) - 1.0f;
    }
    int32_t whole;
    const float rest = tc_exp_rest_f32(tc_exp_parts_f32(x, &whole));
    const float power = tc_float_of((uint32_t)(whole + 127) << 23);
    return tc_mad_f32(rest, power, power - 1.0f);
}

/* log(1 + f), where k * log(2) is added. 1 + f in [sqrt(1/2), sqrt(2)]. */
static inline float tc_log_parts_f32(float f, float k)
{
    const float ratio = f / (2.0f + f);
    const float square = ratio * ratio;
    float found = tc_mad_f32(0.233322680f, square, 0.285507411f);
    found = tc_mad_f32(found, square, 0.400001228f);
    found = tc_mad_f32(found, square, 0.666666687f);
    found = found * square;
    const float half = f * f * 0.5f;
    const float low = tc_mad_f32(k, 1.42860677e-6f, ratio * (half + found));
    const float high = k * 0.693145752f;
    return high - ((half - low) - f);
}

/* The natural logarithm, 1 ULP; of 0 -infinity, of less TC_NAN. */
static inline float tc_log_f32(float x)
{
    uint32_t bits = tc_bits_of(x);
    int32_t power = 0;
    if (!(x > 0.0f)) {
        return (bits & 0x7fffffffu) == 0 ? -TC_INFINITY : TC_NAN;
    }
    if (bits >= 0x7f800000u) {
        return x;
    }
    if (bits < 0x00800000u) {
        bits = tc_bits_of(x * 33554432.0f);
        power = -25;
    }
    /* 0x3f3504f3: sqrt(1/2) */
    bits += 0x3f800000u - 0x3f3504f3u;
    power += (int32_t)(bits >> 23) - 127;
    bits = (bits & 0x007fffffu) + 0x3f3504f3u;
    return tc_log_parts_f32(tc_float_of(bits) - 1.0f, (float)power);
}

/* log(1 + x), 3 ULP; for x >= 0. */
static inline float tc_log1p_f32(float x)
{
    if (x < 0.414213f) {
        return tc_log_parts_f32(x, 0.0f);
    }
    return tc_log_f32(1.0f + x);
}

/* tanh(x), 2 ULP. */
static inline float tc_tanh_f32(float x)
{
    const float size = tc_abs_f32(x);
    if (size < 0.625f) {
        const float square = x * x;
        float found = tc_mad_f32(-6.11318834e-3f, square, 2.10100785e-2f);
        found = tc_mad_f32(found, square, -5.38540706e-2f);
        found = tc_mad_f32(found, square, 0.133327946f);
        found = tc_mad_f32(found, square, -0.333333284f);
        return tc_mad_f32(found * square, x, x);
    }
    if (!(size <= 9.1f)) {
        return tc_is_nan(x) ? TC_NAN : tc_signed_f32(1.0f, x);
    }
    const float power = tc_exp_f32(size * 2.0f);
    return tc_signed_f32(1.0f - 2.0f / (power + 1.0f), x);
}

/* 1 / (1 + e^-x), 3 ULP. */
static inline float tc_sigmoid_f32(float x)
{
    const float power = tc_exp_f32(-tc_abs_f32(x));
    return (x < 0.0f ? power : 1.0f) / (1.0f + power);
}

/* -log(1 - erf(size)). size in [0.875, 10.1]; above 4 the result is only known to be large. */
static inline float tc_erf_power_f32(float size)
{
    float found = tc_mad_f32(-7.79731749e-7f, size, 2.97570007e-5f);
    found = tc_mad_f32(found, size, -4.65382764e-4f);
    found = tc_mad_f32(found, size, 4.17423714e-3f);
    found = tc_mad_f32(found, size, -2.48497203e-2f);
    found = tc_mad_f32(found, size, 0.107482404f);
    found = tc_mad_f32(found, size, 0.634403706f);
    found = tc_mad_f32(found, size, 1.12883115f);
    return found * size;
}

/* erf(x), 3 ULP. */
static inline float tc_erf_f32(float x)
{
    const float size = tc_abs_f32(x);
    if (size < 0.9f) {
        const float square = x * x;
        float found = tc_mad_f32(-6.06193964e-4f, square, 5.00714872e-3f);
        found = tc_mad_f32(found, square, -2.67761853e-2f);
        found = tc_mad_f32(found, square, 0.112820826f);
        found = tc_mad_f32(found, square, -0.376125187f);
        return tc_mad_f32(found, square, 1.12837911f) * x;
    }
    if (!(size <= 4.0f)) {
        return tc_is_nan(x) ? TC_NAN : tc_signed_f32(1.0f, x);
    }
    return tc_signed_f32(1.0f - tc_exp_f32(-tc_erf_power_f32(size)), x);
}

/* The mantissa of a number > 0, its leading bit in place, and its exponent as bits 23 to 30 would have it. */
static inline uint32_t tc_mantissa_f32(uint32_t bits, int32_t *power)
{
    uint32_t mantissa = bits & 0x007fffffu;
    *power = (int32_t)(bits >> 23);
    if (*power != 0) {
        return mantissa | 0x00800000u;
    }
    for (*power = 1; mantissa < 0x00800000u; --*power) {
        mantissa <<= 1;
    }
    return mantissa;
}

/* The square root, rounded to nearest; of less than 0 TC_NAN. */
static inline float tc_sqrt_f32(float x)
{
    uint32_t bits = tc_bits_of(x);
    if ((bits & 0x7fffffffu) == 0 || bits == 0x7f800000u) {
        return x;
    }
    if (bits > 0x7f800000u) {
        return TC_NAN;
    }
#if defined(__ARM_FP) && (__ARM_FP & 4) && defined(__GNUC__)
    float root;
    __asm__("vsqrt.f32 %0, %1" : "=t"(root) : "t"(x));
    return root;
#else
    int32_t power;
    bits = tc_mantissa_f32(bits, &power);
    power -= 127;
    bits <<= 1 + (power & 1);
    /* one bit of the root after the other, one more than it has, the last rounds */
    uint32_t root = 0;
    uint32_t used = 0;
    for (uint32_t bit = 0x01000000u; bit != 0; bit >>= 1) {
        const uint32_t with = used + bit;
        if (with <= bits) {
            used = with + bit;
            bits -= with;
            root += bit;
        }
        bits <<= 1;
    }
    root += root & 1u;
    return tc_float_of((root >> 1) + (uint32_t)((power >> 1) + 126) * 0x00800000u);
#endif
}

/* 1 / sqrt(x), 2 ULP. */
static inline float tc_rsqrt_f32(float x) { return 1.0f / tc_sqrt_f32(x); }

/* x times the probability that a normal number is below x; within 2^-23 |x|. */
static inline float tc_gelu_f32(float x)
{
    const float size = tc_abs_f32(x) * 0.707106781f;
    const float half = x * 0.5f;
    if (size < 0.9f) {
        return tc_mad_f32(half, tc_erf_f32(x * 0.707106781f), half);
    }
    if (size > 4.0f) {
        return x < 0.0f ? -0.0f : x;
    }
    const float rest = half * tc_exp_f32(-tc_erf_power_f32(size));
    return x < 0.0f ? rest : x - rest;
}

/* The same by tanh of a cubic polynomial: x times the sigmoid of twice that; within 2^-22 |x|. */
static inline float tc_gelu_tanh_f32(float x)
{
    const float cubic = x * x * 0.044715f * x;
    const float found = tc_sigmoid_f32((x + cubic) * 1.59576912f);
    return found > 0.0f || !(x < 0.0f) ? x * found : -0.0f;
}

#endif

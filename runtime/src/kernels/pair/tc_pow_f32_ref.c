#include "tinyc/float_math.h"
#include "tinyc/pair.h"
#include "tinyc/softmax_f32.h"

/* e^x, |x| < 1000. */
static float exp_of(double x)
{
    static const double factors[] = {1.0 / 3628800, 1.0 / 362880, 1.0 / 40320, 1.0 / 5040, 1.0 / 720, 1.0 / 120,
                                     1.0 / 24,      1.0 / 6,      1.0 / 2,     1.0,        1.0};
    if (x > 89.0) {
        return TC_INFINITY;
    }
    if (x < -104.0) {
        return 0.0f;
    }
    const double scaled = x * 1.4426950408889634;
    const int32_t whole = (int32_t)(scaled < 0.0 ? scaled - 0.5 : scaled + 0.5);
    const double high = whole * TC_LN2;
    const double low = whole * TC_LN2_REST;
    const double less = x - high;
    double rest = less - low;
    rest = tc_polynomial(factors, 11, rest);
    uint64_t bits;
    memcpy(&bits, &rest, sizeof bits);
    bits += (uint64_t)(int64_t)whole << 52;
    memcpy(&rest, &bits, sizeof bits);
    return (float)rest;
}

/* a^b for a >= 0 that is no NaN. */
static float of_positive(float a, float b)
{
    if (a == 1.0f) {
        return a;
    }
    if (a == 0.0f || a == TC_INFINITY) {
        return (a > 1.0f) == (b > 0.0f) ? TC_INFINITY : 0.0f;
    }
    const double power = (double)b * tc_log_of(a);
    return exp_of(power > 1000.0 ? 1000.0 : power < -1000.0 ? -1000.0 : power);
}

/* a^b, 1 ULP: computed in double, and rounded once more. */
static inline float pick(float a, float b)
{
    if (a == 1.0f || b == 0.0f) {
        return 1.0f;
    }
    if (tc_is_nan(a) || tc_is_nan(b)) {
        return TC_NAN;
    }
    if (tc_bits_of(a) >> 31 == 0) {
        return of_positive(a, b);
    }
    const float half = b * 0.5f;
    const int whole = tc_trunc_f32(b) == b;
    if (!whole && a < 0.0f && a > -TC_INFINITY) {
        return TC_NAN;
    }
    const float size = of_positive(-a, b);
    return whole && tc_trunc_f32(half) != half ? -size : size;
}

TC_KERNEL void tc_pow_f32_ref(const tc_pair *s, const float *a, const float *b, float *out, int32_t n)
{
    tc_pair_pick_f32(NULL, s, a, b, out, n, pick);
}

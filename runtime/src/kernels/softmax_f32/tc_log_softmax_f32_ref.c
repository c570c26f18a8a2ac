#include "tinyc/softmax_f32.h"

/* log(x) for finite x >= 1. */
static float log_of_sum(float x)
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
    return (float)(high + rest);
}

TC_KERNEL void tc_log_softmax_f32_ref(const tc_log_softmax_f32_params *p, const float *in, float *out, int32_t vectors)
{
    for (int32_t v = 0; v < vectors; v++, in += p->depth, out += p->depth) {
        const float largest = tc_largest_f32(in, p->depth);
        float sum = 0.0f;
        for (int32_t c = 0; c < p->depth; c++) {
            const float below = in[c] - largest;
            out[c] = below;
            sum += tc_exp_of_negative(below);
        }
        const float log_sum = log_of_sum(sum);
        for (int32_t c = 0; c < p->depth; c++) {
            out[c] -= log_sum;
        }
    }
}

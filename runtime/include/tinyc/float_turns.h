/* Sine and cosine, as float_math.h has functions. */
#ifndef TINYC_FLOAT_TURNS_H
#define TINYC_FLOAT_TURNS_H

#include "tinyc/float_math.h"

/* x less the nearest multiple of pi / 2, and in *quarter that multiple modulo 4. |x| in [0.5, infinity).
 * The mantissa is multiplied by the 96 bits of 1 / (2 pi) that matter, so that x may be as large as it can be. */
static inline float tc_quarter_f32(float x, int32_t *quarter)
{
    /* 1 / (2 pi), the first word being what lies before the point */
    static const uint32_t turns[] = {0, 0x28be60dbu, 0x9391054au, 0x7f09d5f4u, 0x7d4d3770u, 0x36d8a566u, 0x4f10e410u};
    const uint32_t bits = tc_bits_of(x);
    const int32_t power = (int32_t)((bits >> 23) & 0xffu) - 126;
    const uint32_t mantissa = (bits << 8) | 0x80000000u;
    const uint32_t *const words = turns + (power >> 5);
    const int32_t left = power & 31;
    uint32_t window[3];
    for (int32_t i = 0; i < 3; i++) {
        window[i] = left == 0 ? words[i] : words[i] << left | words[i + 1] >> (32 - left);
    }
    uint64_t product = (uint64_t)mantissa * window[2] >> 32;
    product += (uint64_t)mantissa * window[1];
    product += (uint64_t)(mantissa * window[0]) << 32;
    /* 64 bits of a turn: a quarter, and how far it is into it */
    const uint32_t back = (uint32_t)(product >> 61) & 1u;
    const uint32_t whole = (uint32_t)(product >> 62) + back;
    product <<= 2;
    product = back ? 0u - product : product;
    int32_t zeros = 0;
    for (; product != 0 && product >> 63 == 0; zeros++) {
        product <<= 1;
    }
    /* 2^-32 * pi / 2 */
    const float angle = (float)(uint32_t)(product >> 32) * 3.65729518e-10f;
    const float rest = angle * tc_float_of((uint32_t)(127 - zeros) << 23);
    const uint32_t negative = bits >> 31;
    *quarter = (int32_t)((negative ? 0u - whole : whole) & 3u);
    return back != negative ? -rest : rest;
}

/* The sine of x and `turned` quarter turns. */
static inline float tc_turned_sin_f32(float x, int32_t turned)
{
    if (!(tc_abs_f32(x) < TC_INFINITY)) {
        return TC_NAN;
    }
    int32_t quarter = 0;
    float rest = x;
    if (tc_abs_f32(x) > 0.785398f) {
        rest = tc_quarter_f32(x, &quarter);
    }
    const float square = rest * rest;
    quarter += turned;
    float found;
    if (quarter & 1) {
        found = tc_mad_f32(2.45455195e-5f, square, -1.38882920e-3f);
        found = tc_mad_f32(found, square, 4.16666642e-2f);
        found = tc_mad_f32(found * square, square, tc_mad_f32(square, -0.5f, 1.0f));
    } else {
        found = tc_mad_f32(2.72469470e-6f, square, -1.98400638e-4f);
        found = tc_mad_f32(found, square, 8.33333191e-3f);
        found = tc_mad_f32(found, square, -0.166666672f);
        found = tc_mad_f32(found * square, rest, rest);
    }
    return quarter & 2 ? -found : found;
}

/* 3 ULP, for every finite x. */
static inline float tc_sin_f32(float x) { return tc_turned_sin_f32(x, 0); }

static inline float tc_cos_f32(float x) { return tc_turned_sin_f32(x, 1); }

#endif

/* What is left of divisions, as float_math.h has functions. */
#ifndef TINYC_FLOAT_DIVISION_H
#define TINYC_FLOAT_DIVISION_H

#include "tinyc/float_math.h"

/* a - b * trunc(a / b), exact; its sign is that of a. */
static inline float tc_fmod_f32(float a, float b)
{
    const uint32_t size = tc_bits_of(a) & 0x7fffffffu;
    const uint32_t divisor = tc_bits_of(b) & 0x7fffffffu;
    if (size >= 0x7f800000u || divisor == 0 || divisor > 0x7f800000u) {
        return TC_NAN;
    }
    if (size < divisor) {
        return a;
    }
    int32_t power;
    int32_t least;
    uint32_t rest = tc_mantissa_f32(size, &power);
    const uint32_t by = tc_mantissa_f32(divisor, &least);
    for (; power > least; power--) {
        rest = (rest >= by ? rest - by : rest) << 1;
    }
    rest = rest >= by ? rest - by : rest;
    if (rest == 0) {
        return tc_signed_f32(0.0f, a);
    }
    for (; rest < 0x00800000u; power--) {
        rest <<= 1;
    }
    rest = power > 0 ? (rest & 0x007fffffu) | (uint32_t)power << 23 : rest >> (1 - power);
    return tc_signed_f32(tc_float_of(rest), a);
}

/* a - b * floor(a / b); its sign is that of b. */
static inline float tc_floor_mod_f32(float a, float b)
{
    const float rest = tc_fmod_f32(a, b);
    const int other = (rest < 0.0f) != (b < 0.0f);
    return (rest < 0.0f || rest > 0.0f) && other ? rest + b : rest;
}

/* floor(a / b), divided in double. */
static inline float tc_floor_div_f32(float a, float b)
{
    const double quotient = (double)a / (double)b;
    if (!(quotient < 9007199254740992.0 && quotient > -9007199254740992.0)) {
        return tc_is_nan((float)quotient) ? TC_NAN : (float)quotient;
    }
    const int64_t cut = (int64_t)quotient;
    return (float)(cut - ((double)cut > quotient));
}

#endif

/* Bytes of ternary sums by Armv7E-M's long multiplication. */
#ifndef TINYC_DSP_TERNARY_H
#define TINYC_DSP_TERNARY_H

#include "tinyc/saturate.h"

/* round((a * b + offset * 2^32) / 2^32), halves up. */
static inline int32_t tc_smmlar(int32_t a, int32_t b, int32_t offset)
{
    int32_t high;
    __asm__("smmlar %0, %1, %2, %3" : "=r"(high) : "r"(a), "r"(b), "r"(offset));
    return high;
}

static inline int8_t tc_byte_dsp(int32_t twice, int32_t multiplier, int32_t offset, int32_t shift)
{
    const int32_t value = tc_smmlar(twice, multiplier, offset + (twice >> 31)) >> (shift - 1);
    return tc_saturate(value >> 1);
}

#endif

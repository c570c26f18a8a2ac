/* Bytes of ternary sums by Armv7E-M's long multiplication. */
#ifndef TINYC_DSP_TERNARY_H
#define TINYC_DSP_TERNARY_H

#include "tinyc/scalar/ternary.h"

#ifdef __ARM_FEATURE_DSP
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

TC_INLINE void tc_finish_ternary_dsp(const int32_t *sums, int32_t n, const tc_ternary_scale *s, int8_t *out,
                                     int32_t pitch)
{
    const int32_t start = 2 * s->start;
    const int32_t multiplier = s->multiplier;
    const int32_t magnitude = 2 * s->magnitude;
    const int32_t shift = s->shift;
    const int32_t offset = (int32_t)((uint32_t)s->zero << (shift - 1));
    for (; n >= 4; n -= 4, sums += 4) {
        out[0] = tc_byte_dsp(start + magnitude * sums[0], multiplier, offset, shift);
        out[pitch] = tc_byte_dsp(start + magnitude * sums[1], multiplier, offset, shift);
        out[2 * pitch] = tc_byte_dsp(start + magnitude * sums[2], multiplier, offset, shift);
        out[3 * pitch] = tc_byte_dsp(start + magnitude * sums[3], multiplier, offset, shift);
        out += 4 * pitch;
    }
    for (; n > 0; n--, out += pitch) {
        *out = tc_byte_dsp(start + magnitude * *sums++, multiplier, offset, shift);
    }
}

/* low + b * c and high + b * c, of the halves of a. */
static inline int32_t tc_smlabb(int32_t a, int32_t b, int32_t c)
{
    int32_t sum;
    __asm__("smlabb %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(c));
    return sum;
}

static inline int32_t tc_smlatb(int32_t a, int32_t b, int32_t c)
{
    int32_t sum;
    __asm__("smlatb %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(c));
    return sum;
}

/* The same of words of two sums; a low one that is negative has taken 1 from the high one. */
TC_INLINE void tc_finish_ternary_pairs_dsp(const int32_t *pairs, int32_t n, const tc_ternary_scale *s, int8_t *out,
                                           int32_t pitch)
{
    const int32_t start = 2 * s->start;
    const int32_t multiplier = s->multiplier;
    const int32_t magnitude = 2 * s->magnitude;
    const int32_t shift = s->shift;
    const int32_t offset = (int32_t)((uint32_t)s->zero << (shift - 1));
    for (; n >= 4; n -= 4, pairs += 2, out += 4 * pitch) {
        out[0] = tc_byte_dsp(tc_smlabb(pairs[0], magnitude, start), multiplier, offset, shift);
        out[pitch] = tc_byte_dsp(tc_smlatb(pairs[0] + 0x8000, magnitude, start), multiplier, offset, shift);
        out[2 * pitch] = tc_byte_dsp(tc_smlabb(pairs[1], magnitude, start), multiplier, offset, shift);
        out[3 * pitch] = tc_byte_dsp(tc_smlatb(pairs[1] + 0x8000, magnitude, start), multiplier, offset, shift);
    }
    for (; n > 0; n -= 2, pairs++, out += 2 * pitch) {
        out[0] = tc_byte_dsp(tc_smlabb(pairs[0], magnitude, start), multiplier, offset, shift);
        if (n > 1) {
            out[pitch] = tc_byte_dsp(tc_smlatb(pairs[0] + 0x8000, magnitude, start), multiplier, offset, shift);
        }
    }
}
#endif

#endif

/* Bytes of sums that span little, by a line of 32 bits: (sum * slope + offset) >> shift, saturated; or, where halves
 * are to be rounded away from zero, by one of two sides, which is a step apart where its level is 0. The compiler has
 * proven the bytes equal to those of the requantization. */
#ifndef TINYC_SCALAR_SHORT_LINE_H
#define TINYC_SCALAR_SHORT_LINE_H

#include "tinyc/kernel.h"
#include "tinyc/saturate.h"

/* By how many bits a level without a sign is shifted to be subtracted from itself: 2^12 less where it is below 0. */
#define TC_SIDES 20

/* level >> the lowest byte of the offset. */
TC_INLINE int32_t tc_line_shift(int32_t level, int32_t offset)
{
#if defined(__arm__)
    /* by the lowest byte of a register */
    __asm__(".syntax unified\n\tasrs %[level], %[level], %[offset]"
            : [level] "+l"(level)
            : [offset] "l"(offset)
            : "cc");
    return level;
#else
    return level >> (offset & 31);
#endif
}

TC_INLINE int8_t tc_line_byte(int32_t byte)
{
#if defined(__arm__)
    return tc_saturate(byte);
#else
    return (int8_t)tc_clamp(byte, INT8_MIN, INT8_MAX);
#endif
}

/* offset: its lowest byte is the shift, in [0, 24]. */
TC_INLINE int8_t tc_short_line(int32_t slope, int32_t offset, uint32_t sum)
{
    return tc_line_byte(tc_line_shift((int32_t)((uint32_t)slope * sum + (uint32_t)offset), offset));
}

/* Of two sides. slope: below 0; below: the zero point less 1, the byte of the least level that is not below 0. */
TC_INLINE int8_t tc_sided_line(int32_t slope, int32_t offset, int32_t below, uint32_t sum)
{
    const uint32_t level = (uint32_t)slope * sum + (uint32_t)offset;
    return tc_line_byte(below - tc_line_shift((int32_t)(level - (level >> TC_SIDES)), offset));
}

#endif

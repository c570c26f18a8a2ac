/* Bytes of sums that span little, by a line of 32 bits: (sum * slope + offset) >> shift, saturated. */
#ifndef TINYC_SCALAR_SHORT_LINE_H
#define TINYC_SCALAR_SHORT_LINE_H

#include "tinyc/kernel.h"
#include "tinyc/saturate.h"

/* offset: its lowest byte is the shift, in [0, 24]. The compiler has proven the bytes equal to those of the
 * requantization. */
TC_INLINE int8_t tc_short_line(int32_t slope, int32_t offset, uint32_t sum)
{
    int32_t level = (int32_t)((uint32_t)slope * sum + (uint32_t)offset);
#if defined(__arm__)
    /* by the lowest byte of a register */
    __asm__(".syntax unified\n\tasrs %[level], %[level], %[offset]"
            : [level] "+l"(level)
            : [offset] "l"(offset)
            : "cc");
    return tc_saturate(level);
#else
    return (int8_t)tc_clamp(level >> (offset & 31), INT8_MIN, INT8_MAX);
#endif
}

#endif

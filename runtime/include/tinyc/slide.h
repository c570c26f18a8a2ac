/* Buffers that slide: steps of a line lie side by side, in order, and move down to make room for more. */
#ifndef TINYC_SLIDE_H
#define TINYC_SLIDE_H

#include <stdint.h>
#include <string.h>

#include "tinyc/kernel.h"

/* The first step that a buffer of `slots` steps holds when `made` have been made, of `steps` in all. */
static inline int32_t tc_slid(int32_t made, int32_t steps, int32_t slots)
{
    return tc_max(0, tc_min(made, steps) - slots);
}

/* Makes room for steps [begin, end), which are made next: the last ones before them move to the start of the buffer.
 * pitch: bytes from step to step. Returns the first step that the buffer holds then. */
static inline int32_t tc_slide(void *buffer, int32_t begin, int32_t end, int32_t slots, int32_t pitch)
{
    const int32_t first = tc_max(0, end - slots);
    const int32_t dropped = first - tc_max(0, begin - slots);
    if (dropped > 0) {
        uint8_t *to = (uint8_t *)buffer;
        const uint8_t *from = to + dropped * pitch;
        int32_t n = (begin - first) * pitch;
        for (; n >= 4; n -= 4, to += 4, from += 4) {
            uint32_t four;
            memcpy(&four, from, sizeof four);
            memcpy(to, &four, sizeof four);
        }
        for (; n > 0; n--) {
            *to++ = *from++;
        }
    }
    return first;
}

#endif

/* Sums and maxima of four channels at a time for Armv7E-M SIMD. */
#ifndef TINYC_DSP_POOL_H
#define TINYC_DSP_POOL_H

#include <arm_acle.h>
#include <string.h>

#include "tinyc/kernel.h"
#include "tinyc/reduce.h"

/* Pixels whose bytes a 16-bit lane can add up. */
enum { TC_LANE_PIXELS = 256 };

static inline uint32_t tc_four_dsp(const int8_t *x)
{
    uint32_t v;
    memcpy(&v, x, 4);
    return v;
}

/* sums[0 .. 4) += four channels of n pixels that are `step` bytes apart. */
static inline void tc_add_four_dsp(int32_t *sums, const int8_t *x, int32_t n, int32_t step)
{
    while (n > 0) {
        int32_t even = 0; /* channels 0 and 2 */
        int32_t odd = 0;  /* channels 1 and 3 */
        for (int32_t left = tc_min(n, TC_LANE_PIXELS); left > 0; left--, x += step) {
            const uint32_t v = tc_four_dsp(x);
            even = __sxtab16(even, (int32_t)v);
            __asm__("sxtab16 %0, %0, %1, ror #8" : "+r"(odd) : "r"(v));
        }
        sums[0] += (int16_t)even;
        sums[1] += (int16_t)odd;
        sums[2] += even >> 16;
        sums[3] += odd >> 16;
        n -= TC_LANE_PIXELS;
    }
}

/* The row's bytes added to the sums; row 0 clears them first. */
static inline void tc_reduce_add_dsp(const tc_reduce_image *p, const int8_t *row, int32_t y, int32_t *sums)
{
    int32_t c = 0;
    if (y == 0) {
        memset(sums, 0, (size_t)p->channels * sizeof *sums);
    }
    for (; c + 4 <= p->channels; c += 4) {
        tc_add_four_dsp(sums + c, row + c, p->width, p->channels);
    }
    for (; c < p->channels; c++) {
        for (int32_t x = 0; x < p->width; x++) {
            sums[c] += row[x * p->channels + c];
        }
    }
}

#endif

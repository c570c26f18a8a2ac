/* Ternary weights as fours: two inputs and two outputs share one multiplication.
 *
 * SMLAD takes a pair of inputs and a word of the weights a + 2^14 b of two outputs, so that a sum is that of a and 2^14
 * times that of b; the former fits 14 bits for up to 63 inputs. A word of flash holds five such fours of weights, as a
 * fraction of 2^32: each multiplication by 81 yields a whole number, which is the next four, and leaves the rest. */
#ifndef TINYC_DSP_FOURS_H
#define TINYC_DSP_FOURS_H

#include "tinyc/kernel.h"

enum {
    TC_FOURS_DSP = 81 /* values of a0 + 3 a1 + 9 b0 + 27 b1, each weight plus 1 */
};

#define TC_FOURS_HALF(a, b) ((uint32_t)((a) + 16384 * (b)) & 0xFFFFu)
#define TC_FOURS_1(a0, a1, b0, b1) TC_FOURS_HALF(a0, b0) | TC_FOURS_HALF(a1, b1) << 16
#define TC_FOURS_3(a1, b0, b1) TC_FOURS_1(-1, a1, b0, b1), TC_FOURS_1(0, a1, b0, b1), TC_FOURS_1(1, a1, b0, b1)
#define TC_FOURS_9(b0, b1) TC_FOURS_3(-1, b0, b1), TC_FOURS_3(0, b0, b1), TC_FOURS_3(1, b0, b1)
#define TC_FOURS_27(b1) TC_FOURS_9(-1, b1), TC_FOURS_9(0, b1), TC_FOURS_9(1, b1)
static const uint32_t tc_fours[TC_FOURS_DSP] = {TC_FOURS_27(-1), TC_FOURS_27(0), TC_FOURS_27(1)};

/* The number of the next four, taken from a word. Assembly, as GCC makes shifts of a multiplication by 81. */
static inline uint32_t tc_next_four(uint32_t *fraction)
{
    uint32_t four;
    uint32_t left = *fraction;
    __asm__("umull %0, %1, %0, %2" : "+&r"(left), "=&r"(four) : "r"(TC_FOURS_DSP));
    *fraction = left;
    return four;
}

#endif

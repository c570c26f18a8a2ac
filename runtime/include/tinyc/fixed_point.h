/* Fixed-point arithmetic of single kernels, bit for bit as the references': Qm.n has m integer and n fraction bits. */
#ifndef TINYC_FIXED_POINT_H
#define TINYC_FIXED_POINT_H

#include "tinyc/kernel.h"

/* x * 2^bits, saturated. bits in [0, 30]. */
static inline int32_t tc_shift_saturated(int32_t x, int32_t bits)
{
    const int32_t limit = INT32_MAX >> bits;
    return x > limit ? INT32_MAX : x < -limit - 1 ? INT32_MIN : (int32_t)((uint32_t)x << bits);
}

/* 1 / (1 + x) as Q0.31 for x in [0, 1) as Q0.31: three Newton-Raphson steps in Q2.29 from 48/17 - 32/17 d. */
static inline int32_t tc_reciprocal_of_one_plus(int32_t x)
{
    const int32_t half_denominator = (int32_t)(((int64_t)x + INT32_MAX + 1) / 2);
    int32_t y = 1515870810 + tc_high_mul(half_denominator, -1010580540);
    for (int32_t i = 0; i < 3; i++) {
        const int32_t rest = (1 << 29) - tc_high_mul(half_denominator, y);
        y += tc_shift_saturated(tc_high_mul(y, rest), 2);
    }
    return tc_shift_saturated(y, 1);
}

/* 32 for 0. */
static inline int32_t tc_leading_zeros(uint32_t x)
{
    int32_t n = 0;
    for (; n < 32 && !(x >> 31); n++) {
        x <<= 1;
    }
    return n;
}

#endif

/* Trits one after the other, five to a byte: those that make no whole code of their output. */
#ifndef TINYC_SCALAR_RESTS_H
#define TINYC_SCALAR_RESTS_H

#include "tinyc/kernel.h"

typedef struct {
    const uint8_t *next;
    uint32_t digits;
    int32_t left;
} tc_rest;

/* The next trit: 0, 1, or 2 for -1. */
static inline uint32_t tc_rest_digit(tc_rest *r)
{
    if (r->left == 0) {
        r->digits = *r->next++;
        r->left = 5;
    }
    const uint32_t quotient = r->digits * 171 >> 9; /* digits / 3 */
    const uint32_t digit = r->digits - 3 * quotient;
    r->digits = quotient;
    r->left--;
    return digit;
}

/* The next `n` trits as a code. */
static inline uint8_t tc_rest_code(tc_rest *r, int32_t n)
{
    uint32_t code = 0;
    for (uint32_t place = 1; n > 0; n--, place *= 3) {
        code += place * tc_rest_digit(r);
    }
    return (uint8_t)code;
}

/* The sum of n inputs by the next trits. */
static inline int32_t tc_rest_sum(tc_rest *r, const int8_t *x, int32_t n)
{
    int32_t sum = 0;
    for (int32_t i = 0; i < n; i++) {
        const uint32_t digit = tc_rest_digit(r);
        sum += digit == 1 ? x[i] : digit == 2 ? -x[i] : 0;
    }
    return sum;
}

#endif

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

/* The next two, the first of which counts 1 and the second 3. */
static inline uint32_t tc_rest_pair(tc_rest *r)
{
    if (r->left < 2) {
        const uint32_t first = tc_rest_digit(r);
        return first + 3 * tc_rest_digit(r);
    }
    const uint32_t quotient = r->digits * 57 >> 9; /* digits / 9 */
    const uint32_t pair = r->digits - 9 * quotient;
    r->digits = quotient;
    r->left -= 2;
    return pair;
}

/* The weights of an output that make no whole code, one to three, as codes: of five outputs a fraction of as many
 * bytes, the highest first, whose multiples by 3^n have a code each. The last fraction has bytes for the outputs that
 * it has. Four weights are twice two, those of all outputs one behind the other. */
typedef struct {
    const uint8_t *next;
    const uint8_t *end;
    uint32_t fraction; /* of 2^24 */
    int32_t left;      /* outputs of the fraction */
    uint32_t radix;
    int32_t bytes;
} tc_rests;

/* The first part of n weights of so many outputs, and where its codes end. */
static inline tc_rests tc_rests_of(const uint8_t *next, int32_t n, int32_t outputs)
{
    const int32_t some = n > 3 ? 2 : n;
    const tc_rests r = {next, next + (some * outputs + 4) / 5, 0, 0, some == 1 ? 3u : some == 2 ? 9u : 27u, some};
    return r;
}

/* The next code of a fraction of 2^32 whose lowest byte is 0. */
static inline uint32_t tc_rests_next(uint32_t *fraction, uint32_t radix)
{
#ifndef __ARM_ARCH_6M__
    const uint64_t product = (uint64_t)*fraction * radix;
    *fraction = (uint32_t)product;
    return (uint32_t)(product >> 32);
#else
    const uint32_t product = (*fraction >> 8) * radix;
    *fraction = product << 8;
    return product >> 24;
#endif
}

/* The code of the next output: its first weight is the lowest digit, 0, 1, or 2 for -1. */
static inline uint32_t tc_rests_code(tc_rests *r)
{
    if (r->left == 0) {
        r->left = 5;
        r->fraction = 0;
        for (int32_t i = 0; i < 3; i++) {
            r->fraction = r->fraction << 8 | (i < r->bytes && r->next != r->end ? *r->next++ : 0);
        }
    }
    r->left--;
    const uint32_t product = r->fraction * r->radix;
    r->fraction = product & 0xFFFFFF;
    return product >> 24;
}

/* The codes of the next five outputs, where the last fraction's are all taken and the next one has five. */
static inline void tc_rests_codes(tc_rests *r, uint32_t codes[5])
{
    uint32_t fraction = (uint32_t)r->next[0] << 24;
    if (r->bytes > 1) {
        fraction |= (uint32_t)r->next[1] << 16;
    }
    if (r->bytes > 2) {
        fraction |= (uint32_t)r->next[2] << 8;
    }
    r->next += r->bytes;
    codes[0] = tc_rests_next(&fraction, r->radix);
    codes[1] = tc_rests_next(&fraction, r->radix);
    codes[2] = tc_rests_next(&fraction, r->radix);
    codes[3] = tc_rests_next(&fraction, r->radix);
    codes[4] = tc_rests_next(&fraction, r->radix);
}

#endif

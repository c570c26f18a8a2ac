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

#endif

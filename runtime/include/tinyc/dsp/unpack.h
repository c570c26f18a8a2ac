/* Ternary weights unpacked to the bytes that kernels of int8 weights read.
 *
 * A word of weights is a digit t0 + 3 t1 + 9 t2 + 27 t3 to the base 81, t = 0, 1, 2 for 0, k, -k; five digits are a
 * fraction of 2^32, the first one the most significant, as four bytes, the highest first. What the digits are no
 * multiple of five comes first, as a fraction of as many bytes as digits. */
#ifndef TINYC_DSP_UNPACK_H
#define TINYC_DSP_UNPACK_H

#include <arm_acle.h>
#include <string.h>

#include "tinyc/kernel.h"

#define TC_SIGN(t) ((t) == 0 ? 0x00u : (t) == 1 ? 0x7Fu : 0xFFu)
#define TC_SIGNS_1(t0, t1, t2, t3) TC_SIGN(t0) | TC_SIGN(t1) << 8 | TC_SIGN(t2) << 16 | TC_SIGN(t3) << 24
#define TC_SIGNS_3(t1, t2, t3) TC_SIGNS_1(0, t1, t2, t3), TC_SIGNS_1(1, t1, t2, t3), TC_SIGNS_1(2, t1, t2, t3)
#define TC_SIGNS_9(t2, t3) TC_SIGNS_3(0, t2, t3), TC_SIGNS_3(1, t2, t3), TC_SIGNS_3(2, t2, t3)
#define TC_SIGNS_27(t3) TC_SIGNS_9(0, t3), TC_SIGNS_9(1, t3), TC_SIGNS_9(2, t3)
/* By digit: 0x7F for a weight of k, 0xFF for -k. */
static const uint32_t tc_signs_dsp[81] = {TC_SIGNS_27(0), TC_SIGNS_27(1), TC_SIGNS_27(2)};

typedef struct {
    const uint8_t *next;
    uint32_t digits;
    int32_t left; /* of the digits */
} tc_packed_dsp;

static inline uint32_t tc_fraction_dsp(const uint8_t *x)
{
    uint32_t word;
    memcpy(&word, x, 4);
    return __builtin_bswap32(word);
}

/* first: digits of the first fraction, in [1, 5]. */
static inline tc_packed_dsp tc_open_dsp(const uint8_t *weights, int32_t first)
{
    const tc_packed_dsp p = {weights + tc_min(first, 4), tc_fraction_dsp(weights), first};
    return p;
}

/* The next word of weights. k: bytes of their magnitudes. */
static inline uint32_t tc_word_dsp(tc_packed_dsp *p, uint32_t k)
{
    if (p->left == 0) {
        p->digits = tc_fraction_dsp(p->next);
        p->next += 4;
        p->left = 5;
    }
    p->left--;
    uint32_t digit;
    uint32_t rest = p->digits;
    __asm__("umull %0, %1, %0, %2" : "+&r"(rest), "=&r"(digit) : "r"(81));
    p->digits = rest;
    const uint32_t signs = tc_signs_dsp[digit];
    const uint32_t ones = (signs >> 7) & 0x01010101u;
    const uint32_t negative = (ones << 8) - ones;
    return __usub8((signs & k) ^ negative, negative);
}

/* Four bytes, the magnitudes of channels a, b, c and d, as { a, b, a, b } and { c, d, c, d }. */
static inline uint32_t tc_lower_two_dsp(uint32_t k) { return (k & 0xFFFF) | k << 16; }
static inline uint32_t tc_upper_two_dsp(uint32_t k) { return (k & 0xFFFF0000u) | k >> 16; }

/* Magnitudes of four channels: those at `each`, or, where that is NULL, `all`. */
static inline uint32_t tc_magnitudes_dsp(const uint8_t *each, int32_t all)
{
    uint32_t k = (uint32_t)all * 0x01010101u;
    if (each) {
        memcpy(&k, each, 4);
    }
    return k;
}

#ifdef TC_MANY_REGISTERS
/* What the assembly of an unpacking loop keeps in memory, in this order. */
typedef struct {
    int32_t *block;
    const uint8_t *next;
    int32_t left;
    uint32_t digits;
    const int32_t *channel;
    const uint8_t *shifts;
    const uint8_t *each; /* magnitudes, or NULL */
    uint32_t magnitudes;
    int32_t count; /* of what the loop makes, at least 1 */
    const uint32_t *table;
    int32_t odd;   /* 1: a block's words are odd in number */
    int32_t bytes; /* of its pairs of words */
    int32_t *end;  /* of these */
} tc_unpack_dsp;

/* r0: the struct, r1: block, r2: next, r3: left, r4: digits, r5: table, r6: 81, r7: 0x01010101, r11: magnitudes,
 * lr: channel. */
#define TC_UNPACK_START_DSP                                                                                            \
    "ldm r0, {r1, r2, r3, r4}\n\t"                                                                                     \
    "ldr lr, [r0, #16]\n\t"                                                                                            \
    "ldr r5, [r0, #36]\n\t"                                                                                            \
    "mov r6, #81\n\t"                                                                                                  \
    "mov.w r7, #0x01010101\n\t"                                                                                        \
    "ldr r11, [r0, #28]\n\t"                                                                                           \
    "1:\n\t"                                                                                                           \
    "ldr r9, [r0, #24]\n\t"                                                                                            \
    "cmp r9, #0\n\t"                                                                                                   \
    "itt ne\n\t"                                                                                                       \
    "ldrne r11, [r9], #4\n\t"                                                                                          \
    "strne r9, [r0, #24]\n\t"
/* The next word of weights in r9; k: a register with their magnitudes. */
#define TC_UNPACK_WORD_DSP(k)                                                                                          \
    "subs r3, r3, #1\n\t"                                                                                              \
    "bpl 7f\n\t"                                                                                                       \
    "ldr r4, [r2], #4\n\t"                                                                                             \
    "rev r4, r4\n\t"                                                                                                   \
    "mov r3, #4\n\t"                                                                                                   \
    "7:\n\t"                                                                                                           \
    "umull r4, r9, r4, r6\n\t"                                                                                         \
    "ldr r9, [r5, r9, lsl #2]\n\t"                                                                                     \
    "and r10, r7, r9, lsr #7\n\t"                                                                                      \
    "and r9, r9, " k "\n\t"                                                                                            \
    "rsb r10, r10, r10, lsl #8\n\t"                                                                                    \
    "eor r9, r9, r10\n\t"                                                                                              \
    "usub8 r9, r9, r10\n\t"
#define TC_UNPACK_STORED_DSP(k) TC_UNPACK_WORD_DSP(k) "str r9, [r1], #4\n\t"
#define TC_UNPACK_COPIED_DSP                                                                                           \
    "ldrd r9, r10, [lr], #8\n\t"                                                                                       \
    "strd r9, r10, [r1], #8\n\t"
/* One less to do: the flags tell whether it was the last. */
#define TC_UNPACK_COUNT_DSP                                                                                            \
    "ldr r9, [r0, #32]\n\t"                                                                                            \
    "subs r9, r9, #1\n\t"                                                                                              \
    "str r9, [r0, #32]\n\t"

/* Runs a loop on the struct. */
#define TC_UNPACK_DSP(u, loop)                                                                                         \
    {                                                                                                                  \
        register tc_unpack_dsp *r0 __asm__("r0") = &(u);                                                               \
        __asm__ volatile(loop "stm r0, {r1, r2, r3, r4}\n\t"                                                           \
                         : "+r"(r0), "+m"(u)                                                                           \
                         :                                                                                             \
                         : "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc",      \
                           "memory");                                                                                  \
    }
#endif

#endif

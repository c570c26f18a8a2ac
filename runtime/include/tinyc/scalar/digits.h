/* Sums by ternary weights in halves of words: a multiplication serves two of five weights, whose code is the place of
 * their words in a table.
 *
 * Weights of -1, 0 and 1 follow each other in a ring of 243 in which every five of them occur once. A word of the table
 * has two neighbours a and b of it, as a + 2^16 b, and the next word the next two, so that the words c, c + 1 and c + 2
 * have the five weights of code c: d0 and d1, d2 and d3, d4. */
#ifndef TINYC_SCALAR_DIGITS_H
#define TINYC_SCALAR_DIGITS_H

#include "tinyc/kernel.h"

enum {
    TC_DIGITS_INPUTS = 255, /* of which the sums fit 16 bits, a multiple of five */
    TC_DIGITS_OUTPUTS = 10  /* at most */
};

#define TC_DIGIT(t) ((t) == 2 ? -1 : (t))
#define TC_DIGITS_1(n) TC_DIGIT((n) / 3) + 65536 * TC_DIGIT((n) % 3)
#define TC_DIGITS_7(a, b, c, d, e, f, g)                                                                               \
    TC_DIGITS_1(a), TC_DIGITS_1(b), TC_DIGITS_1(c), TC_DIGITS_1(d), TC_DIGITS_1(e), TC_DIGITS_1(f), TC_DIGITS_1(g)
static const int32_t tc_digits[245] = {
    TC_DIGITS_7(0, 0, 2, 8, 8, 5, 8), TC_DIGITS_7(6, 8, 7, 5, 8, 3, 8), TC_DIGITS_7(6, 5, 8, 0, 8, 5, 5),
    TC_DIGITS_7(7, 6, 8, 4, 5, 7, 3), TC_DIGITS_7(8, 3, 5, 7, 0, 8, 2), TC_DIGITS_7(5, 6, 6, 8, 1, 5, 6),
    TC_DIGITS_7(3, 8, 0, 5, 6, 0, 7), TC_DIGITS_7(7, 5, 5, 3, 7, 6, 5), TC_DIGITS_7(5, 0, 7, 5, 2, 4, 4),
    TC_DIGITS_7(7, 4, 2, 4, 1, 7, 3), TC_DIGITS_7(2, 3, 6, 7, 1, 5, 3), TC_DIGITS_7(3, 7, 0, 5, 3, 0, 6),
    TC_DIGITS_7(6, 5, 2, 0, 6, 4, 5), TC_DIGITS_7(1, 3, 6, 3, 5, 1, 0), TC_DIGITS_7(6, 1, 5, 0, 3, 6, 0),
    TC_DIGITS_7(5, 0, 0, 4, 4, 3, 4), TC_DIGITS_7(3, 1, 3, 3, 4, 0, 1), TC_DIGITS_7(1, 0, 3, 0, 0, 8, 8),
    TC_DIGITS_7(7, 8, 8, 2, 8, 4, 8), TC_DIGITS_7(7, 2, 8, 1, 8, 6, 2), TC_DIGITS_7(7, 7, 8, 5, 2, 7, 4),
    TC_DIGITS_7(8, 4, 2, 7, 1, 8, 3), TC_DIGITS_7(2, 6, 7, 8, 2, 2, 6), TC_DIGITS_7(4, 8, 1, 2, 6, 1, 8),
    TC_DIGITS_7(0, 2, 5, 4, 7, 7, 2), TC_DIGITS_7(5, 1, 7, 6, 2, 4, 6), TC_DIGITS_7(7, 4, 5, 4, 3, 7, 3),
    TC_DIGITS_7(5, 4, 0, 7, 2, 2, 3), TC_DIGITS_7(4, 7, 1, 2, 3, 1, 7), TC_DIGITS_7(0, 2, 2, 1, 6, 6, 2),
    TC_DIGITS_7(1, 4, 6, 4, 2, 1, 1), TC_DIGITS_7(6, 3, 2, 0, 4, 6, 1), TC_DIGITS_7(2, 0, 1, 6, 0, 1, 4),
    TC_DIGITS_7(4, 1, 4, 0, 4, 1, 1), TC_DIGITS_7(3, 0, 3, 3, 1, 0, 0)};

/* Whole codes of n inputs, up to TC_DIGITS_INPUTS + 4, without a division. */
static inline int32_t tc_digits_codes(int32_t n) { return n * 205 >> 10; }

#if defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_6M__) && !defined(__OPTIMIZE_SIZE__)
/* r0: the inputs' end, r1: less their number, r2: codes, r7: the table. 24 bytes. */
#define TC_DIGITS_INPUT "ldrsb r3, [r0, r1]\n\t"
#define TC_DIGITS_CODE(at, s0, s1, s2)                                                                                 \
    "ldrb r6, [r2, #" at "]\n\t"                                                                                       \
    "lsls r6, r6, #2\n\t"                                                                                              \
    "adds r6, r6, r7\n\t"                                                                                              \
    "ldmia r6, {r4, r5, r6}\n\t"                                                                                       \
    "muls r4, r3, r4\n\t"                                                                                              \
    "muls r5, r3, r5\n\t"                                                                                              \
    "muls r6, r3, r6\n\t"                                                                                              \
    "add " s0 ", " s0 ", r4\n\t"                                                                                       \
    "add " s1 ", " s1 ", r5\n\t"                                                                                       \
    "add " s2 ", " s2 ", r6\n\t"
#define TC_DIGITS_NEXT "adds r1, r1, #1\n\t"
/* Sums start from 2^15 in the lower half, so that none borrows from the upper one. Of n inputs, four at a time; each
 * takes so many bytes of code. */
#define TC_DIGITS_BEGIN(bytes)                                                                                         \
    "movs r4, #3\n\t"                                                                                                  \
    "ands r4, r4, r1\n\t"                                                                                              \
    "movs r5, #" bytes "\n\t"                                                                                          \
    "muls r5, r4, r5\n\t"                                                                                              \
    "adr r6, 2f\n\t"                                                                                                   \
    "adds r5, r5, r6\n\t"                                                                                              \
    "subs r2, r2, r4\n\t"                                                                                              \
    "movs r6, #1\n\t"                                                                                                  \
    "lsls r6, r6, #15\n\t"                                                                                             \
    "mov r8, r6\n\t"                                                                                                   \
    "mov r9, r6\n\t"                                                                                                   \
    "mov r10, r6\n\t"
/* Two sums in a word, and the lower one alone. */
#define TC_DIGITS_TWO(s)                                                                                               \
    "mov r5, " s "\n\t"                                                                                                \
    "uxth r4, r5\n\t"                                                                                                  \
    "subs r4, r4, r6\n\t"                                                                                              \
    "asrs r5, r5, #16\n\t"                                                                                             \
    "stmia r3!, {r4, r5}\n\t"
#define TC_DIGITS_ONE(s)                                                                                               \
    "mov r4, " s "\n\t"                                                                                                \
    "uxth r4, r4\n\t"                                                                                                  \
    "subs r4, r4, r6\n\t"                                                                                              \
    "stmia r3!, {r4}\n\t"
#define TC_DIGITS_SUMS(s0, s1, s2) TC_DIGITS_TWO(s0) TC_DIGITS_TWO(s1) TC_DIGITS_ONE(s2)

/* n inputs, up to TC_DIGITS_INPUTS, times a code each. */
TC_NO_FRAME_POINTER static __attribute__((noinline, unused)) void tc_digits_five(const int8_t *x, int32_t n,
                                                                                 const uint8_t *codes, int32_t *sums)
{
    register const int8_t *end __asm__("r0") = x + n;
    register int32_t left __asm__("r1") = -n;
    register const uint8_t *w __asm__("r2") = codes;
    register const int32_t *table __asm__("r7") = tc_digits;
    __asm__ volatile(".syntax unified\n\t" TC_DIGITS_BEGIN("24") /* */
                     "mov pc, r5\n\t"
                     ".balign 4\n\t"
                     "2:\n\t" TC_DIGITS_INPUT TC_DIGITS_CODE("0", "r8", "r9", "r10")       /* */
                     TC_DIGITS_NEXT TC_DIGITS_INPUT TC_DIGITS_CODE("1", "r8", "r9", "r10") /* */
                     TC_DIGITS_NEXT TC_DIGITS_INPUT TC_DIGITS_CODE("2", "r8", "r9", "r10") /* */
                     TC_DIGITS_NEXT TC_DIGITS_INPUT TC_DIGITS_CODE("3", "r8", "r9", "r10") /* */
                     "adds r2, r2, #4\n\t" TC_DIGITS_NEXT                                  /* */
                     "bne 2b\n\t"
                     "ldr r3, %[sums]\n\t"
                     "movs r6, #1\n\t"
                     "lsls r6, r6, #15\n\t" TC_DIGITS_SUMS("r8", "r9", "r10")
                     : "+r"(end), "+r"(left), "+r"(w)
                     : [sums] "m"(sums), "r"(table)
                     : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "cc", "memory");
}

/* The same of two codes each, one behind the other. */
#define TC_DIGITS_CODES(a, b) TC_DIGITS_CODE(a, "r8", "r9", "r10") TC_DIGITS_CODE(b, "r11", "r12", "lr")
TC_NO_FRAME_POINTER static __attribute__((noinline, unused)) void tc_digits_ten(const int8_t *x, int32_t n,
                                                                                const uint8_t *codes, int32_t *sums)
{
    register const int8_t *end __asm__("r0") = x + n;
    register int32_t left __asm__("r1") = -n;
    register const uint8_t *w __asm__("r2") = codes;
    register const int32_t *table __asm__("r7") = tc_digits;
    __asm__ volatile(".syntax unified\n\t" TC_DIGITS_BEGIN("44") /* */
                     "mov r11, r6\n\t"
                     "mov r12, r6\n\t"
                     "mov lr, r6\n\t"
                     "subs r2, r2, r4\n\t"
                     "mov pc, r5\n\t"
                     ".balign 4\n\t"
                     "2:\n\t" TC_DIGITS_INPUT TC_DIGITS_CODES("0", "1")       /* */
                     TC_DIGITS_NEXT TC_DIGITS_INPUT TC_DIGITS_CODES("2", "3") /* */
                     TC_DIGITS_NEXT TC_DIGITS_INPUT TC_DIGITS_CODES("4", "5") /* */
                     TC_DIGITS_NEXT TC_DIGITS_INPUT TC_DIGITS_CODES("6", "7") /* */
                     "adds r2, r2, #8\n\t" TC_DIGITS_NEXT                     /* */
                     "bne 2b\n\t"
                     "ldr r3, %[sums]\n\t"
                     "movs r6, #1\n\t"
                     "lsls r6, r6, #15\n\t" TC_DIGITS_SUMS("r8", "r9", "r10") TC_DIGITS_SUMS("r11", "r12", "lr")
                     : "+r"(end), "+r"(left), "+r"(w)
                     : [sums] "m"(sums), "r"(table)
                     : "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}

/* Up to four outputs that are left: of every five inputs a code for each. Upper halves have the sums of products with
 * two inputs, exchanged. What is behind the whole fives is a code of the last five inputs, where weights of those
 * before are 0. r0: inputs, r1: codes, r2, r3, r4: the first two inputs, the next two and the last, r12: the table, lr:
 * the inputs' end. */
#define TC_DIGITS_LOAD(to, at) "movs r7, #" at "\n\tldrsb " to ", [r0, r7]\n\t"
#define TC_DIGITS_PAIR(to, a, b)                                                                                       \
    TC_DIGITS_LOAD(to, a) "lsls " to ", " to ", #16\n\t" TC_DIGITS_LOAD("r5", b) "adds " to ", " to ", r5\n\t"
#define TC_DIGITS_REST(at, sum)                                                                                        \
    "ldrb r7, [r1, #" at "]\n\t"                                                                                       \
    "lsls r7, r7, #2\n\t"                                                                                              \
    "add r7, r7, r12\n\t"                                                                                              \
    "ldmia r7, {r5, r6, r7}\n\t"                                                                                       \
    "muls r5, r2, r5\n\t"                                                                                              \
    "muls r6, r3, r6\n\t"                                                                                              \
    "muls r7, r4, r7\n\t"                                                                                              \
    "add " sum ", " sum ", r5\n\t"                                                                                     \
    "add " sum ", " sum ", r6\n\t"                                                                                     \
    "add " sum ", " sum ", r7\n\t"
#define TC_DIGITS_RESTS_1 TC_DIGITS_REST("0", "r8")
#define TC_DIGITS_RESTS_2 TC_DIGITS_RESTS_1 TC_DIGITS_REST("1", "r9")
#define TC_DIGITS_RESTS_3 TC_DIGITS_RESTS_2 TC_DIGITS_REST("2", "r10")
#define TC_DIGITS_RESTS_4 TC_DIGITS_RESTS_3 TC_DIGITS_REST("3", "r11")
/* back: by how much the last five inputs begin before `stop`. sums: four. */
#define TC_DIGITS_RESTS(count)                                                                                         \
    TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_digits_rest_##count(                                  \
        const int8_t *x, const int8_t *stop, int32_t back, const uint8_t *codes, int32_t *sums)                        \
    {                                                                                                                  \
        register const int8_t *in __asm__("r0") = x;                                                                   \
        register const uint8_t *w __asm__("r1") = codes;                                                               \
        register const int8_t *end __asm__("r2") = stop;                                                               \
        register const int32_t *table __asm__("r3") = tc_digits;                                                       \
        __asm__ volatile(".syntax unified\n\t"                                                                         \
                         "mov lr, r2\n\t"                                                                              \
                         "mov r12, r3\n\t"                                                                             \
                         "movs r6, #1\n\t"                                                                             \
                         "lsls r6, r6, #15\n\t"                                                                        \
                         "mov r8, r6\n\t"                                                                              \
                         "mov r9, r6\n\t"                                                                              \
                         "mov r10, r6\n\t"                                                                             \
                         "mov r11, r6\n\t"                                                                             \
                         "b 2f\n\t"                                                                                    \
                         "1:\n\t" TC_DIGITS_PAIR("r2", "0", "1") TC_DIGITS_PAIR("r3", "2", "3")                        \
                             TC_DIGITS_LOAD("r4", "4") /* */                                                           \
                         "lsls r4, r4, #16\n\t" TC_DIGITS_RESTS_##count "adds r0, r0, #5\n\t"                          \
                                                                        "adds r1, r1, #" #count "\n\t"                 \
                                                                        "2:\n\t"                                       \
                                                                        "cmp r0, lr\n\t"                               \
                                                                        "bne 1b\n\t"                                   \
                                                                        "ldr r5, %[back]\n\t"                          \
                                                                        "subs r0, r0, r5\n\t"                          \
                                                                        "movs r6, #5\n\t"                              \
                                                                        "add r6, r6, r0\n\t"                           \
                                                                        "mov lr, r6\n\t"                               \
                                                                        "movs r6, #0\n\t"                              \
                                                                        "str r6, %[back]\n\t"                          \
                                                                        "cmp r5, #0\n\t"                               \
                                                                        "bne 1b\n\t"                                   \
                                                                        "ldr r7, %[sums]\n\t"                          \
                                                                        "mov r3, r8\n\t"                               \
                                                                        "mov r4, r9\n\t"                               \
                                                                        "mov r5, r10\n\t"                              \
                                                                        "mov r6, r11\n\t"                              \
                                                                        "asrs r3, r3, #16\n\t"                         \
                                                                        "asrs r4, r4, #16\n\t"                         \
                                                                        "asrs r5, r5, #16\n\t"                         \
                                                                        "asrs r6, r6, #16\n\t"                         \
                                                                        "stmia r7!, {r3, r4, r5, r6}\n\t"              \
                         : "+r"(in), "+r"(w), "+r"(end), "+r"(table), [back] "+m"(back)                                \
                         : [sums] "m"(sums)                                                                            \
                         : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");             \
    }
TC_DIGITS_RESTS(1)
TC_DIGITS_RESTS(2)
TC_DIGITS_RESTS(3)
TC_DIGITS_RESTS(4)

/* The sums of `count` outputs, 1 to 4, of n inputs, up to TC_DIGITS_INPUTS: [n / 5 rounded up, count] codes. At least
 * five inputs, or as many before x. sums: room for four. */
static inline void tc_digits_rest(const int8_t *x, int32_t n, const uint8_t *codes, int32_t *sums, int32_t count)
{
    const int32_t whole = 5 * tc_digits_codes(n);
    const int8_t *const end = x + whole;
    const int32_t back = n > whole ? whole + 5 - n : 0;
    if (count == 1) {
        tc_digits_rest_1(x, end, back, codes, sums);
    } else if (count == 2) {
        tc_digits_rest_2(x, end, back, codes, sums);
    } else if (count == 3) {
        tc_digits_rest_3(x, end, back, codes, sums);
    } else {
        tc_digits_rest_4(x, end, back, codes, sums);
    }
}
#else
static inline int32_t tc_digits_low(int32_t two) { return (two & 0xFFFF) - 0x8000; }

static inline void tc_digits_fives(const int8_t *x, int32_t n, const uint8_t *codes, int32_t *sums, int32_t count)
{
    for (int32_t i = 0; i < count; i++, sums += 5) {
        int32_t two[3] = {0x8000, 0x8000, 0x8000};
        for (int32_t at = 0; at < n; at++) {
            const int32_t *const words = tc_digits + codes[count * at + i];
            for (int32_t k = 0; k < 3; k++) {
                two[k] += x[at] * words[k];
            }
        }
        sums[0] = tc_digits_low(two[0]);
        sums[1] = two[0] >> 16;
        sums[2] = tc_digits_low(two[1]);
        sums[3] = two[1] >> 16;
        sums[4] = tc_digits_low(two[2]);
    }
}

static inline void tc_digits_five(const int8_t *x, int32_t n, const uint8_t *codes, int32_t *sums)
{
    tc_digits_fives(x, n, codes, sums, 1);
}

static inline void tc_digits_ten(const int8_t *x, int32_t n, const uint8_t *codes, int32_t *sums)
{
    tc_digits_fives(x, n, codes, sums, 2);
}

static inline void tc_digits_rest(const int8_t *x, int32_t n, const uint8_t *codes, int32_t *sums, int32_t count)
{
    for (int32_t i = 0; i < count; i++) {
        sums[i] = 0;
        for (int32_t at = 0; at < n; at += 5) {
            const int8_t *const five = x + tc_min(at, n - 5);
            int32_t digits[5];
            const int8_t one = 1;
            tc_digits_five(&one, 1, codes + at / 5 * count + i, digits);
            for (int32_t k = 0; k < 5; k++) {
                sums[i] += five[k] * digits[k];
            }
        }
    }
}
#endif

#endif

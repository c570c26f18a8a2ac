/* Sums of five taps of two pixels by every ternary code: tables that all output channels share.
 *
 * A code is five weights, t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4, where a t of 0 is the weight 0, 1 is 1 and 2 is -1. A tap
 * is a word, low + 65536 * high, each a byte with its sign, and so is a sum: as long as both of it fit 16 bits, sums of
 * words are the sums of both pixels. A table grows by a tap: behind what there is, all of it plus the tap, and all of
 * it minus that. */
#ifndef TINYC_SCALAR_PAIR_SUMS_H
#define TINYC_SCALAR_PAIR_SUMS_H

#include "tinyc/kernel.h"

/* Words of a table. */
enum { TC_PAIR_SUMS = 243 };

#if defined(TC_MANY_REGISTERS) && defined(__thumb2__)
/* Nine words: r4 to r12. r0: where they come from, r1: where those go that are plus r3, r2: those minus it. */
#define TC_PAIR_SUMS_PLUS                                                                                              \
    "add r4, r4, r3\n\t"                                                                                               \
    "add r5, r5, r3\n\t"                                                                                               \
    "add r6, r6, r3\n\t"                                                                                               \
    "add r7, r7, r3\n\t"                                                                                               \
    "add r8, r8, r3\n\t"                                                                                               \
    "add r9, r9, r3\n\t"                                                                                               \
    "add r10, r10, r3\n\t"                                                                                             \
    "add r11, r11, r3\n\t"                                                                                             \
    "add r12, r12, r3\n\t"                                                                                             \
    "stmia r1!, {r4-r12}\n\t"
#define TC_PAIR_SUMS_MINUS                                                                                             \
    "sub r4, r4, r3, lsl #1\n\t"                                                                                       \
    "sub r5, r5, r3, lsl #1\n\t"                                                                                       \
    "sub r6, r6, r3, lsl #1\n\t"                                                                                       \
    "sub r7, r7, r3, lsl #1\n\t"                                                                                       \
    "sub r8, r8, r3, lsl #1\n\t"                                                                                       \
    "sub r9, r9, r3, lsl #1\n\t"                                                                                       \
    "sub r10, r10, r3, lsl #1\n\t"                                                                                     \
    "sub r11, r11, r3, lsl #1\n\t"                                                                                     \
    "sub r12, r12, r3, lsl #1\n\t"                                                                                     \
    "stmia r2!, {r4-r12}\n\t"
#define TC_PAIR_SUMS_9 "ldmia r0!, {r4-r12}\n\t" TC_PAIR_SUMS_PLUS TC_PAIR_SUMS_MINUS
#define TC_PAIR_SUMS_27 TC_PAIR_SUMS_9 TC_PAIR_SUMS_9 TC_PAIR_SUMS_9
/* taps: five of each of `count` tables; those of the last may lie at its end. */
TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_pair_sums_tables(uint32_t *tables, const uint32_t *taps,
                                                                              int32_t count)
{
    register uint32_t *to __asm__("r0") = tables;
    register const uint32_t *x __asm__("lr") = taps;
    __asm__ volatile("1:\n\t"
                     "ldr r5, [lr]\n\t"
                     "ldr r7, [lr, #4]\n\t"
                     "ldr r3, [lr, #8]\n\t"
                     "mov r4, #0\n\t"
                     "rsb r6, r5, #0\n\t"
                     "add r8, r7, r5\n\t"
                     "sub r9, r7, r5\n\t"
                     "rsb r10, r7, #0\n\t"
                     "sub r11, r5, r7\n\t"
                     "rsb r12, r8, #0\n\t"
                     "stmia r0!, {r4-r12}\n\t"
                     "mov r1, r0\n\t"
                     "add r2, r0, #36\n\t" TC_PAIR_SUMS_PLUS TC_PAIR_SUMS_MINUS "ldr r3, [lr, #12]\n\t"
                     "sub r0, r0, #36\n\t"
                     "mov r1, r2\n\t"
                     "add r2, r2, #108\n\t" TC_PAIR_SUMS_27 "ldr r3, [lr, #16]\n\t"
                     "sub r0, r0, #108\n\t"
                     "mov r1, r2\n\t"
                     "add r2, r2, #324\n\t" TC_PAIR_SUMS_27 TC_PAIR_SUMS_27 TC_PAIR_SUMS_27 "mov r0, r2\n\t"
                     "add lr, lr, #20\n\t"
                     "ldr r3, %[count]\n\t"
                     "subs r3, r3, #1\n\t"
                     "str r3, %[count]\n\t"
                     "bne.w 1b\n\t"
                     : "+r"(to), "+r"(x), [count] "+m"(count)
                     :
                     : "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "cc", "memory");
}
#elif defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_6M__)
/* Three words: r4 to r6. r0: where they come from, r1: where those go that are plus r3, r2: those minus it; r8: twice
 * r3, negative. */
#define TC_PAIR_SUMS_3                                                                                                 \
    "ldmia r0!, {r4, r5, r6}\n\t"                                                                                      \
    "adds r4, r4, r3\n\t"                                                                                              \
    "adds r5, r5, r3\n\t"                                                                                              \
    "adds r6, r6, r3\n\t"                                                                                              \
    "stmia r1!, {r4, r5, r6}\n\t"                                                                                      \
    "add r4, r8\n\t"                                                                                                   \
    "add r5, r8\n\t"                                                                                                   \
    "add r6, r8\n\t"                                                                                                   \
    "stmia r2!, {r4, r5, r6}\n\t"
#define TC_PAIR_SUMS_9 TC_PAIR_SUMS_3 TC_PAIR_SUMS_3 TC_PAIR_SUMS_3
/* Of as many nines as make `words`, which the words behind begin with: those plus and minus a tap. */
static inline void tc_pair_sums_grow(uint32_t *table, int32_t words, uint32_t tap)
{
    register uint32_t *from __asm__("r0") = table;
    register uint32_t *plus __asm__("r1") = table + words;
    register uint32_t *minus __asm__("r2") = table + 2 * words;
    register uint32_t x __asm__("r3") = tap;
    register uint32_t *end __asm__("r9") = table + words;
    __asm__ volatile(".syntax unified\n\t"
                     "rsbs r4, r3, #0\n\t"
                     "adds r4, r4, r4\n\t"
                     "mov r8, r4\n\t"
                     "1:\n\t" TC_PAIR_SUMS_9 "cmp r0, r9\n\t"
                     "bne 1b\n\t"
                     : "+r"(from), "+r"(plus), "+r"(minus)
                     : "r"(x), "r"(end)
                     : "r4", "r5", "r6", "r8", "cc", "memory");
}

TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_pair_sums_tables(uint32_t *tables, const uint32_t *taps,
                                                                              int32_t count)
{
    for (; count > 0; count--, tables += TC_PAIR_SUMS, taps += 5) {
        const uint32_t a = taps[0];
        const uint32_t b = taps[1];
        const uint32_t c = taps[2];
        const uint32_t d = taps[3];
        const uint32_t e = taps[4];
        tables[0] = 0;
        tables[1] = a;
        tables[2] = 0 - a;
        tables[3] = b;
        tables[4] = b + a;
        tables[5] = b - a;
        tables[6] = 0 - b;
        tables[7] = a - b;
        tables[8] = 0 - a - b;
        tc_pair_sums_grow(tables, 9, c);
        tc_pair_sums_grow(tables, 27, d);
        tc_pair_sums_grow(tables, 81, e);
    }
}
#else
/* A word plus the tap, and minus it. */
#define TC_PAIR_SUMS_EACH(i)                                                                                           \
    {                                                                                                                  \
        const uint32_t sum = from[i];                                                                                  \
        plus[i] = sum + x;                                                                                             \
        minus[i] = sum - x;                                                                                            \
    }
#define TC_PAIR_SUMS_EACH_3(i) TC_PAIR_SUMS_EACH(i) TC_PAIR_SUMS_EACH((i) + 1) TC_PAIR_SUMS_EACH((i) + 2)
static __attribute__((noinline)) void tc_pair_sums_tables(uint32_t *tables, const uint32_t *taps, int32_t count)
{
    for (; count > 0; count--, tables += TC_PAIR_SUMS, taps += 5) {
        tables[0] = 0;
        tables[1] = taps[0];
        tables[2] = 0 - taps[0];
        for (int32_t tap = 1, words = 3; tap < 5; tap++, words *= 3) {
            const uint32_t x = taps[tap];
            const uint32_t *from = tables;
            uint32_t *plus = tables + words;
            uint32_t *minus = plus + words;
            TC_PAIR_SUMS_EACH_3(0)
            for (int32_t i = 3; i < words; i += 6) {
                from += 6;
                plus += 6;
                minus += 6;
                TC_PAIR_SUMS_EACH_3(-3)
                TC_PAIR_SUMS_EACH_3(0)
            }
        }
    }
}
#endif

/* Adds to sums, TC_PAIR_SUMS_TOGETHER at a time until `end`, what their codes have in a table, or, named two, in two
 * with two codes each. Returns the next codes. */
#if defined(TC_MANY_REGISTERS) && defined(__thumb__)
#define TC_PAIR_SUMS_OF_1(sum, a, b) TC_PAIR_SUMS_CODE(sum, a, "r0")
#define TC_PAIR_SUMS_OF_2(sum, a, b) TC_PAIR_SUMS_CODE(sum, a, "r0") TC_PAIR_SUMS_CODE(sum, b, "r4")
#ifdef __thumb2__
#define TC_PAIR_SUMS_CODE(sum, at, table)                                                                              \
    "ldrb r7, [r1], #1\n\t"                                                                                            \
    "ldr r7, [" table ", r7, lsl #2]\n\t"                                                                              \
    "add " sum ", " sum ", r7\n\t"
#define TC_PAIR_SUMS_SOME(of, step)                                                                                    \
    "ldmia r2, {r5, r6, r8-r12, lr}\n\t" of("r5", , ) of("r6", , ) of("r8", , ) of("r9", , ) of("r10", , )             \
        of("r11", , ) of("r12", , ) of("lr", , ) "stmia r2!, {r5, r6, r8-r12, lr}\n\t"
#define TC_PAIR_SUMS_CLOBBERED "r8", "r9", "r10", "r11", "r12", "lr",
enum { TC_PAIR_SUMS_TOGETHER = 8 };
#else
enum { TC_PAIR_SUMS_TOGETHER = 4 };
#define TC_PAIR_SUMS_CODE(sum, at, table)                                                                              \
    "ldrb r7, [r1, #" at "]\n\t"                                                                                       \
    "lsls r7, r7, #2\n\t"                                                                                              \
    "ldr r7, [" table ", r7]\n\t"                                                                                      \
    "adds " sum ", " sum ", r7\n\t"
#define TC_PAIR_SUMS_BOTH(codes)                                                                                       \
    "ldr r5, [r2]\n\t"                                                                                                 \
    "ldr r6, [r2, #4]\n\t" codes "stmia r2!, {r5, r6}\n\t"
#define TC_PAIR_SUMS_SOME(of, step) TC_PAIR_SUMS_FOUR_##step(of) "adds r1, #" #step "\n\t"
#define TC_PAIR_SUMS_FOUR_4(of)                                                                                        \
    TC_PAIR_SUMS_BOTH(of("r5", "0", ) of("r6", "1", )) TC_PAIR_SUMS_BOTH(of("r5", "2", ) of("r6", "3", ))
#define TC_PAIR_SUMS_FOUR_8(of)                                                                                        \
    TC_PAIR_SUMS_BOTH(of("r5", "0", "1") of("r6", "2", "3")) TC_PAIR_SUMS_BOTH(of("r5", "4", "5") of("r6", "6", "7"))
#define TC_PAIR_SUMS_CLOBBERED
#endif
#define TC_DEFINE_PAIR_SUMS(name, of, step)                                                                            \
    TC_NO_FRAME_POINTER static __attribute__((noinline)) const uint8_t *name(                                          \
        const uint32_t *tables, const uint8_t *codes, uint32_t *sums, const uint32_t *end)                             \
    {                                                                                                                  \
        register const uint32_t *first __asm__("r0") = tables;                                                         \
        register const uint8_t *w __asm__("r1") = codes;                                                               \
        register uint32_t *to __asm__("r2") = sums;                                                                    \
        register const uint32_t *stop __asm__("r3") = end;                                                             \
        register const uint32_t *second __asm__("r4") = tables + TC_PAIR_SUMS;                                         \
        if (to != stop) {                                                                                              \
            __asm__ volatile(".syntax unified\n\t"                                                                     \
                             "1:\n\t" TC_PAIR_SUMS_SOME(of, step) "cmp r2, r3\n\t"                                     \
                                                                  "bne 1b\n\t"                                         \
                             : "+r"(w), "+r"(to)                                                                       \
                             : "r"(first), "r"(second), "r"(stop)                                                      \
                             : "r5", "r6", "r7", TC_PAIR_SUMS_CLOBBERED "cc", "memory");                               \
        }                                                                                                              \
        return w;                                                                                                      \
    }
TC_DEFINE_PAIR_SUMS(tc_pair_sums_one, TC_PAIR_SUMS_OF_1, 4)
TC_DEFINE_PAIR_SUMS(tc_pair_sums_two, TC_PAIR_SUMS_OF_2, 8)
#else
enum { TC_PAIR_SUMS_TOGETHER = 4 };
#define TC_DEFINE_PAIR_SUMS(name, step, of)                                                                            \
    static __attribute__((noinline)) const uint8_t *name(const uint32_t *tables, const uint8_t *codes, uint32_t *sums, \
                                                         const uint32_t *end)                                          \
    {                                                                                                                  \
        const uint32_t *const second = tables + TC_PAIR_SUMS;                                                          \
        (void)second;                                                                                                  \
        for (; sums != end; codes += 4 * (step), sums += 4) {                                                          \
            sums[0] += of(0);                                                                                          \
            sums[1] += of(1);                                                                                          \
            sums[2] += of(2);                                                                                          \
            sums[3] += of(3);                                                                                          \
        }                                                                                                              \
        return codes;                                                                                                  \
    }
#define TC_PAIR_SUMS_OF_1(i) tables[codes[i]]
#define TC_PAIR_SUMS_OF_2(i) tables[codes[2 * (i)]] + second[codes[2 * (i) + 1]]
TC_DEFINE_PAIR_SUMS(tc_pair_sums_one, 1, TC_PAIR_SUMS_OF_1)
TC_DEFINE_PAIR_SUMS(tc_pair_sums_two, 2, TC_PAIR_SUMS_OF_2)
#endif

/* The same of `count` sums and of one table or two; codes lie sum by sum. */
static __attribute__((noinline)) const uint8_t *tc_pair_sums_add(const uint32_t *tables, int32_t some,
                                                                 const uint8_t *codes, uint32_t *sums, int32_t count)
{
    const uint32_t *const second = tables + TC_PAIR_SUMS;
    uint32_t *const end = sums + count;
    sums += count & -TC_PAIR_SUMS_TOGETHER;
    if (some == 2) {
        codes = tc_pair_sums_two(tables, codes, end - count, sums);
    } else {
        codes = tc_pair_sums_one(tables, codes, end - count, sums);
    }
    for (; sums != end; sums++) {
        *sums += tables[*codes++];
        if (some == 2) {
            *sums += second[*codes++];
        }
    }
    return codes;
}

/* The two sums of a word that has both modulo 2^16. tops: a byte of each, the sum of the parts before divided by 4096,
 * 0 where there are none; what the last part adds is below 61,441. */
static inline void tc_pair_sums_of(uint32_t pair, uint32_t tops, uint32_t *sums)
{
    const uint32_t low = (tops & 0xFF) << 12;
    const uint32_t high = tops >> 8 << 12;
    sums[0] = low + ((pair - low) & 0xFFFF);
    sums[1] = high + ((((pair - sums[0]) >> 16) - high) & 0xFFFF);
}

#endif

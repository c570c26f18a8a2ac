/* Sums by ternary weights in halves of a word: one multiplication serves two outputs.
 *
 * A code is five weights d of -1, 0 and 1 as one byte, d0 + 3 d1 + 9 d2 + 27 d3 + 81 d4. A table has the first four as
 * { d0 + 65536 d1, d2 + 65536 d3 }; the fifth's sum follows from that of the code itself. Sums of 16 bits hold 255
 * inputs. */
#ifndef TINYC_SCALAR_LANES_H
#define TINYC_SCALAR_LANES_H

#include "tinyc/kernel.h"

/* Inputs of which the sums fit 16 bits, a multiple of five. */
enum { TC_LANES_INPUTS = 255 };

#define TC_LANES_WORD(low, high) ((low) + 65536 * (high))
#define TC_LANES_2(a, b, c, d) TC_LANES_WORD(a, b), TC_LANES_WORD(c, d)
#define TC_LANES_6(b, c, d) TC_LANES_2(-1, b, c, d), TC_LANES_2(0, b, c, d), TC_LANES_2(1, b, c, d)
#define TC_LANES_18(c, d) TC_LANES_6(-1, c, d), TC_LANES_6(0, c, d), TC_LANES_6(1, c, d)
#define TC_LANES_54(d) TC_LANES_18(-1, d), TC_LANES_18(0, d), TC_LANES_18(1, d)
#define TC_LANES_162 TC_LANES_54(-1), TC_LANES_54(0), TC_LANES_54(1)
static const int32_t tc_lanes[486] = {TC_LANES_162, TC_LANES_162, TC_LANES_162};
/* The words of code 0. A compiler that saw the table would add its half to every code. */
static inline const int32_t *tc_lanes_of_zero(void)
{
    const int32_t *table = tc_lanes + 242;
#ifdef __GNUC__
    __asm__("" : "+r"(table));
#endif
    return table;
}

/* The sums of a code's five outputs, added to five words. low, high: of its lanes; whole: of the code. */
static inline void tc_lanes_add(int32_t *sums, int32_t low, int32_t high, int32_t whole)
{
    const int32_t a = (int16_t)low;
    const int32_t b = (low - a) >> 16;
    const int32_t c = (int16_t)high;
    const int32_t d = (high - c) >> 16;
    const uint32_t fifth = (uint32_t)(whole - a - 3 * b - 9 * c - 27 * d) * 0x781948B1u; /* 1 / 81 modulo 2^32 */
    sums[0] += a;
    sums[1] += b;
    sums[2] += c;
    sums[3] += d;
    sums[4] += (int32_t)fifth;
}

/* n inputs, up to TC_LANES_INPUTS, times a code each. */
static inline void tc_lanes_five(const int8_t *x, int32_t n, const int8_t *codes, int32_t *sums)
{
    const int32_t *const table = tc_lanes_of_zero();
    int32_t low = 0;
    int32_t high = 0;
    int32_t whole = 0;
    for (const int8_t *const end = x + n; x != end; x++, codes++) {
        const int32_t code = *codes;
        const int32_t *const lanes = table + 2 * code;
        low += *x * lanes[0];
        high += *x * lanes[1];
        whole += *x * code;
    }
    tc_lanes_add(sums, low, high, whole);
}

/* The same of two codes each, one behind the other. */
#if defined(TC_MANY_REGISTERS) && defined(__thumb2__) && !defined(__OPTIMIZE_SIZE__)
#define TC_LANES_CODE(low, high, whole)                                                                                \
    "ldrsb %[code], [%[w]], #1\n\t"                                                                                    \
    "add %[b], %[table], %[code], lsl #3\n\t"                                                                          \
    "ldrd %[a], %[b], [%[b]]\n\t"                                                                                      \
    "mla " whole ", %[input], %[code], " whole "\n\t"                                                                  \
    "mla " low ", %[input], %[a], " low "\n\t"                                                                         \
    "mla " high ", %[input], %[b], " high "\n\t"
#define TC_LANES_SUM(in)
#define TC_LANES_LOOP                                                                                                  \
    {                                                                                                                  \
        int32_t input, code, a, b;                                                                                     \
        __asm__ volatile("1:\n\t"                                                                                      \
                         "ldrsb %[input], [%[x]], #1\n\t" TC_LANES_CODE("%[low0]", "%[high0]", "%[whole0]")            \
                             TC_LANES_CODE("%[low1]", "%[high1]", "%[whole1]") "cmp %[x], %[end]\n\t"                  \
                                                                               "bne 1b\n\t"                            \
                         : [x] "+&r"(x), [w] "+&r"(codes), [low0] "+&r"(low), [high0] "+&r"(high),                     \
                           [whole0] "+&r"(whole), [low1] "+&r"(next_low), [high1] "+&r"(next_high),                    \
                           [whole1] "+&r"(next), [input] "=&r"(input), [code] "=&r"(code), [a] "=&r"(a), [b] "=&r"(b)  \
                         : [table] "r"(table), [end] "r"(x + n)                                                        \
                         : "cc", "memory");                                                                            \
    }
#elif defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_6M__) && !defined(__OPTIMIZE_SIZE__)
#define TC_LANES_CODE(low, high, whole)                                                                                \
    "ldrsb %[code], [%[w], %[i]]\n\t"                                                                                  \
    "lsls %[a], %[code], #3\n\t"                                                                                       \
    "adds %[a], %[a], %[table]\n\t"                                                                                    \
    "ldr %[b], [%[a], #4]\n\t"                                                                                         \
    "ldr %[a], [%[a]]\n\t"                                                                                             \
    "muls %[code], %[input], %[code]\n\t"                                                                              \
    "add " whole ", " whole ", %[code]\n\t"                                                                            \
    "muls %[a], %[input], %[a]\n\t"                                                                                    \
    "add " low ", " low ", %[a]\n\t"                                                                                   \
    "muls %[b], %[input], %[b]\n\t"                                                                                    \
    "add " high ", " high ", %[b]\n\t"
#define TC_LANES_SUM(in) __asm__(in)
#define TC_LANES_LOOP                                                                                                  \
    {                                                                                                                  \
        int32_t input, code, a, b;                                                                                     \
        int32_t i = -n;                                                                                                \
        codes += n;                                                                                                    \
        __asm__ volatile(                                                                                              \
            ".syntax unified\n\t"                                                                                      \
            "1:\n\t"                                                                                                   \
            "ldrsb %[input], [%[x], %[i]]\n\t" TC_LANES_CODE(                                                          \
                "%[low0]", "%[high0]", "%[whole0]") "adds %[w], #1\n\t" TC_LANES_CODE("%[low1]", "%[high1]",           \
                                                                                      "%[whole1]") "adds %[i], #1\n\t" \
                                                                                                   "bne 1b\n\t"        \
            : [i] "+&l"(i), [w] "+&l"(codes), [low0] "+&r"(low), [high0] "+&r"(high), [whole0] "+&r"(whole),           \
              [low1] "+&r"(next_low), [high1] "+&r"(next_high), [whole1] "+&r"(next), [input] "=&l"(input),            \
              [code] "=&l"(code), [a] "=&l"(a), [b] "=&l"(b)                                                           \
            : [table] "l"(table), [x] "l"(x + n)                                                                       \
            : "cc", "memory");                                                                                         \
    }
#else
#define TC_LANES_SUM(in)
#define TC_LANES_LOOP                                                                                                  \
    for (const int8_t *const end = x + n; x != end; x++, codes += 2) {                                                 \
        const int32_t code = codes[0];                                                                                 \
        const int32_t *lanes = table + 2 * code;                                                                       \
        low += *x * lanes[0];                                                                                          \
        high += *x * lanes[1];                                                                                         \
        whole += *x * code;                                                                                            \
        const int32_t second = codes[1];                                                                               \
        lanes = table + 2 * second;                                                                                    \
        next_low += *x * lanes[0];                                                                                     \
        next_high += *x * lanes[1];                                                                                    \
        next += *x * second;                                                                                           \
    }
#endif
TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_lanes_ten(const int8_t *x, int32_t n, const int8_t *codes,
                                                                       int32_t *sums)
{
    const int32_t *const table = tc_lanes_of_zero();
    register int32_t low TC_LANES_SUM("r8") = 0;
    register int32_t high TC_LANES_SUM("r9") = 0;
    register int32_t whole TC_LANES_SUM("r10") = 0;
    register int32_t next_low TC_LANES_SUM("r11") = 0;
    register int32_t next_high TC_LANES_SUM("r12") = 0;
    register int32_t next TC_LANES_SUM("lr") = 0;
    TC_LANES_LOOP
    tc_lanes_add(sums, low, high, whole);
    tc_lanes_add(sums + 5, next_low, next_high, next);
}

/* The sum of n inputs, up to TC_LANES_INPUTS, by codes of five inputs each, `step` bytes apart. */
static inline int32_t tc_lanes_one(const int8_t *x, int32_t n, const int8_t *codes, int32_t step)
{
    const int32_t *const table = tc_lanes_of_zero();
    int32_t sum = 0;
    int32_t pairs = 0; /* in its upper half the sums of four of five; below it those of neighbours exchanged */
    for (; n > 0; n -= 5, x += 5, codes += step) {
        const int32_t code = *codes;
        const int32_t *const lanes = table + 2 * code;
        const int32_t last = n > 4 ? x[4] : 0;
        const int32_t second = n > 1 ? x[1] : 0;
        const int32_t third = n > 2 ? x[2] : 0;
        const int32_t fourth = n > 3 ? x[3] : 0;
        pairs = tc_mac(pairs, second + 65536 * x[0], lanes[0]);
        pairs = tc_mac(pairs, fourth + 65536 * third, lanes[1]);
        sum += last * ((code > 40) - (code < -40));
    }
    return sum + ((pairs - (int16_t)pairs) >> 16);
}

#endif

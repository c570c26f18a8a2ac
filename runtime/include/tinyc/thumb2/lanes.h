/* Sums by ternary weights in parts of words: a multiplication serves two or three outputs.
 *
 * A code is five weights d of -1, 0 and 1 as one byte, d0 + 3 d1 + 9 d2 + 27 d3 + 81 d4, of five outputs of one input.
 * A table has them as d0 + 2^15 d1 + 2^30 d2, whose products are added up in 64 bits, and d3 + 2^16 d4. */
#ifndef TINYC_THUMB2_LANES_H
#define TINYC_THUMB2_LANES_H

#include "tinyc/kernel.h"

/* Inputs of which the sums fit 15 bits, a multiple of five. */
enum { TC_LANES_INPUTS = 125 };

#define TC_LANES_1(a, b, c, d, e) (a) + 32768 * (b) + 1073741824 * (c), (d) + 65536 * (e)
#define TC_LANES_3(b, c, d, e) TC_LANES_1(-1, b, c, d, e), TC_LANES_1(0, b, c, d, e), TC_LANES_1(1, b, c, d, e)
#define TC_LANES_9(c, d, e) TC_LANES_3(-1, c, d, e), TC_LANES_3(0, c, d, e), TC_LANES_3(1, c, d, e)
#define TC_LANES_27(d, e) TC_LANES_9(-1, d, e), TC_LANES_9(0, d, e), TC_LANES_9(1, d, e)
#define TC_LANES_81(e) TC_LANES_27(-1, e), TC_LANES_27(0, e), TC_LANES_27(1, e)
static const int32_t tc_lanes[486] = {TC_LANES_81(-1), TC_LANES_81(0), TC_LANES_81(1)};
/* The words of code 0. A compiler that saw the table would add its half to every code. */
static inline const int32_t *tc_lanes_of_zero(void)
{
    const int32_t *table = tc_lanes + 242;
#ifdef __GNUC__
    __asm__("" : "+r"(table));
#endif
    return table;
}

/* The signed lowest 15 bits. */
static inline int32_t tc_lanes_low(uint32_t x) { return (int32_t)(x << 17) >> 17; }

/* x without its signed lowest 15 bits. */
static inline int64_t tc_lanes_up(int64_t x) { return (x - tc_lanes_low((uint32_t)x)) >> 15; }

/* The sum of the upper half of a word. */
static inline int32_t tc_lanes_half(int32_t x) { return (x - (int16_t)x) >> 16; }

/* The sums of a code's five outputs. */
static inline void tc_lanes_store(int32_t *sums, int64_t three, int32_t two)
{
    const int64_t up = tc_lanes_up(three);
    sums[0] = tc_lanes_low((uint32_t)three);
    sums[1] = tc_lanes_low((uint32_t)up);
    sums[2] = (int32_t)tc_lanes_up(up);
    sums[3] = (int16_t)two;
    sums[4] = tc_lanes_half(two);
}

/* sum + a * b */
static inline int64_t tc_smlal(int64_t sum, int32_t a, int32_t b)
{
#ifdef __thumb2__ /* GCC makes three multiplications of it */
    __asm__("smlal %Q0, %R0, %1, %2" : "+r"(sum) : "r"(a), "r"(b));
    return sum;
#else
    return sum + (int64_t)a * b;
#endif
}

/* n inputs, up to TC_LANES_INPUTS, times a code each. */
static inline void tc_lanes_five(const int8_t *x, int32_t n, const int8_t *codes, int32_t *sums)
{
    const int32_t *const table = tc_lanes_of_zero();
    int64_t three = 0;
    int32_t two = 0;
    for (const int8_t *const end = x + n; x != end; x++, codes++) {
        const int32_t *const lanes = table + 2 * *codes;
        three = tc_smlal(three, *x, lanes[0]);
        two += *x * lanes[1];
    }
    tc_lanes_store(sums, three, two);
}

/* The same of two codes each, one behind the other. */
#if defined(TC_MANY_REGISTERS) && defined(__thumb2__) && !defined(__OPTIMIZE_SIZE__)
#define TC_LANES_CODE(low, high, two)                                                                                  \
    "ldrsb %[b], [%[w]], #1\n\t"                                                                                       \
    "add.w %[b], %[table], %[b], lsl #3\n\t"                                                                           \
    "ldrd %[a], %[b], [%[b]]\n\t"                                                                                      \
    "smlal " low ", " high ", %[input], %[a]\n\t"                                                                      \
    "mla " two ", %[input], %[b], " two "\n\t"
/* 44 bytes. */
#define TC_LANES_INPUT                                                                                                 \
    "ldrsb %[input], [%[x]], #1\n\t" TC_LANES_CODE("%[low0]", "%[high0]", "%[two0]")                                   \
        TC_LANES_CODE("%[low1]", "%[high1]", "%[two1]")
TC_NO_FRAME_POINTER static __attribute__((noinline, unused)) void tc_lanes_ten(const int8_t *x, int32_t n,
                                                                               const int8_t *codes, int32_t *sums)
{
    uint32_t low0 = 0;
    uint32_t low1 = 0;
    int32_t high0 = 0;
    int32_t high1 = 0;
    int32_t two0 = 0;
    int32_t two1 = 0;
    int32_t input, a, b;
    __asm__ volatile(
        "adr.w %[a], 1f\n\t"
        "rsb %[b], %[n], #0\n\t"
        "and %[b], %[b], #3\n\t"
        "mov %[input], #44\n\t"
        "mla %[a], %[b], %[input], %[a]\n\t"
        "orr %[a], %[a], #1\n\t"
        "add.w %[n], %[n], %[x]\n\t"
        "bx %[a]\n\t"
        ".balign 4\n\t"
        "1:\n\t" TC_LANES_INPUT TC_LANES_INPUT TC_LANES_INPUT TC_LANES_INPUT /* */
        "cmp %[x], %[n]\n\t"
        "bne 1b\n\t"
        : [x] "+&r"(x), [w] "+&r"(codes), [n] "+&r"(n), [low0] "+&r"(low0), [high0] "+&r"(high0), [two0] "+&r"(two0),
          [low1] "+&r"(low1), [high1] "+&r"(high1), [two1] "+&r"(two1), [input] "=&r"(input), [a] "=&r"(a), [b] "=&r"(b)
        : [table] "r"(tc_lanes_of_zero())
        : "cc", "memory");
    tc_lanes_store(sums, (int64_t)((uint64_t)(uint32_t)high0 << 32 | low0), two0);
    tc_lanes_store(sums + 5, (int64_t)((uint64_t)(uint32_t)high1 << 32 | low1), two1);
}
#else
static inline void tc_lanes_ten(const int8_t *x, int32_t n, const int8_t *codes, int32_t *sums)
{
    const int32_t *const table = tc_lanes_of_zero();
    int64_t three[2] = {0, 0};
    int32_t two[2] = {0, 0};
    for (const int8_t *const end = x + n; x != end; x++, codes += 2) {
        for (int32_t i = 0; i < 2; i++) {
            const int32_t *const lanes = table + 2 * codes[i];
            three[i] = tc_smlal(three[i], *x, lanes[0]);
            two[i] += *x * lanes[1];
        }
    }
    tc_lanes_store(sums, three[0], two[0]);
    tc_lanes_store(sums + 5, three[1], two[1]);
}
#endif

/* Of one output by codes of five inputs: products whose second lanes are sums, with the first two inputs exchanged;
 * whose third are, with the third input; and again whose second are, with the last two exchanged. */
typedef struct {
    int32_t first;
    int64_t third;
    int32_t last;
} tc_lanes_of_one;

/* x: of a code. */
static inline void tc_lanes_inputs(tc_lanes_of_one *s, const int8_t *x, const int32_t *lanes)
{
    s->first = tc_mac(s->first, x[1] + 32768 * x[0], lanes[0]);
    s->third = tc_smlal(s->third, x[2], lanes[0]);
    s->last = tc_mac(s->last, x[4] + 65536 * x[3], lanes[1]);
}

/* The sums of `count` outputs, 1 to 4, of n inputs, up to TC_LANES_INPUTS: [n / 5 rounded up, count] codes. */
static inline void tc_lanes_rest(const int8_t *x, int32_t n, const int8_t *codes, int32_t *sums, int32_t count)
{
    const int32_t *const table = tc_lanes_of_zero();
    const int8_t *const end = x + n - n % 5;
    int8_t last[5] = {0, 0, 0, 0, 0};
    for (int32_t i = 0; i < n % 5; i++) {
        last[i] = end[i];
    }
    for (int32_t i = 0; i < count; i++) {
        const int8_t *w = codes + i;
        tc_lanes_of_one s = {0, 0, 0};
        for (const int8_t *at = x; at != end; at += 5, w += count) {
            tc_lanes_inputs(&s, at, table + 2 * *w);
        }
        if (end != x + n) {
            tc_lanes_inputs(&s, last, table + 2 * *w);
        }
        sums[i] = tc_lanes_low((uint32_t)tc_lanes_up(s.first)) + (int32_t)tc_lanes_up(tc_lanes_up(s.third)) +
                  tc_lanes_half(s.last);
    }
}

#endif

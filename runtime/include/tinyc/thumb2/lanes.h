/* Sums by ternary weights in parts of words: a multiplication serves two or three outputs.
 *
 * A code is five weights d of -1, 0 and 1 as one byte, d0 + 3 d1 + 9 d2 + 27 d3 + 81 d4, of five outputs of one input.
 * A table has them as d0 + 2^15 d1 + 2^30 d2, whose products are added up in 64 bits, and d3 + 2^16 d4. */
#ifndef TINYC_THUMB2_LANES_H
#define TINYC_THUMB2_LANES_H

#include "tinyc/scalar/ternary_bytes.h"

/* 1 where a kernel makes no bytes by lines. */
#ifndef TC_LANES_TWICE
#define TC_LANES_TWICE 0
#endif

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

/* What sums in lanes start from, so that only the uppermost may be negative. */
enum { TC_LANES_THREE = 0x20004000, TC_LANES_TWO = 0x8000 };

static inline int32_t tc_lanes_first(uint32_t low) { return (int32_t)(low & 0x7FFF) - 0x4000; }

static inline int32_t tc_lanes_second(uint32_t low) { return (int32_t)(low >> 15 & 0x7FFF) - 0x4000; }

static inline int32_t tc_lanes_third(uint32_t low, int32_t high) { return (int32_t)((uint32_t)high << 2 | low >> 30); }

static inline int32_t tc_lanes_half(int32_t two) { return (two & 0xFFFF) - TC_LANES_TWO; }

/* Some outputs of a vector, or of a part of its inputs. */
typedef struct {
    const int8_t *x;
    int32_t n;       /* inputs */
    const int8_t *w; /* their codes */
    int32_t *sums;   /* where sums go; NULL: bytes are made of them */
    int32_t left;    /* as in tc_ternary_vector */
    int32_t shift;
    const int32_t *channel; /* slope and offset of each */
    int8_t *out;
} tc_lanes_block;

#if defined(TC_MANY_REGISTERS) && defined(__thumb2__) && !defined(__OPTIMIZE_SIZE__)
#define TC_LANES_ASSEMBLY
#endif

/* Where the bytes of a block go, and what they are made by. */
typedef struct {
    const int32_t *channel;
    int8_t *out;
    int32_t left;
    int32_t shift;
} tc_lanes_bytes;

static inline tc_lanes_bytes tc_lanes_next(tc_lanes_block *b, int32_t count)
{
    const tc_lanes_bytes to = {b->channel, b->out, b->left, b->shift};
    b->channel += 2 * count;
    b->out += count;
    return to;
}

/* The byte of an output; at: a constant. */
TC_INLINE void tc_lanes_byte(const tc_lanes_bytes *to, int32_t at, int32_t sum)
{
#ifdef TC_LANES_ASSEMBLY
    int32_t slope, offset;
    __asm__ volatile("ldrd %[slope], %[offset], [%[channel], %[pair]]\n\t"
                     "lsl %[sum], %[sum], %[left]\n\t"
                     "smull %[slope], %[sum], %[slope], %[sum]\n\t"
                     "add %[sum], %[sum], %[offset]\n\t"
                     "asr %[sum], %[sum], %[shift]\n\t"
                     "ssat %[sum], #8, %[sum]\n\t"
                     "strb %[sum], [%[out], %[at]]\n\t"
                     : [sum] "+&r"(sum), [slope] "=&r"(slope), [offset] "=&r"(offset)
                     : [channel] "r"(to->channel), [left] "r"(to->left), [shift] "r"(to->shift), [out] "r"(to->out),
                       [pair] "i"(8 * at), [at] "i"(at)
                     : "memory");
#else
    to->out[at] = tc_line_byte(sum, to->channel + 2 * at, to->left, to->shift);
#endif
}

/* Five of a code, from an output on; low, high: of the three. */
TC_INLINE void tc_lanes_five_sums(int32_t *sums, uint32_t low, int32_t high, int32_t two)
{
    sums[0] = tc_lanes_first(low);
    sums[1] = tc_lanes_second(low);
    sums[2] = tc_lanes_third(low, high);
    sums[3] = tc_lanes_half(two);
    sums[4] = two >> 16;
}

TC_INLINE void tc_lanes_five_bytes(const tc_lanes_bytes *to, int32_t at, uint32_t low, int32_t high, int32_t two)
{
    tc_lanes_byte(to, at, tc_lanes_first(low));
    tc_lanes_byte(to, at + 1, tc_lanes_second(low));
    tc_lanes_byte(to, at + 2, tc_lanes_third(low, high));
    tc_lanes_byte(to, at + 3, tc_lanes_half(two));
    tc_lanes_byte(to, at + 4, two >> 16);
}

/* sums: those of `count` outputs, up to four, a constant at every call. */
TC_INLINE void tc_lanes_finish(tc_lanes_block *b, const int32_t *sums, int32_t count)
{
    if (TC_LANES_TWICE || b->sums) {
        for (int32_t i = 0; i < count; i++) {
            b->sums[i] = sums[i];
        }
        return;
    }
    const tc_lanes_bytes to = tc_lanes_next(b, count);
    tc_lanes_byte(&to, 0, sums[0]);
    if (count > 1) {
        tc_lanes_byte(&to, 1, sums[1]);
    }
    if (count > 2) {
        tc_lanes_byte(&to, 2, sums[2]);
    }
    if (count > 3) {
        tc_lanes_byte(&to, 3, sums[3]);
    }
}

#ifdef TC_LANES_ASSEMBLY
/* The words of the next code. */
#define TC_LANES_NEXT                                                                                                  \
    "ldrsb %[b], [%[w]], #1\n\t"                                                                                       \
    "add.w %[b], %[table], %[b], lsl #3\n\t"                                                                           \
    "ldrd %[a], %[b], [%[b]]\n\t"
#define TC_LANES_CODE(low, high, two)                                                                                  \
    TC_LANES_NEXT                                                                                                      \
    "smlal " low ", " high ", %[input], %[a]\n\t"                                                                      \
    "mla " two ", %[input], %[b], " two "\n\t"
/* Of n inputs, eight at a time; each takes so many bytes of code. */
#define TC_LANES_EACH(bytes, input)                                                                                    \
    "adr.w %[a], 1f + 1\n\t"                                                                                           \
    "rsb %[b], %[n], #0\n\t"                                                                                           \
    "and %[b], %[b], #7\n\t"                                                                                           \
    "mov %[input], #" bytes "\n\t"                                                                                     \
    "mla %[a], %[b], %[input], %[a]\n\t"                                                                               \
    "add.w %[n], %[n], %[x]\n\t"                                                                                       \
    "bx %[a]\n\t"                                                                                                      \
    ".balign 4\n\t"                                                                                                    \
    "1:\n\t" input input input input input input input input "cmp %[x], %[n]\n\t"                                      \
    "bne 1b\n\t"

/* Five outputs: the inputs times a code each. */
TC_NO_FRAME_POINTER static __attribute__((noinline, unused)) void tc_lanes_five(tc_lanes_block *b)
{
    const int8_t *x = b->x;
    const int8_t *w = b->w;
    int32_t n = b->n;
    uint32_t low = TC_LANES_THREE;
    int32_t high = 0;
    int32_t two = TC_LANES_TWO;
    int32_t input, c, d;
    __asm__ volatile(TC_LANES_EACH("24", "ldrsb %[input], [%[x]], #1\n\t" TC_LANES_CODE("%[low]", "%[high]", "%[two]"))
                     : [x] "+&r"(x), [w] "+&r"(w), [n] "+&r"(n), [low] "+&r"(low), [high] "+&r"(high), [two] "+&r"(two),
                       [input] "=&r"(input), [a] "=&r"(c), [b] "=&r"(d)
                     : [table] "r"(tc_lanes_of_zero())
                     : "cc", "memory");
    b->w = w;
    if (TC_LANES_TWICE || b->sums) {
        tc_lanes_five_sums(b->sums, low, high, two);
    } else {
        const tc_lanes_bytes to = tc_lanes_next(b, 5);
        tc_lanes_five_bytes(&to, 0, low, high, two);
    }
}

/* Ten: two codes each, one behind the other. */
TC_NO_FRAME_POINTER static __attribute__((noinline, unused)) void tc_lanes_ten(tc_lanes_block *b)
{
    const int8_t *x = b->x;
    const int8_t *w = b->w;
    int32_t n = b->n;
    uint32_t low0 = TC_LANES_THREE;
    uint32_t low1 = TC_LANES_THREE;
    int32_t high0 = 0;
    int32_t high1 = 0;
    int32_t two0 = TC_LANES_TWO;
    int32_t two1 = TC_LANES_TWO;
    int32_t input, c, d;
    __asm__ volatile(
        TC_LANES_EACH("44", "ldrsb %[input], [%[x]], #1\n\t" TC_LANES_CODE("%[low0]", "%[high0]", "%[two0]")
                                TC_LANES_CODE("%[low1]", "%[high1]", "%[two1]"))
        : [x] "+&r"(x), [w] "+&r"(w), [n] "+&r"(n), [low0] "+&r"(low0), [high0] "+&r"(high0), [two0] "+&r"(two0),
          [low1] "+&r"(low1), [high1] "+&r"(high1), [two1] "+&r"(two1), [input] "=&r"(input), [a] "=&r"(c), [b] "=&r"(d)
        : [table] "r"(tc_lanes_of_zero())
        : "cc", "memory");
    b->w = w;
    if (TC_LANES_TWICE || b->sums) {
        tc_lanes_five_sums(b->sums, low0, high0, two0);
        tc_lanes_five_sums(b->sums + 5, low1, high1, two1);
    } else {
        const tc_lanes_bytes to = tc_lanes_next(b, 10);
        tc_lanes_five_bytes(&to, 0, low0, high0, two0);
        tc_lanes_five_bytes(&to, 5, low1, high1, two1);
    }
}
#else
/* The sums of `count` codes for each of n inputs. */
static inline void tc_lanes_fives(const int8_t *x, int32_t n, const int8_t *codes, int32_t *sums, int32_t count)
{
    const int32_t *const table = tc_lanes_of_zero();
    for (int32_t i = 0; i < count; i++, sums += 5) {
        int64_t three = TC_LANES_THREE;
        int32_t two = TC_LANES_TWO;
        for (int32_t at = 0; at < n; at++) {
            const int32_t *const lanes = table + 2 * codes[count * at + i];
            three += (int64_t)x[at] * lanes[0];
            two += x[at] * lanes[1];
        }
        tc_lanes_five_sums(sums, (uint32_t)three, (int32_t)(three >> 32), two);
    }
}

/* count: of codes for an input, 1 or 2. */
static inline void tc_lanes_codes_of(tc_lanes_block *b, int32_t count)
{
    int32_t sums[10];
    tc_lanes_fives(b->x, b->n, b->w, b->sums ? b->sums : sums, count);
    b->w += count * b->n;
    if (!b->sums) {
        const tc_lanes_bytes to = tc_lanes_next(b, 5 * count);
        for (int32_t i = 0; i < 5 * count; i++) {
            tc_lanes_byte(&to, i, sums[i]);
        }
    }
}

static inline void tc_lanes_five(tc_lanes_block *b) { tc_lanes_codes_of(b, 1); }

static inline void tc_lanes_ten(tc_lanes_block *b) { tc_lanes_codes_of(b, 2); }
#endif

/* Whole codes of n inputs, up to 255, without a division. */
static inline int32_t tc_lanes_codes(int32_t n) { return n * 205 >> 10; }

/* Up to four outputs that are left: of every five inputs a code for each, whose digits are weights of several of them.
 *
 * One: d0 to d4 are of inputs 0 to 4. Two, A and B: A0 B0 A4 A1 B1; A2 B2 B4 A3 B3. Three: A0 B0 C0 A3 B3;
 * A1 B1 C1 A4 B4; A2 B2 C2 C3 C4. Four: A0 B0 C0 D0 D1; A1 B1 C1 D2 D3; A2 B2 C2 A4 B4; A3 B3 C3 C4 D4.
 * Where two lanes of a word are of one output, its sum is the upper one of products with both inputs, exchanged.
 * What is behind the whole fives is a code of the last five inputs, where weights of those before are 0. */
#ifdef TC_LANES_ASSEMBLY
#define TC_LANES_FIVES(body)                                                                                           \
    "b 2f\n\t"                                                                                                         \
    "1:\n\t" body "2:\n\t"                                                                                             \
    "cmp %[x], %[end]\n\t"                                                                                             \
    "bne 1b\n\t"                                                                                                       \
    "ldr %[end], %[stop]\n\t"                                                                                          \
    "cmp %[x], %[end]\n\t"                                                                                             \
    "beq 3f\n\t"                                                                                                       \
    "sub %[x], %[end], #5\n\t"                                                                                         \
    "b 1b\n\t"                                                                                                         \
    "3:\n\t"
#define TC_LANES_OPERANDS                                                                                              \
    [x] "+&r"(x), [end] "+&r"(end), [w] "+&r"(w), [a] "=&l"(a), [b] "=&r"(b), [c] "=&r"(c), [d] "=&r"(d)
/* end: of whole fives; stop: of all inputs. */
#define TC_LANES_BEGIN                                                                                                 \
    const int8_t *x = t->x;                                                                                            \
    const int8_t *w = t->w;                                                                                            \
    const int8_t *end = x + 5 * tc_lanes_codes(t->n);                                                                  \
    const int8_t *const stop = x + t->n;                                                                               \
    int32_t a, b, c, d;

TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_lanes_rest_1(tc_lanes_block *t)
{
    TC_LANES_BEGIN
    int32_t first = TC_LANES_THREE;
    int32_t last = TC_LANES_TWO;
    uint32_t low = TC_LANES_THREE;
    int32_t high = 0;
    __asm__ volatile(TC_LANES_FIVES("ldrsb %[c], [%[x]], #5\n\t"
                                    "ldrsb %[d], [%[x], #-4]\n\t" TC_LANES_NEXT /* */
                                    "add.w %[c], %[d], %[c], lsl #15\n\t"
                                    "mla %[first], %[c], %[a], %[first]\n\t"
                                    "ldrsb %[c], [%[x], #-3]\n\t"
                                    "smlal %[low], %[high], %[c], %[a]\n\t"
                                    "ldrsb %[c], [%[x], #-2]\n\t"
                                    "ldrsb %[d], [%[x], #-1]\n\t"
                                    "add.w %[c], %[d], %[c], lsl #16\n\t"
                                    "mla %[last], %[c], %[b], %[last]\n\t")
                     : TC_LANES_OPERANDS, [first] "+&r"(first), [last] "+&r"(last), [low] "+&r"(low), [high] "+&r"(high)
                     : [table] "r"(tc_lanes_of_zero()), [stop] "m"(stop)
                     : "cc", "memory");
    const int32_t sum = tc_lanes_second((uint32_t)first) + tc_lanes_third(low, high) + (last >> 16);
    t->w = w;
    tc_lanes_finish(t, &sum, 1);
}

TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_lanes_rest_2(tc_lanes_block *t)
{
    TC_LANES_BEGIN
    int32_t first = TC_LANES_THREE;
    int32_t last = TC_LANES_TWO;
    uint32_t low0 = TC_LANES_THREE;
    uint32_t low1 = TC_LANES_THREE;
    int32_t high0 = 0;
    int32_t high1 = 0;
    __asm__ volatile(TC_LANES_FIVES("ldrsb %[c], [%[x]], #5\n\t"
                                    "ldrsb %[d], [%[x], #-1]\n\t" TC_LANES_NEXT /* */
                                    "mla %[first], %[c], %[a], %[first]\n\t"
                                    "smlal %[low0], %[high0], %[d], %[a]\n\t"
                                    "ldrsb %[c], [%[x], #-4]\n\t"
                                    "mla %[last], %[c], %[b], %[last]\n\t" TC_LANES_NEXT /* */
                                    "ldrsb %[c], [%[x], #-3]\n\t"
                                    "mla %[first], %[c], %[a], %[first]\n\t"
                                    "smlal %[low1], %[high1], %[d], %[a]\n\t"
                                    "ldrsb %[c], [%[x], #-2]\n\t"
                                    "mla %[last], %[c], %[b], %[last]\n\t")
                     : TC_LANES_OPERANDS, [first] "+&r"(first), [last] "+&r"(last), [low0] "+&r"(low0),
                       [high0] "+&r"(high0), [low1] "+&r"(low1), [high1] "+&r"(high1)
                     : [table] "r"(tc_lanes_of_zero()), [stop] "m"(stop)
                     : "cc", "memory");
    const int32_t sums[2] = {tc_lanes_first((uint32_t)first) + tc_lanes_third(low0, high0) + tc_lanes_half(last),
                             tc_lanes_second((uint32_t)first) + tc_lanes_third(low1, high1) + (last >> 16)};
    t->w = w;
    tc_lanes_finish(t, sums, 2);
}

TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_lanes_rest_3(tc_lanes_block *t)
{
    TC_LANES_BEGIN
    uint32_t low = TC_LANES_THREE;
    int32_t high = 0;
    int32_t two = TC_LANES_TWO;
    int32_t one = TC_LANES_TWO;
    int32_t e;
    __asm__ volatile(
        TC_LANES_FIVES("ldrsb %[c], [%[x]], #5\n\t"
                       "ldrsb %[d], [%[x], #-2]\n\t"
                       "ldrsb %[e], [%[x], #-1]\n\t" TC_LANES_NEXT /* */
                       "smlal %[low], %[high], %[c], %[a]\n\t"
                       "mla %[two], %[d], %[b], %[two]\n\t"
                       "ldrsb %[c], [%[x], #-4]\n\t" TC_LANES_NEXT /* */
                       "smlal %[low], %[high], %[c], %[a]\n\t"
                       "mla %[two], %[e], %[b], %[two]\n\t"
                       "ldrsb %[c], [%[x], #-3]\n\t" TC_LANES_NEXT /* */
                       "smlal %[low], %[high], %[c], %[a]\n\t"
                       "add.w %[e], %[e], %[d], lsl #16\n\t"
                       "mla %[one], %[e], %[b], %[one]\n\t")
        : TC_LANES_OPERANDS, [e] "=&r"(e), [low] "+&r"(low), [high] "+&r"(high), [two] "+&r"(two), [one] "+&r"(one)
        : [table] "r"(tc_lanes_of_zero()), [stop] "m"(stop)
        : "cc", "memory");
    const int32_t sums[3] = {tc_lanes_first(low) + tc_lanes_half(two), tc_lanes_second(low) + (two >> 16),
                             tc_lanes_third(low, high) + (one >> 16)};
    t->w = w;
    tc_lanes_finish(t, sums, 3);
}

TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_lanes_rest_4(tc_lanes_block *t)
{
    TC_LANES_BEGIN
    uint32_t low = TC_LANES_THREE;
    int32_t high = 0;
    int32_t one = TC_LANES_TWO;
    int32_t two = TC_LANES_TWO;
    int32_t others = TC_LANES_TWO;
    int32_t e;
    __asm__ volatile(TC_LANES_FIVES("ldrsb %[c], [%[x]], #5\n\t"
                                    "ldrsb %[d], [%[x], #-4]\n\t" TC_LANES_NEXT /* */
                                    "smlal %[low], %[high], %[c], %[a]\n\t"
                                    "add.w %[c], %[d], %[c], lsl #16\n\t"
                                    "mla %[one], %[c], %[b], %[one]\n\t" TC_LANES_NEXT /* */
                                    "smlal %[low], %[high], %[d], %[a]\n\t"
                                    "ldrsb %[c], [%[x], #-3]\n\t"
                                    "ldrsb %[d], [%[x], #-2]\n\t"
                                    "add.w %[e], %[d], %[c], lsl #16\n\t"
                                    "mla %[one], %[e], %[b], %[one]\n\t" TC_LANES_NEXT /* */
                                    "smlal %[low], %[high], %[c], %[a]\n\t"
                                    "ldrsb %[e], [%[x], #-1]\n\t"
                                    "mla %[two], %[e], %[b], %[two]\n\t" TC_LANES_NEXT /* */
                                    "smlal %[low], %[high], %[d], %[a]\n\t"
                                    "mla %[others], %[e], %[b], %[others]\n\t")
                     : TC_LANES_OPERANDS, [e] "=&r"(e), [low] "+&r"(low), [high] "+&r"(high), [one] "+&r"(one),
                       [two] "+&r"(two), [others] "+&r"(others)
                     : [table] "r"(tc_lanes_of_zero()), [stop] "m"(stop)
                     : "cc", "memory");
    const int32_t sums[4] = {tc_lanes_first(low) + tc_lanes_half(two), tc_lanes_second(low) + (two >> 16),
                             tc_lanes_third(low, high) + tc_lanes_half(others), (one >> 16) + (others >> 16)};
    t->w = w;
    tc_lanes_finish(t, sums, 4);
}

/* `count` outputs, 1 to 4: [inputs / 5 rounded up, count] codes. At least five inputs, or as many before x. */
static inline void tc_lanes_rest(tc_lanes_block *b, int32_t count)
{
    if (count == 1) {
        tc_lanes_rest_1(b);
    } else if (count == 2) {
        tc_lanes_rest_2(b);
    } else if (count == 3) {
        tc_lanes_rest_3(b);
    } else {
        tc_lanes_rest_4(b);
    }
}
#else
/* Of each output and each of five inputs, whose digit is the weight: its number in the codes. */
static const uint8_t tc_lanes_places[4][20] = {
    {0, 1, 2, 3, 4},
    {0, 3, 5, 8, 2, 1, 4, 6, 9, 7},
    {0, 5, 10, 3, 8, 1, 6, 11, 4, 9, 2, 7, 12, 13, 14},
    {0, 5, 10, 15, 13, 1, 6, 11, 16, 14, 2, 7, 12, 17, 18, 3, 4, 8, 9, 19},
};

/* The digit of a place: -1, 0 or 1. */
static inline int32_t tc_lanes_digit(const int8_t *codes, int32_t place)
{
    const int8_t one = 1;
    int32_t sums[5];
    tc_lanes_fives(&one, 1, codes + place / 5, sums, 1);
    return sums[place % 5];
}

static inline void tc_lanes_rest(tc_lanes_block *b, int32_t count)
{
    const uint8_t *const places = tc_lanes_places[count - 1];
    const int8_t *w = b->w;
    int32_t sums[4] = {0};
    for (int32_t at = 0; at < b->n; at += 5, w += count) {
        const int8_t *const inputs = b->x + tc_min(at, b->n - 5);
        for (int32_t i = 0; i < 5 * count; i++) {
            sums[i / 5] += inputs[i % 5] * tc_lanes_digit(w, places[i]);
        }
    }
    b->w = w;
    if (TC_LANES_TWICE || b->sums) {
        tc_lanes_finish(b, sums, 4);
    } else {
        const tc_lanes_bytes to = tc_lanes_next(b, count);
        for (int32_t i = 0; i < count; i++) {
            tc_lanes_byte(&to, i, sums[i]);
        }
    }
}
#endif

#endif

/* Bytes of the sums of ternary weights, two pixels in a word. */
#ifndef TINYC_SCALAR_PAIR_BYTES_H
#define TINYC_SCALAR_PAIR_BYTES_H

#include "tinyc/scalar/blocks.h"
#include "tinyc/ternary.h"

/* How the sums of one channel become bytes; see tinyc/ternary.h. */
typedef struct {
    int32_t start;
    int32_t multiplier;
    int32_t magnitude;
    int32_t shift;
    int32_t zero;
} tc_ternary_scale;

/* floor(a * b / 2^32). */
static inline uint32_t tc_high_unsigned(uint32_t a, uint32_t b)
{
#if defined(__ARM_ARCH_6M__) /* no long multiplication */
    const uint32_t upper = (a >> 16) * (b & 0xFFFF) + ((a & 0xFFFF) * (b & 0xFFFF) >> 16);
    const uint32_t lower = (a & 0xFFFF) * (b >> 16) + (upper & 0xFFFF);
    return (a >> 16) * (b >> 16) + (upper >> 16) + (lower >> 16);
#elif defined(__arm__) && defined(__thumb2__)
    uint32_t low, high; /* GCC would multiply the upper half of b, which is 0, as well */
    __asm__("umull %0, %1, %2, %3" : "=&r"(low), "=&r"(high) : "r"(a), "r"(b));
    return high;
#else
    return (uint32_t)(((uint64_t)a * b) >> 32);
#endif
}

typedef struct {
    uint32_t slope;
    int32_t offset;
    int32_t shift;
    int32_t least; /* bytes, which one register each keeps */
    int32_t most;
} tc_ternary_line;

TC_INLINE tc_ternary_line tc_ternary_line_of(const int32_t *channel, int32_t shift)
{
    tc_ternary_line line = {(uint32_t)channel[0], channel[1], shift, INT8_MIN, INT8_MAX};
#ifdef __riscv
    __asm__("" : "+r"(line.least), "+r"(line.most));
#endif
    return line;
}

/* The byte of a sum by a line. */
TC_INLINE int8_t tc_line_scalar(uint32_t shifted, const tc_ternary_line *line)
{
    const int32_t value = ((int32_t)tc_high_unsigned(shifted, line->slope) + line->offset) >> line->shift;
#ifdef __riscv
    return (int8_t)tc_clamp(value, line->least, line->most);
#else
    return tc_saturate(value);
#endif
}

/* Bytes of one channel of n pixels by a line, sums being words of two; pitch: of `out`, from pixel to pixel. */
#if defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_6M__)
#define TC_LINE_OF_HALF(at)                                                                                            \
    "ldrh r2, [r0, #" at "]\n\t"                                                                                       \
    "movs r3, r2\n\t"                                                                                                  \
    "muls r3, r4\n\t"                                                                                                  \
    "lsrs r3, r3, #16\n\t"                                                                                             \
    "muls r2, r5\n\t"                                                                                                  \
    "adds r2, r2, r3\n\t"                                                                                              \
    "adds r2, r2, r6\n\t"                                                                                              \
    "asrs r2, r7\n\t"                                                                                                  \
    "sxtb r3, r2\n\t"                                                                                                  \
    "cmp r3, r2\n\t"                                                                                                   \
    "beq 1f\n\t"                                                                                                       \
    "asrs r2, r2, #31\n\t"                                                                                             \
    "movs r3, #127\n\t"                                                                                                \
    "eors r3, r2\n\t"                                                                                                  \
    "1:\n\t"                                                                                                           \
    "strb r3, [r1]\n\t"                                                                                                \
    "add r1, r8\n\t"
TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_ternary_lines_of_pairs(const uint32_t *sums, int32_t n,
                                                                                    const int32_t *line, int32_t right,
                                                                                    int8_t *out, int32_t pitch)
{
    register const uint32_t *halves __asm__("r0") = sums;
    register int8_t *last __asm__("r1") = out + (n - 1) * pitch;
    register int32_t skipped __asm__("r2") = 8 - n;
    register int32_t lower __asm__("r4") = line[0] & 0xFFFF;
    register int32_t upper __asm__("r5") = line[0] >> 16;
    register int32_t offset __asm__("r6") = line[1];
    register int32_t shift __asm__("r7") = right;
    register int32_t back __asm__("r8") = -pitch;
    /* the last pixel first: n of eight are done */
    __asm__ volatile(".syntax unified\n\t"
                     "movs r3, #(3f - 2f)\n\t"
                     "muls r2, r3\n\t"
                     "ldr r3, 4f\n\t"
                     "adds r2, r2, r3\n\t"
                     "mov pc, r2\n\t"
                     ".balign 4\n\t"
                     "4: .word 2f\n\t"
                     "2:\n\t" TC_LINE_OF_HALF("14") "3:\n\t" TC_LINE_OF_HALF("12") TC_LINE_OF_HALF("10")
                         TC_LINE_OF_HALF("8") TC_LINE_OF_HALF("6") TC_LINE_OF_HALF("4") TC_LINE_OF_HALF("2")
                             TC_LINE_OF_HALF("0")
                     : "+r"(last), "+r"(skipped)
                     : "r"(halves), "r"(lower), "r"(upper), "r"(offset), "r"(shift), "r"(back)
                     : "r3", "cc", "memory");
}
#else
static __attribute__((noinline)) void tc_ternary_lines_of_pairs(const uint32_t *sums, int32_t n, const int32_t *channel,
                                                                int32_t shift, int8_t *out, int32_t pitch)
{
    const tc_ternary_line line = tc_ternary_line_of(channel, shift);
    int8_t *at = out + (n - 1) * pitch;
#define TC_LINE_OF_HALF(i, half)                                                                                       \
    *at = tc_line_scalar(half, &line);                                                                                 \
    at -= pitch;                                                                                                       \
    /* fall through */                                                                                                 \
    case i:
    switch (n) {
    default:
        TC_LINE_OF_HALF(7, sums[3] & 0xFFFF0000)
        TC_LINE_OF_HALF(6, sums[3] << 16)
        TC_LINE_OF_HALF(5, sums[2] & 0xFFFF0000)
        TC_LINE_OF_HALF(4, sums[2] << 16)
        TC_LINE_OF_HALF(3, sums[1] & 0xFFFF0000)
        TC_LINE_OF_HALF(2, sums[1] << 16)
        TC_LINE_OF_HALF(1, sums[0] & 0xFFFF0000)
        *at = tc_line_scalar(sums[0] << 16, &line);
    }
#undef TC_LINE_OF_HALF
}
#endif

/* The same of words. */
static __attribute__((noinline)) void tc_ternary_lines_of_words(const uint32_t *sums, int32_t n, const int32_t *channel,
                                                                int32_t left, int32_t shift, int8_t *out, int32_t pitch)
{
    const tc_ternary_line line = tc_ternary_line_of(channel, shift);
    for (int32_t i = 0; i < n; i++, out += pitch) {
        *out = tc_line_scalar(sums[i] << left, &line);
    }
}

/* Bytes that are rounded twice. */
static __attribute__((noinline)) void tc_ternary_twice(const uint32_t *sums, int32_t n, const tc_ternary_scale *s,
                                                       int8_t *out, int32_t pitch)
{
    for (int32_t i = 0; i < n; i++, out += pitch) {
        *out = tc_byte_scalar(s->start + s->magnitude * (int32_t)sums[i], s->multiplier, s->shift, s->zero, 1);
    }
}

TC_INLINE tc_ternary_scale tc_ternary_scale_of(const tc_ternary_params *p, const tc_ternary_weights *w, int32_t oc)
{
    const int32_t *const channel = w->channels + 2 * oc;
    const tc_ternary_scale scale = {channel[0] >> 5, channel[1], p->magnitude ? p->magnitude : w->magnitudes[oc],
                                    channel[0] & 31, p->zero};
    return scale;
}

/* Adds the two sums of each of some words, or sets them at first. */
TC_INLINE void tc_add_pairs(uint32_t *sums, const uint32_t *pairs, int32_t words, int32_t at_first)
{
    for (int32_t i = 0; i < words; i++) {
        sums[2 * i] = (at_first ? 0 : sums[2 * i]) + (pairs[i] & 0xFFFF);
        sums[2 * i + 1] = (at_first ? 0 : sums[2 * i + 1]) + (pairs[i] >> 16);
    }
}

/* by_lines: as below. pairs: NULL where sums are words. */
TC_INLINE void tc_ternary_bytes_of(const tc_ternary_params *p, const tc_ternary_weights *w, int32_t oc,
                                   const uint32_t *pairs, uint32_t *sums, int32_t n, int8_t *out, int32_t by_lines)
{
    const int32_t *const channel = w->channels + 2 * oc;
    if (by_lines) {
        if (pairs) {
            tc_ternary_lines_of_pairs(pairs, n, channel, p->shift, out + oc, p->out_c);
        } else {
            tc_ternary_lines_of_words(sums, n, channel, p->left, p->shift, out + oc, p->out_c);
        }
        return;
    }
    if (pairs) {
        tc_add_pairs(sums, pairs, (n + 1) >> 1, 1);
    }
    const tc_ternary_scale scale = tc_ternary_scale_of(p, w, oc);
    tc_ternary_twice(sums, n, &scale, out + oc, p->out_c);
}

#endif

/* Blocks of pixels through ternary weights. */
#ifndef TINYC_SCALAR_TERNARY_H
#define TINYC_SCALAR_TERNARY_H

#include <string.h>

#include "tinyc/scalar/blocks.h"
#include "tinyc/scalar/rests.h"
#include "tinyc/scalar/trits.h"
#include "tinyc/ternary.h"

/* `count` taps of two pixels as words, four words apart. */
static inline void tc_pair_taps(uint32_t *to, const int8_t *low, const int8_t *high, int32_t count)
{
    for (; count >= 4; count -= 4, low += 4, high += 4, to += 16) {
        to[0] = (uint32_t)(low[0] + high[0] * 65536);
        to[4] = (uint32_t)(low[1] + high[1] * 65536);
        to[8] = (uint32_t)(low[2] + high[2] * 65536);
        to[12] = (uint32_t)(low[3] + high[3] * 65536);
    }
    for (; count > 0; count--, to += 4) {
        *to = (uint32_t)(*low++ + *high++ * 65536);
    }
}

/* Where a kernel's taps come from. rows: NULL for pixels one after the other. */
typedef struct {
    const int8_t *const *rows; /* [kernel_h] */
    const int8_t *padding;     /* the pixel outside the image */
    int32_t origin;            /* column of the image at rows[ky][0] */
    int32_t ix;                /* column of the image under the kernel's first, for the first pixel */
    int32_t n;                 /* pixels, 1 to 8 */
} tc_ternary_window;

/* Taps [first, first + count) of a row of the kernel for pixels i and j, columns one after the other. */
static inline void tc_ternary_columns(const tc_ternary_params *p, const tc_ternary_window *from, uint32_t *to,
                                      const int8_t *row, int32_t i, int32_t j, int32_t first, int32_t count)
{
    int32_t low = from->ix + i * p->stride_w;
    int32_t high = from->ix + j * p->stride_w;
    for (; first >= p->in_c; first -= p->in_c) {
        low += p->dilation_w;
        high += p->dilation_w;
    }
    for (; count > 0; low += p->dilation_w, high += p->dilation_w) {
        const int32_t n = tc_min(count, p->in_c - first);
        const int8_t *const x =
            row && (uint32_t)low < (uint32_t)p->in_w ? row + (low - from->origin) * p->in_c : from->padding;
        const int8_t *const y =
            row && (uint32_t)high < (uint32_t)p->in_w ? row + (high - from->origin) * p->in_c : from->padding;
        tc_pair_taps(to, x + first, y + first, n);
        to += 4 * n;
        count -= n;
        first = 0;
    }
}

/* Taps [begin, end) of the kernel as words, in the order [kernel_h, kernel_w, in_c]. */
TC_KERNEL __attribute__((noinline)) void tc_ternary_gather(const tc_ternary_params *p, const tc_ternary_window *from,
                                                           uint32_t *to, int32_t begin, int32_t end)
{
    const int32_t taps = p->kernel_w * p->in_c;
    const int32_t reach = (p->kernel_w - 1) * p->dilation_w;
    const int32_t in_line = p->dilation_w == 1 || p->kernel_w == 1;
    const int32_t stride = p->stride_w;
    const int32_t bytes = stride * p->in_c;
    const int32_t n = from->n;
    for (int32_t ky = 0; ky < p->kernel_h; ky++, begin -= taps, end -= taps) {
        const int32_t first = tc_max(begin, 0);
        const int32_t count = tc_min(end, taps) - first;
        if (count <= 0) {
            continue;
        }
        const int8_t *const row = from->rows[ky];
        uint32_t *const stop = to + 4 * count;
        if (row == NULL) {
            const uint32_t word = (uint32_t)(from->padding[0] * 65537);
            if (n <= 4) {
                for (; to != stop; to += 4) {
                    to[0] = word;
                    to[1] = word;
                }
                continue;
            }
            for (; to != stop; to += 4) {
                to[0] = word;
                to[1] = word;
                to[2] = word;
                to[3] = word;
            }
            continue;
        }
        const int8_t *x = row + (from->ix - from->origin) * p->in_c + first;
        int32_t low = from->ix;
        for (int32_t i = 0; i < n; i += 2, x += 2 * bytes, low += 2 * stride, to++) {
            const int32_t both = i + 1 < n;
            const int32_t high = low + (both ? stride : 0);
            if (in_line && low >= 0 && high + reach < p->in_w) {
                tc_pair_taps(to, x, x + (both ? bytes : 0), count);
            } else {
                tc_ternary_columns(p, from, to, row, i, i + both, first, count);
            }
        }
        to = stop;
    }
}

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
    const tc_ternary_scale scale = {channel[0] >> 5, channel[1], p->magnitude ? p->magnitude : w->magnitudes[oc],
                                    channel[0] & 31, p->zero};
    tc_ternary_twice(sums, n, &scale, out + oc, p->out_c);
}

/* Adds to the sums of channels [first, last) those of the codes [begin, end), and makes bytes of them behind the last.
 * x: [taps, 4]; sums: [last - first, 2 * words]. */
TC_INLINE void tc_ternary_part(const tc_ternary_params *p, const uint32_t *x, int32_t n, int32_t first, int32_t last,
                               int32_t begin, int32_t end, const tc_ternary_weights *w, uint32_t *sums, int8_t *out,
                               int32_t by_lines)
{
    const uint32_t start = (uint32_t)(TC_TRIT_BASE * (end - begin)) * 0x10001u;
    const int32_t words = tc_words_of(n);
#ifdef TC_TRITS_RUNS
    const uint8_t *const all = w->codes + first * p->codes + begin;
    tc_trits_run run = {.x = x,
                        .first = all,
                        .step = p->codes,
                        .codes = all + 1,
                        .count = end - begin - 1,
                        .bytes = p->codes,
                        .start = start,
                        .left = last - first,
                        .how = TC_TRITS_WORDS,
                        .out = sums};
    if (begin == 0) {
        memset(sums, 0, (size_t)(2 * words * (last - first)) * sizeof(uint32_t));
    }
    tc_trits_of_channels(&run, words);
    for (int32_t oc = first; end == p->codes && oc < last; oc++, sums += 2 * words) {
        tc_ternary_bytes_of(p, w, oc, NULL, sums, n, out, by_lines);
    }
#else
    for (int32_t oc = first; oc < last; oc++, sums += 2 * words) {
        const uint8_t *const codes = w->codes + oc * p->codes;
        uint32_t pairs[4];
        tc_trits_of(x, codes[begin], codes + begin + 1, codes + end, start, pairs, words);
        tc_add_pairs(sums, pairs, words, begin == 0);
        if (end == p->codes) {
            tc_ternary_bytes_of(p, w, oc, NULL, sums, n, out, by_lines);
        }
    }
#endif
}

/* The same of all channels, where all taps are in one part. firsts: [out_c] codes of the first taps, or NULL. */
TC_INLINE void tc_ternary_whole(const tc_ternary_params *p, const uint32_t *x, int32_t n, const tc_ternary_weights *w,
                                const uint8_t *firsts, int8_t *out, int32_t by_lines)
{
    const int32_t out_c = p->out_c;
    const int32_t bytes = p->codes;
    const int32_t more = firsts == NULL;
    const uint32_t start = (uint32_t)(TC_TRIT_BASE * (bytes + 1 - more)) * 0x10001u;
    const uint8_t *codes = w->codes;
    const uint8_t *first = firsts ? firsts : codes;
    const int32_t step = firsts ? 1 : bytes;
    const int32_t words = tc_words_of(n);
    uint32_t sums[8];
#ifdef TC_TRITS_RUNS
    tc_trits_run run = {.x = x,
                        .first = first,
                        .step = step,
                        .codes = codes + more,
                        .count = bytes - more,
                        .bytes = bytes,
                        .start = start,
                        .left = out_c,
                        .how = by_lines ? TC_TRITS_LINES : TC_TRITS_SUMS,
                        .out = out + (n - 1) * out_c,
                        .skipped = 2 * words - n,
                        .pitch = out_c,
                        .channels = w->channels,
                        .shift = p->shift};
    if (by_lines) {
        tc_trits_of_channels(&run, words);
        return;
    }
    for (int32_t oc = 0; oc < out_c; oc++) {
        run.left = 1;
        tc_trits_of_channels(&run, words);
        tc_ternary_bytes_of(p, w, oc, run.pairs, sums, n, out, by_lines);
    }
#else
    for (int32_t oc = 0; oc < out_c; oc++, codes += bytes, first += step) {
        uint32_t pairs[4];
        tc_trits_of(x, *first, codes + more, codes + bytes, start, pairs, words);
        tc_ternary_bytes_of(p, w, oc, pairs, sums, n, out, by_lines);
    }
#endif
}

/* All channels of up to eight pixels. by_lines: whether bytes are made by lines; a constant at every call. */
TC_INLINE void tc_ternary_block(const tc_ternary_params *p, const tc_ternary_window *from, const tc_ternary_weights *w,
                                int8_t *out, uint32_t *scratch, int32_t by_lines)
{
    if (p->part == p->codes) {
        const int32_t rest = p->rest;
        tc_ternary_gather(p, from, scratch + (rest ? 4 * (5 - rest) : 0), 0, p->depth);
        const uint8_t *const firsts = rest ? (const uint8_t *)(scratch + 20 * (p->codes + 1)) : NULL;
        tc_ternary_whole(p, scratch, from->n, w, firsts, out, by_lines);
        tc_clamp_bytes_scalar(out, from->n * p->out_c, p->act_min, p->act_max);
        return;
    }
    uint32_t *const sums = scratch;
    uint32_t *const x = scratch + 2 * tc_words_of(from->n) * p->group;
    for (int32_t first = 0; first < p->out_c; first += p->group) {
        const int32_t last = tc_min(first + p->group, p->out_c);
        for (int32_t begin = 0; begin < p->codes; begin += p->part) {
            const int32_t end = tc_min(begin + p->part, p->codes);
            tc_ternary_gather(p, from, x, 5 * begin, end < p->codes ? 5 * end : p->depth);
            tc_ternary_part(p, x, from->n, first, last, begin, end, w, sums, out, by_lines);
        }
    }
    tc_clamp_bytes_scalar(out, from->n * p->out_c, p->act_min, p->act_max);
}

/* Unpacks the first taps of all channels where they are in no code of their own: [out_c] codes, behind the taps. */
static inline void tc_ternary_firsts(const tc_ternary_params *p, const uint8_t *rests, uint32_t *scratch)
{
    if (p->rest == 0) {
        return;
    }
    uint8_t *const to = (uint8_t *)(scratch + 20 * (p->codes + 1));
    uint32_t place = 1;
    for (int32_t i = p->rest; i < 5; i++) {
        place *= 3;
    }
    tc_rests rest = tc_rests_of(rests, p->rest, p->out_c);
    for (int32_t oc = 0; oc < p->out_c; oc++) {
        to[oc] = (uint8_t)(place * tc_rests_code(&rest));
    }
    if (p->rest > 3) {
        rest = tc_rests_of(rest.end, 2, p->out_c);
        for (int32_t oc = 0; oc < p->out_c; oc++) {
            to[oc] = (uint8_t)(to[oc] + 9 * place * tc_rests_code(&rest));
        }
    }
}

TC_INLINE void tc_conv2d_ternary(const tc_ternary_params *p, const int8_t *const *rows, const tc_span *cols,
                                 const tc_ternary_weights *w, const int8_t *padding, int8_t *out, uint32_t *scratch,
                                 int32_t by_lines)
{
    tc_ternary_firsts(p, w->rests, scratch);
    int32_t step = 8;
    for (int32_t ox = cols->begin; ox < cols->end; ox += step, out += step * p->out_c) {
        step = tc_pixels_of(cols->end - ox);
        const tc_ternary_window from = {rows, padding, cols->origin, ox * p->stride_w - p->pad_left,
                                        tc_min(cols->end - ox, step)};
        tc_ternary_block(p, &from, w, out, scratch, by_lines);
    }
}

TC_INLINE void tc_conv2d_1x1_ternary(const tc_ternary_params *p, const int8_t *in, const tc_ternary_weights *w,
                                     int8_t *out, int32_t pixels, uint32_t *scratch, int32_t by_lines)
{
    tc_ternary_firsts(p, w->rests, scratch);
    int32_t step = 8;
    for (; pixels > 0; pixels -= step, in += step * p->in_c, out += step * p->out_c) {
        step = tc_pixels_of(pixels);
        const int32_t n = tc_min(pixels, step);
        const tc_ternary_window from = {&in, NULL, 0, 0, n};
        tc_ternary_block(p, &from, w, out, scratch, by_lines);
    }
}

#endif

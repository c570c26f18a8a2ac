/* All channels of a block of pixels, by dsp/fours_blocks.h. */
#ifndef TINYC_DSP_FOURS_CONV2D_H
#define TINYC_DSP_FOURS_CONV2D_H

#include "tinyc/dsp/fours_blocks.h"

/* Clang counts the characters of assembly, too. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"
TC_DEFINE_FOURS(TC_FOURS_NAME(4), 4)
TC_DEFINE_FOURS(TC_FOURS_NAME(3), 3)
TC_DEFINE_FOURS(TC_FOURS_NAME(2), 2)
#pragma GCC diagnostic pop

/* A layer's weights, and where the rests of a group of pairs are unpacked. */
typedef struct {
    const uint32_t *codes;
    const int32_t *channels;
    const uint8_t *magnitudes; /* [out_c] */
    uint32_t *rests;
} tc_fours_weights;

/* n fours as words, n rounded up to fives; returns the codes behind them. */
static inline const uint32_t *tc_unpack_fours(uint32_t *to, const uint32_t *codes, int32_t n)
{
    for (; n > 0; n -= 5, to += 5) {
        uint32_t fraction = *codes++;
        to[0] = tc_fours[tc_next_four(&fraction)];
        to[1] = tc_fours[tc_next_four(&fraction)];
        to[2] = tc_fours[tc_next_four(&fraction)];
        to[3] = tc_fours[tc_next_four(&fraction)];
        to[4] = tc_fours[tc_next_four(&fraction)];
    }
    return codes;
}

/* What the words of `pairs` pairs leave; returns the codes of the next group's. */
__attribute__((noinline)) static const uint32_t *tc_unpack_rests(const tc_fours_params *p, uint32_t *to,
                                                                 const uint32_t *codes, int32_t pairs)
{
    const int32_t lone = p->lone * pairs;
    const uint32_t *from = to + lone;
    const uint32_t *const last = from + pairs * p->fours;
    codes = tc_unpack_fours(to + lone, codes, pairs * p->fours + ((lone + 1) >> 1));
    for (int32_t i = 0; i < lone;) {
        for (int32_t k = 0; k < p->fours; k++) {
            *to++ = *from++;
        }
        for (int32_t k = 0; k < p->lone; k++, i++) {
            *to++ = last[i >> 1] >> 16 * (i & 1) & 0xFFFFu;
        }
    }
    return codes;
}

/* Where the rests of all pairs fit they are unpacked once for all blocks. */
static inline tc_fours_weights tc_fours_weights_of(const tc_fours_params *p, const uint32_t *codes,
                                                   const int32_t *channels, const uint8_t *magnitudes, uint32_t *rests)
{
    const tc_fours_weights w = {codes, channels, magnitudes, rests};
    const int32_t pairs = p->out_c >> 1;
    if (p->group >= pairs) {
        tc_unpack_rests(p, w.rests, codes + pairs * p->words, pairs);
    }
    return w;
}

#define TC_FOURS_BLOCK(block)                                                                                          \
    block(out, stride, columns, end, codes, w->rests, channels, magnitudes, step, p->zero, pairs, skipped, missing,    \
          tc_fours, words > TC_FOURS_PART)

/* All channels of 4, 3 or 2 pixels, `stride` apart in the output. */
static inline void tc_fours_dsp(const tc_fours_params *p, const tc_fours_weights *w, const int16_t *columns,
                                int8_t *out, int32_t pixels, int32_t stride)
{
    const int32_t words = p->words;
    const int32_t all = p->out_c >> 1;
    const uint8_t same[2] = {(uint8_t)p->magnitude, (uint8_t)p->magnitude};
    const uint8_t *magnitudes = p->magnitude ? same : w->magnitudes;
    const int32_t step = p->magnitude ? 0 : 2;
    const uint32_t skipped = words > 0 ? 4 * (uint32_t)words % TC_FOURS_PART : (uint32_t)TC_FOURS_PART;
    const uint32_t missing = (uint32_t)(TC_FOURS_REST - p->fours - p->lone);
    const int16_t *const end = columns + 10 * words * pixels;
    const uint32_t *codes = w->codes;
    const uint32_t *rest = codes + all * words;
    const int32_t *channels = w->channels;
    for (int32_t left = all; left > 0; left -= p->group) {
        const int32_t pairs = tc_min(left, p->group);
        if (p->group < all) {
            rest = tc_unpack_rests(p, w->rests, rest, pairs);
        }
        if (pixels == 4) {
            TC_FOURS_BLOCK(TC_FOURS_NAME(4));
        } else if (pixels == 3) {
            TC_FOURS_BLOCK(TC_FOURS_NAME(3));
        } else {
            TC_FOURS_BLOCK(TC_FOURS_NAME(2));
        }
        out += 2 * pairs;
        codes += pairs * words;
        channels += 4 * pairs;
        magnitudes += step * pairs;
    }
}

/* Appends n bytes of each of four pixels to columns, as tc_widen_3_dsp() does. */
#ifdef TC_MANY_REGISTERS
__attribute__((noinline, unused)) TC_NO_FRAME_POINTER static int16_t *
tc_widen_4_dsp(int16_t *to, const int8_t *a, const int8_t *b, const int8_t *c, const int8_t *d, int32_t n)
{
    int16_t *const end = to + (n >> 2) * 16;
    if (to != end) {
        __asm__ volatile("1:\n\t"
                         "ldr r4, [%[a]], #4\n\t"
                         "ldr r5, [%[b]], #4\n\t"
                         "ldr r6, [%[c]], #4\n\t"
                         "ldr r7, [%[d]], #4\n\t"
                         "sxtb16 r8, r4, ror #8\n\t"
                         "sxtb16 r9, r5, ror #8\n\t"
                         "sxtb16 r10, r6, ror #8\n\t"
                         "sxtb16 r11, r7, ror #8\n\t"
                         "sxtb16 r4, r4\n\t"
                         "sxtb16 r5, r5\n\t"
                         "sxtb16 r6, r6\n\t"
                         "sxtb16 r7, r7\n\t"
                         "stmia %[to]!, {r4, r5, r6, r7, r8, r9, r10, r11}\n\t"
                         "cmp %[to], %[end]\n\t"
                         "bne 1b\n\t"
                         : [to] "+r"(to), [a] "+r"(a), [b] "+r"(b), [c] "+r"(c), [d] "+r"(d)
                         : [end] "r"(end)
                         : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "cc", "memory");
    }
    n &= 3;
    if (n) {
        const uint32_t x = tc_tail_dsp(a, n), y = tc_tail_dsp(b, n), z = tc_tail_dsp(c, n), v = tc_tail_dsp(d, n);
        __asm__ volatile("sxtb16 r4, %[x]\n\t"
                         "sxtb16 r5, %[y]\n\t"
                         "sxtb16 r6, %[z]\n\t"
                         "sxtb16 r7, %[v]\n\t"
                         "sxtb16 r8, %[x], ror #8\n\t"
                         "sxtb16 r9, %[y], ror #8\n\t"
                         "sxtb16 r10, %[z], ror #8\n\t"
                         "sxtb16 r11, %[v], ror #8\n\t"
                         "stmia %[to]!, {r4, r5, r6, r7, r8, r9, r10, r11}\n\t"
                         : [to] "+r"(to)
                         : [x] "r"(x), [y] "r"(y), [z] "r"(z), [v] "r"(v)
                         : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "memory");
    }
    return to;
}
#else
static inline int16_t *tc_widen_4_dsp(int16_t *to, const int8_t *a, const int8_t *b, const int8_t *c, const int8_t *d,
                                      int32_t n)
{
    const int8_t *const x[] = {a, b, c, d};
    return tc_widen_dsp(to, x, 4, n);
}
#endif

/* n bytes of each of 4, 3 or 2 pixels. */
static inline int16_t *tc_widen_fours(int16_t *to, const int8_t *const *x, int32_t pixels, int32_t n)
{
    return pixels == 4   ? tc_widen_4_dsp(to, x[0], x[1], x[2], x[3], n)
           : pixels == 3 ? tc_widen_3_dsp(to, x[0], x[1], x[2], n)
                         : tc_widen_2_dsp(to, x[0], x[1], n);
}

/* Pixels of the next block where n are left and `most` fit: one pixel alone costs as much as two. */
static inline int32_t tc_fours_pixels(int32_t n, int32_t most)
{
    return most == 4 ? (n == 5 ? 3 : tc_min(n, 4)) : most == 3 ? tc_block_pixels_dsp(n) : tc_min(n, 2);
}

#endif

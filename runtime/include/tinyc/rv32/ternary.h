/* Blocks of pixels through ternary weights, code by code: see rv32/trits.h. */
#ifndef TINYC_RV32_TERNARY_H
#define TINYC_RV32_TERNARY_H

#include "tinyc/rv32/trits.h"
#include "tinyc/scalar/pair_bytes.h"
#include "tinyc/scalar/pair_taps.h"

/* Bytes of `count` channels of n pixels by lines. sums: [count, 4]; channels, out: of the first; pitch: from pixel to
 * pixel. Two pixels at a time, the second's byte first: where there is none it is overwritten. */
static __attribute__((noinline)) void tc_ternary_lines_of_channels(const uint32_t *sums, int32_t count, int32_t n,
                                                                   const int32_t *channels, int32_t shift, int8_t *out,
                                                                   int32_t pitch)
{
    for (; n > 0; n -= 2, sums++, out += 2 * pitch) {
        const uint32_t *pair = sums;
        const int32_t *channel = channels;
        int8_t *low = out;
        int8_t *high = n > 1 ? out + pitch : out;
#define TC_BYTES_OF_PAIR(i)                                                                                            \
    {                                                                                                                  \
        const tc_ternary_line line = {(uint32_t)channel[2 * (i)], channel[2 * (i) + 1], shift, least, most};           \
        const uint32_t both = pair[4 * (i)];                                                                           \
        high[i] = tc_line_scalar(both & 0xFFFF0000, &line);                                                            \
        low[i] = tc_line_scalar(both << 16, &line);                                                                    \
    }
        const int32_t *const fours = channels + 2 * (count & ~3);
        int32_t least = INT8_MIN, most = INT8_MAX;
        __asm__("" : "+r"(least), "+r"(most)); /* which one register each keeps */
        for (; channel != fours; channel += 8, pair += 16, low += 4, high += 4) {
            TC_BYTES_OF_PAIR(0)
            TC_BYTES_OF_PAIR(1)
            TC_BYTES_OF_PAIR(2)
            TC_BYTES_OF_PAIR(3)
        }
        for (; channel != channels + 2 * count; channel += 2, pair += 4, low++, high++) {
            TC_BYTES_OF_PAIR(0)
        }
#undef TC_BYTES_OF_PAIR
    }
}

/* The same, rounded twice. first: of the channels. */
static __attribute__((noinline)) void tc_ternary_twice_of_channels(const tc_ternary_params *p,
                                                                   const tc_ternary_weights *w, const uint32_t *sums,
                                                                   int32_t first, int32_t last, int32_t n, int8_t *out)
{
    const int32_t pitch = p->out_c;
    const int32_t zero = p->zero;
    int32_t least = INT8_MIN, most = INT8_MAX;
    __asm__("" : "+r"(least), "+r"(most));
    for (int32_t oc = first; oc < last; oc++, sums += 4) {
        const tc_ternary_scale scale = tc_ternary_scale_of(p, w, oc);
        const int32_t start = 4 * scale.start;
        const int32_t magnitude = 4 * scale.magnitude;
        const uint32_t *pair = sums;
        int8_t *at = out + oc;
#define TC_BYTE_OF_HALF(half)                                                                                          \
    {                                                                                                                  \
        const int32_t acc = start + magnitude * (int32_t)(half);                                                       \
        const int32_t high = tc_high_scalar(acc, scale.multiplier) + ((acc >> 31) | 1);                                \
        *at = (int8_t)tc_clamp(((high >> scale.shift) + zero) >> 1, least, most);                                      \
        at += pitch;                                                                                                   \
    }
        for (int32_t left = n >> 1; left > 0; left--, pair++) {
            TC_BYTE_OF_HALF(*pair & 0xFFFF)
            TC_BYTE_OF_HALF(*pair >> 16)
        }
        if (n & 1) {
            TC_BYTE_OF_HALF(*pair & 0xFFFF)
        }
#undef TC_BYTE_OF_HALF
    }
}

/* Where taps are lined up: behind the sums of a group's channels, as words, too, where they do not fit 16 bits. */
TC_INLINE uint32_t *tc_ternary_taps_at(const tc_ternary_params *p, uint32_t *scratch)
{
    return scratch + (p->is_wide ? 12 : 4) * p->group;
}

/* Where the first taps of all channels are unpacked: behind the taps. */
TC_INLINE uint8_t *tc_ternary_firsts_at(const tc_ternary_params *p, uint32_t *scratch)
{
    return (uint8_t *)(tc_ternary_taps_at(p, scratch) + 20 * (p->part + 1));
}

/* All channels of up to eight pixels. by_lines: whether bytes are made by lines; a constant at every call. */
TC_INLINE void tc_ternary_block(const tc_ternary_params *p, const tc_ternary_window *from, const tc_ternary_weights *w,
                                const uint8_t *firsts, int8_t *out, uint32_t *scratch, int32_t by_lines)
{
    const int32_t n = from->n;
    const int32_t codes = p->codes;
    const int32_t rest = p->rest;
    /* codes whose sums fit 16 bits; those of more are added up in words */
    const int32_t together = p->is_wide ? TC_TRIT_CODES / p->part * p->part : codes;
    uint32_t *const words = scratch + 4 * p->group;
    uint32_t *const x = tc_ternary_taps_at(p, scratch);
    for (int32_t first = 0; first < p->out_c; first += p->group) {
        const int32_t last = tc_min(first + p->group, p->out_c);
        uint32_t *const sums_end = scratch + 4 * (last - first);
        for (int32_t begin = 0; begin < codes; begin += together) {
            const int32_t end = tc_min(begin + together, codes);
            const int32_t base = tc_min(TC_TRIT_BASE * (end - begin + (rest > 0)), TC_TRIT_BASES);
            const uint32_t start = (uint32_t)base * 0x10001u;
            for (uint32_t *sums = scratch; sums != sums_end; sums += 4) {
                sums[0] = sums[1] = sums[2] = sums[3] = start;
            }
            tc_trits_codes run = {.sums = scratch, .end = sums_end, .words = n <= 4 ? 2 : (n + 1) >> 1};
            for (int32_t at = begin; at < end; at += p->part) {
                const int32_t to = tc_min(at + p->part, end);
                const int32_t lone = at == 0 ? rest : 0;
                if (p->part < codes || first == 0) {
                    tc_ternary_gather(p, from, lone ? x + 4 * (5 - lone) : x, at ? rest + 5 * at : 0,
                                      to < codes ? rest + 5 * to : p->depth);
                }
                if (lone) {
                    run.x = x;
                    run.codes = firsts + first;
                    run.step = 1;
                    run.count = 1;
                    tc_trits_by_code(&run);
                }
                run.x = lone ? x + 20 : x;
                run.codes = w->codes + first * codes + at;
                run.step = codes;
                run.count = to - at;
                tc_trits_by_code(&run);
            }
            for (int32_t oc = first; p->is_wide && oc < last; oc++) {
                uint32_t *const sums = words + 8 * (oc - first);
                tc_add_pairs(sums, scratch + 4 * (oc - first), 4, begin == 0);
                if (end == codes) {
                    tc_ternary_bytes_of(p, w, oc, NULL, sums, n, out, by_lines);
                }
            }
        }
        if (!p->is_wide) {
            if (by_lines) {
                tc_ternary_lines_of_channels(scratch, last - first, n, w->channels + 2 * first, p->shift, out + first,
                                             p->out_c);
            } else {
                tc_ternary_twice_of_channels(p, w, scratch, first, last, n, out);
            }
        }
    }
    tc_clamp_bytes_scalar(out, n * p->out_c, p->act_min, p->act_max);
}

/* How many pixels of `left` are computed together: up to eight, but six and four of ten rather than eight and two. */
static inline int32_t tc_pixels_of(int32_t left) { return left == 9 || left == 10 ? 6 : 8; }

TC_INLINE void tc_conv2d_ternary(const tc_ternary_params *p, const int8_t *const *rows, const tc_span *cols,
                                 const tc_ternary_weights *w, const int8_t *padding, int8_t *out, uint32_t *scratch,
                                 int32_t by_lines)
{
    uint8_t *const firsts = tc_ternary_firsts_at(p, scratch);
    tc_ternary_firsts(p, w->rests, firsts);
    int32_t step = 8;
    for (int32_t ox = cols->begin; ox < cols->end; ox += step, out += step * p->out_c) {
        step = tc_pixels_of(cols->end - ox);
        const tc_ternary_window from = {rows, padding, cols->origin, ox * p->stride_w - p->pad_left,
                                        tc_min(cols->end - ox, step)};
        tc_ternary_block(p, &from, w, firsts, out, scratch, by_lines);
    }
}

TC_INLINE void tc_conv2d_1x1_ternary(const tc_ternary_params *p, const int8_t *in, const tc_ternary_weights *w,
                                     int8_t *out, int32_t pixels, uint32_t *scratch, int32_t by_lines)
{
    uint8_t *const firsts = tc_ternary_firsts_at(p, scratch);
    tc_ternary_firsts(p, w->rests, firsts);
    int32_t step = 8;
    for (; pixels > 0; pixels -= step, in += step * p->in_c, out += step * p->out_c) {
        step = tc_pixels_of(pixels);
        const tc_ternary_window from = {&in, NULL, 0, 0, tc_min(pixels, step)};
        tc_ternary_block(p, &from, w, firsts, out, scratch, by_lines);
    }
}

#endif

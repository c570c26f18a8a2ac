/* Blocks of pixels through ternary weights, code by code: see rv32/trits.h. */
#ifndef TINYC_RV32_TERNARY_H
#define TINYC_RV32_TERNARY_H

#include "tinyc/rv32/trits.h"
#include "tinyc/scalar/pair_bytes.h"
#include "tinyc/scalar/pair_taps.h"

/* Of the sums of channels [first, last) of n pixels, [channels, 4], bytes. by_lines: a constant at every call. */
TC_INLINE void tc_ternary_bytes_of_pairs(const tc_ternary_params *p, const tc_ternary_weights *w, int32_t first,
                                         int32_t last, const uint32_t *pairs, int32_t n, int8_t *out, int32_t by_lines)
{
    for (int32_t oc = first; oc < last; oc++, pairs += 4) {
        const int32_t *const channel = w->channels + 2 * oc;
        if (by_lines) {
            tc_line_of_pairs(pairs, n, channel, p->shift, out + oc, p->out_c);
        } else {
            const tc_ternary_scale scale = tc_ternary_scale_of(p, w, oc);
            tc_ternary_twice_of_pairs(pairs, n, &scale, out + oc, p->out_c);
        }
    }
}

/* Where taps are lined up: behind the sums of a group's channels, which are words as well where codes are many. */
TC_INLINE uint32_t *tc_ternary_taps_at(const tc_ternary_params *p, uint32_t *scratch)
{
    return scratch + (p->codes <= TC_TRIT_CODES ? 4 : 12) * p->group;
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
    const int32_t together = codes <= TC_TRIT_CODES ? codes : TC_TRIT_CODES / p->part * p->part;
    uint32_t *const words = scratch + 4 * p->group;
    uint32_t *const x = tc_ternary_taps_at(p, scratch);
    for (int32_t first = 0; first < p->out_c; first += p->group) {
        const int32_t last = tc_min(first + p->group, p->out_c);
        uint32_t *const sums_end = scratch + 4 * (last - first);
        for (int32_t begin = 0; begin < codes; begin += together) {
            const int32_t end = tc_min(begin + together, codes);
            const uint32_t start = (uint32_t)(TC_TRIT_BASE * (end - begin + (rest > 0))) * 0x10001u;
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
            for (int32_t oc = first; together < codes && oc < last; oc++) {
                uint32_t *const sums = words + 8 * (oc - first);
                tc_add_pairs(sums, scratch + 4 * (oc - first), 4, begin == 0);
                if (end == codes) {
                    tc_ternary_bytes_of(p, w, oc, NULL, sums, n, out, by_lines);
                }
            }
        }
        if (together == codes) {
            tc_ternary_bytes_of_pairs(p, w, first, last, scratch, n, out, by_lines);
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

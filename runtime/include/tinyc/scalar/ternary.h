/* Blocks of pixels through ternary weights. */
#ifndef TINYC_SCALAR_TERNARY_H
#define TINYC_SCALAR_TERNARY_H

#include <string.h>

#include "tinyc/scalar/pair_bytes.h"
#include "tinyc/scalar/pair_taps.h"
#include "tinyc/scalar/trits.h"
#include "tinyc/ternary.h"
#ifdef TC_TRITS_RUNS
#include "tinyc/thumb2/trits_twice.h"
#endif

/* Adds to the sums of channels [first, last) those of the codes [begin, end), and makes bytes of them behind the last.
 * x: [taps, 4]; sums: [last - first, 2 * words]. */
TC_INLINE void tc_ternary_part(const tc_ternary_params *p, const uint32_t *x, int32_t n, int32_t first, int32_t last,
                               int32_t begin, int32_t end, const tc_ternary_weights *w, uint32_t *sums, int8_t *out,
                               int32_t by_lines)
{
    const uint32_t start = (uint32_t)(TC_TRIT_BASE * (end - begin)) * 0x10001u;
    const int32_t words = tc_words_of(n);
#ifdef TC_TRITS_RUNS
    tc_trits_run run = {.x = x,
                        .codes = w->codes + first * p->codes + begin,
                        .bytes = p->codes,
                        .start = {start, start, start, start},
                        .count = end - begin,
                        .out = sums,
                        .left = last - first,
                        .how = TC_TRITS_WORDS};
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
    const uint32_t start = (uint32_t)(TC_TRIT_BASE * (bytes + (firsts ? 1 : 0))) * 0x10001u;
    const int32_t words = tc_words_of(n);
#ifdef TC_TRITS_RUNS
    const uintptr_t before = (uintptr_t)out + (uintptr_t)(words == 4 && n > 3 ? 3 * out_c : 0) - 1;
    const int32_t skipped = 2 * words - n;
    tc_trits_run run; /* what is set is what is read */
    run.x = x;
    run.codes = w->codes;
    run.first = firsts;
    run.bytes = bytes;
    run.start[0] = start;
    run.start[1] = start;
    run.start[2] = start;
    run.start[3] = start;
    run.count = bytes;
    run.channels = w->channels;
    run.left = out_c;
    run.pitch = out_c;
    if (by_lines) {
        run.how = TC_TRITS_LINES;
        run.out = (void *)before;
        run.mask = 0xFFFF0000;
        run.pitch_3 = 3 * out_c;
        run.entry = TC_TRITS_PIXEL * skipped + (skipped > 4 ? TC_TRITS_BACK : 0);
    } else {
        run.how = TC_TRITS_CALL;
        run.out = out;
        run.entry = 0;
        run.call = tc_trits_twice;
        run.magnitudes = p->magnitude ? NULL : w->magnitudes;
        run.magnitude = p->magnitude;
        run.zero = p->zero;
        run.n = n;
    }
    tc_trits_of_channels(&run, words);
#else
    uint32_t sums[8];
    const int32_t more = firsts == NULL;
    const uint8_t *codes = w->codes;
    const uint8_t *first = firsts ? firsts : codes;
    const int32_t step = firsts ? 1 : bytes;
    for (int32_t oc = 0; oc < out_c; oc++, codes += bytes, first += step) {
        uint32_t pairs[4];
        tc_trits_of(x, *first, codes + more, codes + bytes, start, pairs, words);
        tc_ternary_bytes_of(p, w, oc, pairs, sums, n, out, by_lines);
    }
#endif
}

/* Where the first taps of all channels are unpacked: behind the taps. */
TC_INLINE uint8_t *tc_ternary_firsts_at(const tc_ternary_params *p, uint32_t *scratch)
{
    return (uint8_t *)(scratch + 20 * (p->codes + 1));
}

/* All channels of up to eight pixels. by_lines: whether bytes are made by lines; a constant at every call. */
TC_INLINE void tc_ternary_block(const tc_ternary_params *p, const tc_ternary_window *from, const tc_ternary_weights *w,
                                int8_t *out, uint32_t *scratch, int32_t by_lines)
{
    if (p->part == p->codes) {
        const int32_t rest = p->rest;
        tc_ternary_gather(p, from, scratch + (rest ? 4 * (5 - rest) : 0), 0, p->depth);
        const uint8_t *const firsts = rest ? tc_ternary_firsts_at(p, scratch) : NULL;
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

TC_INLINE void tc_conv2d_ternary(const tc_ternary_params *p, const int8_t *const *rows, const tc_span *cols,
                                 const tc_ternary_weights *w, const int8_t *padding, int8_t *out, uint32_t *scratch,
                                 int32_t by_lines)
{
    tc_ternary_firsts(p, w->rests, tc_ternary_firsts_at(p, scratch));
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
    tc_ternary_firsts(p, w->rests, tc_ternary_firsts_at(p, scratch));
    int32_t step = 8;
    for (; pixels > 0; pixels -= step, in += step * p->in_c, out += step * p->out_c) {
        step = tc_pixels_of(pixels);
        const int32_t n = tc_min(pixels, step);
        const tc_ternary_window from = {&in, NULL, 0, 0, n};
        tc_ternary_block(p, &from, w, out, scratch, by_lines);
    }
}

#endif

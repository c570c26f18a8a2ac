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

/* Some of the work on up to eight pixels. */
typedef struct {
    const uint32_t *x; /* [taps, 4], of the codes */
    int32_t n;         /* pixels */
    int32_t first;     /* channel, of those below `last` */
    int32_t last;
    int32_t begin; /* code, of those below `end` */
    int32_t end;
    const uint8_t *firsts; /* [out_c] codes of the first taps, or NULL */
    uint32_t *sums;        /* of the channels, where there are several parts */
} tc_ternary_work;

/* What the sums of two pixels start from: those of parts behind the first go on from there. */
static inline uint32_t tc_ternary_start(const tc_ternary_params *p, const tc_ternary_work *t)
{
    const int32_t codes = p->is_wide ? t->end - t->begin : p->codes + (t->firsts ? 1 : 0);
    return (uint32_t)tc_min(TC_TRIT_BASE * codes, TC_TRIT_BASES) * 0x10001u;
}

/* Adds to the sums of channels those of codes, as words, and makes bytes of them behind the last code. */
TC_INLINE void tc_ternary_wide(const tc_ternary_params *p, const tc_ternary_work *t, const tc_ternary_weights *w,
                               int8_t *out, int32_t by_lines)
{
    const uint32_t start = tc_ternary_start(p, t);
    const int32_t words = tc_words_of(t->n);
    uint32_t *sums = t->sums;
#ifdef TC_TRITS_RUNS
    tc_trits_run run = {.x = t->x,
                        .codes = w->codes + t->first * p->codes + t->begin,
                        .bytes = p->codes,
                        .start = {start, start, start, start},
                        .count = t->end - t->begin,
                        .out = sums,
                        .left = t->last - t->first,
                        .how = TC_TRITS_WORDS};
    if (t->begin == 0) {
        memset(sums, 0, (size_t)(2 * words * (t->last - t->first)) * sizeof(uint32_t));
    }
    tc_trits_of_channels(&run, words);
    for (int32_t oc = t->first; t->end == p->codes && oc < t->last; oc++, sums += 2 * words) {
        tc_ternary_bytes_of(p, w, oc, NULL, sums, t->n, out, by_lines);
    }
#else
    for (int32_t oc = t->first; oc < t->last; oc++, sums += 2 * words) {
        const uint8_t *const codes = w->codes + oc * p->codes;
        uint32_t pairs[4];
        tc_trits_of(t->x, codes[t->begin], codes + t->begin + 1, codes + t->end, start, pairs, words);
        tc_add_pairs(sums, pairs, words, t->begin == 0);
        if (t->end == p->codes) {
            tc_ternary_bytes_of(p, w, oc, NULL, sums, t->n, out, by_lines);
        }
    }
#endif
}

/* The same where sums stay halves of words. */
TC_INLINE void tc_ternary_halves(const tc_ternary_params *p, const tc_ternary_work *t, const tc_ternary_weights *w,
                                 int8_t *out, int32_t by_lines)
{
    const uint32_t start = tc_ternary_start(p, t);
    const int32_t words = tc_words_of(t->n);
    const int32_t is_last = t->end == p->codes;
#ifdef TC_TRITS_RUNS
    int8_t *const to = out + t->first;
    const uintptr_t before = (uintptr_t)to + (uintptr_t)(words == 4 && t->n > 3 ? 3 * p->out_c : 0) - 1;
    const int32_t skipped = 2 * words - t->n;
    tc_trits_run run; /* what is set is what is read */
    run.x = t->x;
    run.codes = w->codes + t->first * p->codes + t->begin;
    run.first = t->begin ? (const void *)t->sums : t->firsts;
    run.bytes = p->codes;
    run.start[0] = start;
    run.start[1] = start;
    run.start[2] = start;
    run.start[3] = start;
    run.count = t->end - t->begin;
    run.channels = w->channels + 2 * t->first;
    run.left = t->last - t->first;
    run.pitch = p->out_c;
    run.begin = t->begin ? TC_TRITS_GO_ON : TC_TRITS_FIRST;
    run.entry = TC_TRITS_PIXEL * skipped + (skipped > 4 ? TC_TRITS_BACK : 0);
    if (p->shift == TC_TRITS_FINE) {
        run.entry += TC_TRITS_PIXEL * 2 * words + (words == 4 ? TC_TRITS_BACK : 0) + TC_TRITS_BRANCHES;
    }
    if (!is_last) {
        run.how = TC_TRITS_PAIRS;
        run.out = t->sums;
    } else if (by_lines) {
        run.how = TC_TRITS_LINES;
        run.out = (void *)before;
        run.mask = 0xFFFF0000;
        run.pitch_3 = 3 * p->out_c;
    } else {
        run.how = TC_TRITS_CALL;
        run.out = to;
        run.call = tc_trits_twice;
        run.magnitudes = p->magnitude ? NULL : w->magnitudes + t->first;
        run.magnitude = p->magnitude;
        run.zero = p->zero;
        run.n = t->n;
    }
    tc_trits_of_channels(&run, words);
#else
    const int32_t step = t->firsts ? 1 : p->codes;
    const uint8_t *codes = w->codes + t->first * p->codes + t->begin;
    const uint8_t *code = t->firsts ? t->firsts + t->first : codes;
    const int32_t skipped = t->firsts ? 0 : 1;
    const int32_t count = t->end - t->begin;
    const uint32_t from = t->begin ? 0 : start;
    uint32_t *kept = t->sums;
    if (t->begin == 0 && is_last) {
        for (int32_t oc = t->first; oc < t->last; oc++, codes += p->codes, code += step) {
            uint32_t pairs[4], sums[8];
            tc_trits_of(t->x, *code, codes + skipped, codes + count, start, pairs, words);
            tc_ternary_bytes_of(p, w, oc, pairs, sums, t->n, out, by_lines);
        }
        return;
    }
    for (int32_t oc = t->first; oc < t->last; oc++, codes += p->codes, code += step, kept += words) {
        uint32_t pairs[4];
        tc_trits_of(t->x, *code, codes + skipped, codes + count, from, pairs, words);
        for (int32_t i = 0; i < words; i++) {
            pairs[i] += t->begin ? kept[i] : 0;
            kept[i] = pairs[i];
        }
        if (is_last) {
            uint32_t sums[8];
            tc_ternary_bytes_of(p, w, oc, pairs, sums, t->n, out, by_lines);
        }
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
    const int32_t n = from->n;
    tc_ternary_work t = {scratch, n, 0, p->out_c, 0, p->codes, NULL, scratch};
    if (p->part == p->codes) {
        const int32_t rest = p->rest;
        t.firsts = rest ? tc_ternary_firsts_at(p, scratch) : NULL;
        tc_ternary_gather(p, from, scratch + (rest ? 4 * (5 - rest) : 0), 0, p->depth);
        tc_ternary_halves(p, &t, w, out, by_lines);
        tc_clamp_bytes_scalar(out, n * p->out_c, p->act_min, p->act_max);
        return;
    }
    uint32_t *const x = scratch + (p->is_wide ? 2 : 1) * tc_words_of(n) * p->group;
    t.x = x;
    for (; t.first < p->out_c; t.first = t.last) {
        t.last = tc_min(t.first + p->group, p->out_c);
        for (t.begin = 0; t.begin < p->codes; t.begin = t.end) {
            t.end = tc_min(t.begin + p->part, p->codes);
            tc_ternary_gather(p, from, x, 5 * t.begin, t.end < p->codes ? 5 * t.end : p->depth);
            if (p->is_wide) {
                tc_ternary_wide(p, &t, w, out, by_lines);
            } else {
                tc_ternary_halves(p, &t, w, out, by_lines);
            }
        }
    }
    tc_clamp_bytes_scalar(out, n * p->out_c, p->act_min, p->act_max);
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

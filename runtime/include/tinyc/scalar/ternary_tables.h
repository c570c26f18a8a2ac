/* Pairs of pixels through ternary weights, by tables of sums that all output channels share. */
#ifndef TINYC_SCALAR_TERNARY_TABLES_H
#define TINYC_SCALAR_TERNARY_TABLES_H

#include "tinyc/scalar/pair_bytes.h"
#include "tinyc/scalar/pair_sums.h"
#include "tinyc/scalar/ternary_window.h"

/* The taps of two pixels, in the order [kernel_h, kernel_w, in_c]; of one pixel twice where there is one. */
typedef struct {
    const int8_t *low;
    const int8_t *high;
    int32_t left; /* taps of the column */
    int32_t ky;   /* the next column */
    int32_t kx;
} tc_pair_walk;

static inline void tc_pair_walk_column(const tc_ternary_params *p, const tc_ternary_window *from, tc_pair_walk *w)
{
    const int8_t *const row = w->ky < p->kernel_h ? from->rows[w->ky] : NULL;
    const int32_t low = from->ix + w->kx * p->dilation_w;
    const int32_t high = low + (from->n - 1) * p->stride_w;
    w->low = row && (uint32_t)low < (uint32_t)p->in_w ? row + (low - from->origin) * p->in_c : from->padding;
    w->high = row && (uint32_t)high < (uint32_t)p->in_w ? row + (high - from->origin) * p->in_c : from->padding;
    w->left = p->in_c;
    if (++w->kx == p->kernel_w) {
        w->kx = 0;
        w->ky++;
    }
}

/* The next `count` taps as words, mostly those of a table or two. */
#define TC_PAIR_WALK_TAP(i) to[i] = (uint32_t)(low[i] + high[i] * 65536);
static __attribute__((noinline)) void tc_pair_walk_taps(const tc_ternary_params *p, const tc_ternary_window *from,
                                                        tc_pair_walk *w, uint32_t *to, int32_t count)
{
    for (;;) {
        const int32_t n = tc_min(count, w->left);
        const int8_t *low = w->low;
        const int8_t *high = w->high;
        uint32_t *const end = to + n;
        for (; end - to >= 5; to += 5, low += 5, high += 5) {
            TC_PAIR_WALK_TAP(0)
            TC_PAIR_WALK_TAP(1)
            TC_PAIR_WALK_TAP(2)
            TC_PAIR_WALK_TAP(3)
            TC_PAIR_WALK_TAP(4)
        }
        for (; to != end; to++) {
            *to = (uint32_t)(*low++ + *high++ * 65536);
        }
        w->low = low;
        w->high = high;
        w->left -= n;
        count -= n;
        if (count == 0) {
            return;
        }
        tc_pair_walk_column(p, from, w);
    }
}

/* Where what is computed lies in scratch. */
typedef struct {
    uint32_t *tables; /* [tables, TC_PAIR_SUMS] */
    uint32_t *taps;   /* [5 * tables], at the end of the tables: all are read by when that is written */
    uint32_t *pairs;  /* [group], of one part */
    uint16_t *tops;   /* [group], of the sums of all parts before, where there are several; see scalar/pair_sums.h */
    uint8_t *firsts;  /* [out_c], codes of the first taps where they make no code of their own */
} tc_ternary_tables_scratch;

TC_INLINE int32_t tc_ternary_tables_parts(const tc_ternary_params *p) { return p->part < p->codes; }

TC_INLINE tc_ternary_tables_scratch tc_ternary_tables_scratch_of(const tc_ternary_tables_params *p, uint32_t *scratch)
{
    uint32_t *const pairs = scratch + TC_PAIR_SUMS * p->tables;
    uint32_t *const taps = pairs - 5 * p->tables;
    uint16_t *const tops = (uint16_t *)(pairs + p->layer.group);
    const int32_t several = tc_ternary_tables_parts(&p->layer) ? (p->layer.group + 1) & ~1 : 0;
    const tc_ternary_tables_scratch s = {scratch, taps, pairs, tops, (uint8_t *)(tops + several)};
    return s;
}

/* The two sums of the next channel. tops: NULL where all of a sum is in its half of a word. */
TC_INLINE void tc_ternary_tables_next(const uint32_t **pairs, const uint16_t **tops, uint32_t *sums)
{
    const uint32_t pair = *(*pairs)++;
    if (*tops) {
        tc_pair_sums_of(pair, *(*tops)++, sums);
    } else {
        sums[0] = pair & 0xFFFF;
        sums[1] = pair >> 16;
    }
}

#ifdef __ARM_ARCH_6M__ /* whose long products are a function */
/* The bytes of channels [first, last) of n pixels, one or two. tops: as above. */
TC_INLINE void tc_ternary_tables_bytes(const tc_ternary_params *p, const tc_ternary_weights *w, int32_t first,
                                       int32_t last, const uint32_t *pairs, const uint16_t *tops, int32_t n,
                                       int8_t *out, int32_t by_lines)
{
    for (int32_t oc = first; oc < last; oc++) {
        uint32_t sums[2] = {0, 0};
        const uint32_t *const pair = pairs;
        tc_ternary_tables_next(&pairs, &tops, sums);
        tc_ternary_bytes_of(p, w, oc, tops ? NULL : pair, sums, n, out, by_lines);
    }
}
#else
/* The bytes of channels [first, last) of n pixels, one or two; of one twice. tops: as above. */
TC_INLINE void tc_ternary_tables_bytes(const tc_ternary_params *p, const tc_ternary_weights *w, int32_t first,
                                       int32_t last, const uint32_t *pairs, const uint16_t *tops, int32_t n,
                                       int8_t *out, int32_t by_lines)
{
    const int32_t *channel = w->channels + 2 * first;
    const int32_t right = p->shift;
    const int32_t zero = p->zero;
    const int32_t left = tops ? p->left : 16;
    const uint8_t all = (uint8_t)p->magnitude;
    const uint8_t *magnitude = all ? &all : w->magnitudes + first;
    int8_t *low = out + first;
    int8_t *high = low + (n - 1) * p->out_c;
    int8_t *const end = out + last;
    for (; low != end; channel += 2, magnitude += !all) {
        uint32_t sums[2];
        tc_ternary_tables_next(&pairs, &tops, sums);
        if (by_lines) {
            const tc_ternary_line line = tc_ternary_line_of(channel, right);
            *high++ = tc_line_scalar(sums[1] << left, &line);
            *low++ = tc_line_scalar(sums[0] << left, &line);
        } else {
            const int32_t start = channel[0] >> 5;
            const int32_t shift = channel[0] & 31;
            const int32_t each = *magnitude;
            *high++ = tc_byte_scalar(start + each * (int32_t)sums[1], channel[1], shift, zero, 1);
            *low++ = tc_byte_scalar(start + each * (int32_t)sums[0], channel[1], shift, zero, 1);
        }
    }
}
#endif

/* Between two parts of a sum: what each channel has so far, and where the next part starts from. */
static inline void tc_ternary_tables_between(uint32_t *pairs, uint16_t *tops, int32_t count, uint32_t start,
                                             int32_t at_first)
{
    for (int32_t i = 0; i < count; i++) {
        uint32_t sums[2];
        tc_pair_sums_of(pairs[i], at_first ? 0 : tops[i], sums);
        tops[i] = (uint16_t)(sums[0] >> 12 | sums[1] >> 12 << 8);
        pairs[i] += start;
    }
}

/* The sums of `count` channels; returns the next codes. firsts: [count], where the first taps make no code. */
TC_INLINE const uint8_t *tc_ternary_tables_sums(const tc_ternary_tables_params *q, const tc_ternary_window *from,
                                                const uint8_t *codes, const uint8_t *firsts, int32_t count,
                                                const tc_ternary_tables_scratch *s)
{
    const tc_ternary_params *const p = &q->layer;
    const uint32_t start = (uint32_t)q->start * 0x10001u;
    for (int32_t i = 0; i < count; i++) {
        s->pairs[i] = start;
    }
    tc_pair_walk walk = {NULL, NULL, 0, 0, 0};
    int32_t taps = p->depth;
    if (p->rest) {
        taps -= p->rest;
        tc_pair_walk_taps(p, from, &walk, s->taps + 5 - p->rest, p->rest);
        tc_pair_sums_tables(s->tables, s->taps, 1);
        tc_pair_sums_add(s->tables, 1, firsts, s->pairs, count);
    }
    int32_t left = p->part;
    for (int32_t some; taps > 0; taps -= 5 * some, left -= some) {
        if (left == 0) {
            tc_ternary_tables_between(s->pairs, s->tops, count, start, taps + p->part * 5 + p->rest == p->depth);
            left = p->part;
        }
        some = tc_min(tc_min(q->tables, left), (taps + 4) / 5);
        tc_pair_walk_taps(p, from, &walk, s->taps, tc_min(taps, 5 * some));
        tc_pair_sums_tables(s->tables, s->taps, some);
        codes = tc_pair_sums_add(s->tables, some, codes, s->pairs, count);
    }
    return codes;
}

/* All channels of one pixel or two. by_lines: whether bytes are made by lines; a constant at every call. */
TC_INLINE void tc_ternary_tables_pair(const tc_ternary_tables_params *q, const tc_ternary_window *from,
                                      const tc_ternary_weights *w, int8_t *out, const tc_ternary_tables_scratch *s,
                                      int32_t by_lines)
{
    const tc_ternary_params *const p = &q->layer;
    const uint8_t *codes = w->codes;
    for (int32_t first = 0; first < p->out_c; first += p->group) {
        const int32_t count = tc_min(p->group, p->out_c - first);
        codes = tc_ternary_tables_sums(q, from, codes, s->firsts + first, count, s);
        if (tc_ternary_tables_parts(p)) {
            tc_ternary_tables_bytes(p, w, first, first + count, s->pairs, s->tops, from->n, out, by_lines);
        } else {
            tc_ternary_tables_bytes(p, w, first, first + count, s->pairs, NULL, from->n, out, by_lines);
        }
    }
    tc_clamp_bytes_scalar(out, from->n * p->out_c, p->act_min, p->act_max);
}

TC_INLINE void tc_conv2d_ternary_tables(const tc_ternary_tables_params *p, const int8_t *const *rows,
                                        const tc_span *cols, const tc_ternary_weights *w, const int8_t *padding,
                                        int8_t *out, uint32_t *scratch, int32_t by_lines)
{
    const tc_ternary_params *const layer = &p->layer;
    const tc_ternary_tables_scratch s = tc_ternary_tables_scratch_of(p, scratch);
    tc_ternary_firsts(layer, w->rests, s.firsts);
    for (int32_t ox = cols->begin; ox < cols->end; ox += 2, out += 2 * layer->out_c) {
        const tc_ternary_window from = {rows, padding, cols->origin, ox * layer->stride_w - layer->pad_left,
                                        tc_min(cols->end - ox, 2)};
        tc_ternary_tables_pair(p, &from, w, out, &s, by_lines);
    }
}

TC_INLINE void tc_conv2d_1x1_ternary_tables(const tc_ternary_tables_params *p, const int8_t *in,
                                            const tc_ternary_weights *w, int8_t *out, int32_t pixels, uint32_t *scratch,
                                            int32_t by_lines)
{
    const tc_ternary_params *const layer = &p->layer;
    const tc_ternary_tables_scratch s = tc_ternary_tables_scratch_of(p, scratch);
    tc_ternary_firsts(layer, w->rests, s.firsts);
    for (; pixels > 0; pixels -= 2, in += 2 * layer->in_c, out += 2 * layer->out_c) {
        const tc_ternary_window from = {&in, NULL, 0, 0, tc_min(pixels, 2)};
        tc_ternary_tables_pair(p, &from, w, out, &s, by_lines);
    }
}

#endif

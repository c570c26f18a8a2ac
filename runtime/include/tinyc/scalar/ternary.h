/* Blocks of pixels through ternary weights. */
#ifndef TINYC_SCALAR_TERNARY_H
#define TINYC_SCALAR_TERNARY_H

#include "tinyc/scalar/blocks.h"
#include "tinyc/scalar/rests.h"
#include "tinyc/scalar/trits.h"
#include "tinyc/ternary.h"

/* `count` taps of two pixels as words, four words apart. */
static inline void tc_pair_taps(int32_t *to, const int8_t *low, const int8_t *high, int32_t count)
{
    for (; count >= 4; count -= 4, low += 4, high += 4, to += 16) {
        to[0] = low[0] + high[0] * 65536;
        to[4] = low[1] + high[1] * 65536;
        to[8] = low[2] + high[2] * 65536;
        to[12] = low[3] + high[3] * 65536;
    }
    for (; count > 0; count--, to += 4) {
        *to = *low++ + *high++ * 65536;
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

/* channel: two words, see tinyc/ternary.h; magnitude: what a trit counts. */
TC_INLINE tc_ternary_scale tc_ternary_scale_of(const tc_ternary_params *p, const int32_t *channel, int32_t magnitude)
{
    const tc_ternary_scale scale = {channel[0] >> 5, channel[1], magnitude, channel[0] & 31, p->zero};
    return scale;
}

/* Bytes of one channel of n pixels. pitch: of `out`, from pixel to pixel. */
typedef void tc_finish_of(const int32_t *sums, int32_t n, const tc_ternary_scale *s, int8_t *out, int32_t pitch);

TC_INLINE void tc_finish_ternary(const int32_t *sums, int32_t n, const tc_ternary_scale *s, int8_t *out, int32_t pitch)
{
    for (int32_t i = 0; i < n; i++, out += pitch) {
        *out = tc_byte_scalar(s->start + s->magnitude * sums[i], s->multiplier, s->shift, s->zero, 1);
    }
}

/* The same of words of two sums. */
TC_INLINE void tc_finish_ternary_pairs(const int32_t *pairs, int32_t n, const tc_ternary_scale *s, int8_t *out,
                                       int32_t pitch)
{
    int32_t sums[8];
    tc_split_pairs(sums, pairs);
    tc_finish_ternary(sums, n, s, out, pitch);
}

/* Where a kernel's taps come from. rows: NULL for pixels one after the other. */
typedef struct {
    const int8_t *const *rows; /* [kernel_h] */
    const int8_t *padding;     /* the pixel outside the image */
    int32_t origin;            /* column of the image at rows[ky][0] */
    int32_t ix;                /* column of the image under the kernel's first, for the first pixel */
    int32_t n;                 /* pixels, 1 to 8 */
} tc_ternary_window;

static inline const int8_t *tc_ternary_pixel(const tc_ternary_params *p, const tc_ternary_window *from, int32_t ky,
                                             int32_t ix)
{
    const int8_t *row = from->rows[ky];
    return row && ix >= 0 && ix < p->in_w ? row + (ix - from->origin) * p->in_c : from->padding;
}

/* Channels [first, first + count) of one column of the kernel, as words. */
static inline void tc_ternary_column(const tc_ternary_params *p, const tc_ternary_window *from, int32_t *to, int32_t ky,
                                     int32_t kx, int32_t first, int32_t count)
{
    const int32_t ix = from->ix + kx * p->dilation_w;
    const int32_t last = from->n - 1;
    const int32_t step = p->stride_w;
    if (from->rows[ky] && last == 7 && ix >= 0 && ix + 7 * step < p->in_w) {
        const int8_t *at = from->rows[ky] + (ix - from->origin) * p->in_c + first;
        const int32_t bytes = step * p->in_c;
        for (int32_t i = 0; i < 4; i++, at += 2 * bytes) {
            tc_pair_taps(to + i, at, at + bytes, count);
        }
        return;
    }
    for (int32_t i = 0; i < 4; i++) {
        const int8_t *low = tc_ternary_pixel(p, from, ky, ix + tc_min(2 * i, last) * step);
        const int8_t *high = tc_ternary_pixel(p, from, ky, ix + tc_min(2 * i + 1, last) * step);
        tc_pair_taps(to + i, low + first, high + first, count);
    }
}

/* Taps [begin, end) of the kernel as words, in the order [kernel_h, kernel_w, in_c]. */
static inline void tc_ternary_gather(const tc_ternary_params *p, const tc_ternary_window *from, int32_t *to,
                                     int32_t begin, int32_t end)
{
    int32_t tap = 0;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        for (int32_t kx = 0; kx < p->kernel_w; kx++, tap += p->in_c) {
            const int32_t first = tc_max(begin - tap, 0);
            const int32_t count = tc_min(end - tap, p->in_c) - first;
            if (count > 0) {
                tc_ternary_column(p, from, to, ky, kx, first, count);
                to += 4 * count;
            }
        }
    }
}

/* Adds to the sums of channels [first, last) those of the codes [begin, end), and makes bytes of them behind the last.
 * x: [taps, 4]; sums: [last - first, 8], unused where that is all codes. */
TC_INLINE void tc_ternary_part(const tc_ternary_params *p, const int32_t *x, int32_t n, int32_t first, int32_t last,
                               int32_t begin, int32_t end, const tc_ternary_weights *w, int32_t *sums, int8_t *out,
                               tc_finish_of finish)
{
    const int32_t pitch = p->out_c;
    const int32_t is_whole = begin == 0 && end == p->codes;
    tc_rest rest = {w->rests, 0, 0};
    for (int32_t oc = first; oc < last; oc++, sums += 8) {
        int32_t pairs[4];
        int32_t found[8];
        uint8_t buffer[TC_TRIT_SMALL];
        const uint8_t *codes = w->codes + oc * p->codes + begin;
        const uint8_t *stop = codes + (end - begin);
        if (p->rest > 0) {
            uint8_t *to = buffer;
            while (codes != stop) {
                *to++ = *codes++;
            }
            *to++ = tc_rest_code(&rest, p->rest);
            codes = buffer;
            stop = to;
        }
        tc_trits(x, codes, stop, pairs);
        int32_t *const to = is_whole ? found : sums;
        if (begin > 0) {
            tc_add_pairs(to, pairs);
        } else {
            tc_split_pairs(to, pairs);
        }
        if (end < p->codes) {
            continue;
        }
        const tc_ternary_scale scale =
            tc_ternary_scale_of(p, w->channels + 2 * oc, p->magnitude ? p->magnitude : w->magnitudes[oc]);
        finish(to, n, &scale, out + oc, pitch);
    }
}

/* The same of all channels, where all taps are in one part. finish: of words of two sums. */
TC_INLINE void tc_ternary_whole(const tc_ternary_params *p, const int32_t *x, int32_t n, const tc_ternary_weights *w,
                                int8_t *out, tc_finish_of finish)
{
    const int32_t pitch = p->out_c;
    const uint8_t *codes = w->codes;
    const int32_t bytes = p->codes;
    const int32_t *channel = w->channels;
    const uint8_t *magnitudes = w->magnitudes;
    int32_t magnitude = p->magnitude;
    const int32_t apart = magnitude == 0;
    for (int8_t *const end = out + pitch; out != end; out++, codes += bytes, channel += 2) {
        int32_t pairs[4];
        tc_trits(x, codes, codes + bytes, pairs);
        if (apart) {
            magnitude = *magnitudes++;
        }
        const tc_ternary_scale scale = tc_ternary_scale_of(p, channel, magnitude);
        finish(pairs, n, &scale, out, pitch);
    }
}

/* All channels of up to eight pixels. */
TC_INLINE void tc_ternary_block(const tc_ternary_params *p, const tc_ternary_window *from, const tc_ternary_weights *w,
                                int8_t *out, int32_t *scratch, tc_finish_of finish, tc_finish_of finish_pairs)
{
    if (p->part == p->codes && p->rest == 0) {
        tc_ternary_gather(p, from, scratch, 0, p->depth);
        tc_ternary_whole(p, scratch, from->n, w, out, finish_pairs);
        tc_clamp_bytes_scalar(out, from->n * p->out_c, p->act_min, p->act_max);
        return;
    }
    int32_t *const sums = scratch;
    int32_t *const x = p->part < p->codes ? scratch + 8 * p->group : scratch;
    for (int32_t first = 0; first < p->out_c; first += p->group) {
        const int32_t last = tc_min(first + p->group, p->out_c);
        for (int32_t begin = 0; begin < p->codes; begin += p->part) {
            const int32_t end = tc_min(begin + p->part, p->codes);
            tc_ternary_gather(p, from, x, 5 * begin, end < p->codes ? 5 * end : p->depth);
            tc_ternary_part(p, x, from->n, first, last, begin, end, w, sums, out, finish);
        }
    }
    tc_clamp_bytes_scalar(out, from->n * p->out_c, p->act_min, p->act_max);
}

#endif

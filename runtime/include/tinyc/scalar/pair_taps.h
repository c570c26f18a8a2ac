/* Taps of pixels lined up as words of two. */
#ifndef TINYC_SCALAR_PAIR_TAPS_H
#define TINYC_SCALAR_PAIR_TAPS_H

#include "tinyc/scalar/blocks.h"
#include "tinyc/scalar/ternary_window.h"
#include "tinyc/scalar/trits_form.h"

#ifdef TC_TRITS_RUNS
#include "tinyc/thumb2/pair_taps.h"
#else
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

#ifdef __riscv
/* `count` taps of eight pixels as words, in one go, as there are registers for it. bytes: from pixel to pixel; last: to
 * the eighth, 0 where there is none. */
static inline void tc_eight_taps(uint32_t *to, const int8_t *x, int32_t bytes, int32_t last, int32_t count)
{
    const int8_t *a = x;
    const int8_t *b = a + bytes;
    const int8_t *c = b + bytes;
    const int8_t *d = c + bytes;
    const int8_t *e = d + bytes;
    const int8_t *f = e + bytes;
    const int8_t *g = f + bytes;
    const int8_t *h = g + last;
#define TC_TAP_OF_EIGHT(i)                                                                                             \
    to[4 * (i)] = (uint32_t)(a[i] + b[i] * 65536);                                                                     \
    to[4 * (i) + 1] = (uint32_t)(c[i] + d[i] * 65536);                                                                 \
    to[4 * (i) + 2] = (uint32_t)(e[i] + f[i] * 65536);                                                                 \
    to[4 * (i) + 3] = (uint32_t)(g[i] + h[i] * 65536);
    for (; count >= 4; count -= 4, to += 16, a += 4, b += 4, c += 4, d += 4, e += 4, f += 4, g += 4, h += 4) {
        TC_TAP_OF_EIGHT(0)
        TC_TAP_OF_EIGHT(1)
        TC_TAP_OF_EIGHT(2)
        TC_TAP_OF_EIGHT(3)
    }
    for (int32_t i = 0; i < count; i++) {
        TC_TAP_OF_EIGHT(i)
    }
#undef TC_TAP_OF_EIGHT
}
#endif

/* Taps of n pixels of which none is padding. bytes: from pixel to pixel. */
static inline void tc_line_taps(uint32_t *to, const int8_t *x, int32_t bytes, int32_t n, int32_t count)
{
#ifdef __riscv
    if (n > 6) {
        tc_eight_taps(to, x, bytes, n > 7 ? bytes : 0, count);
        return;
    }
#endif
    for (; n > 0; n -= 2, x += 2 * bytes, to++) {
        tc_pair_taps(to, x, n > 1 ? x + bytes : x, count);
    }
}

/* Bytes of a row that are copied where some of its columns are padding: of more, columns are lined up one by one. */
enum { TC_PADDED_LINE = 64 };

/* Columns [from->ix, from->ix + columns) of a row, side by side. */
static inline void tc_pad_line(const tc_ternary_params *p, const tc_ternary_window *from, const int8_t *row,
                               int32_t columns, int8_t *to)
{
    const int32_t left = p->in_c * tc_clamp(-from->ix, 0, columns);
    const int32_t right = p->in_c * tc_clamp(p->in_w - from->ix, 0, columns);
    const int32_t end = p->in_c * columns;
    const int8_t *const x = row + (from->ix - from->origin) * p->in_c;
    const int8_t zero = from->padding[0];
    int32_t i = 0;
    for (; i < left; i++) {
        to[i] = zero;
    }
    for (; i < right; i++) {
        to[i] = x[i];
    }
    for (; i < end; i++) {
        to[i] = zero;
    }
}

/* Taps [begin, end) of the kernel as words, in the order [kernel_h, kernel_w, in_c]. */
TC_KERNEL __attribute__((noinline)) void tc_ternary_gather(const tc_ternary_params *p, const tc_ternary_window *from,
                                                           uint32_t *to, int32_t begin, int32_t end)
{
    const int32_t taps = p->kernel_w * p->in_c;
    const int32_t reach = (p->kernel_w - 1) * p->dilation_w;
    const int32_t stride = p->stride_w;
    const int32_t bytes = stride * p->in_c;
    const int32_t n = from->n;
    const int32_t in_line = p->dilation_w == 1 || p->kernel_w == 1;
    const int32_t columns = (n - 1) * stride + reach + 1;
    const int32_t inside = in_line && from->ix >= 0 && from->ix + columns <= p->in_w;
    const int32_t copied = in_line && !inside && columns * p->in_c <= TC_PADDED_LINE;
    int8_t line[TC_PADDED_LINE];
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
        if (copied) {
            tc_pad_line(p, from, row, columns, line);
            x = line + first;
        }
        if (copied || inside) {
            tc_line_taps(to, x, bytes, n, count);
            to = stop;
            continue;
        }
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
#endif

#endif

/* Taps lined up as words of two pixels, four pixels at a time. */
#ifndef TINYC_THUMB2_PAIR_TAPS_H
#define TINYC_THUMB2_PAIR_TAPS_H

#include <string.h>

#include "tinyc/kernel.h"
#include "tinyc/ternary.h"

/* `count` taps, at least one, of the pixels at a, b, c and d as two words each, four words apart. */
#define TC_TAP_OF_FOUR                                                                                                 \
    "ldrsb %[s], [%[a]], #1\n\t"                                                                                       \
    "ldrsb %[u], [%[b]], #1\n\t"                                                                                       \
    "ldrsb %[t], [%[c]], #1\n\t"                                                                                       \
    "ldrsb %[v], [%[d]], #1\n\t"                                                                                       \
    "add %[s], %[s], %[u], lsl #16\n\t"                                                                                \
    "add %[t], %[t], %[v], lsl #16\n\t"                                                                                \
    "strd %[s], %[t], [%[to]], #16\n\t"
TC_INLINE void tc_taps_of_four(uint32_t *to, const int8_t *a, const int8_t *b, const int8_t *c, const int8_t *d,
                               int32_t count)
{
    const uint32_t *const end = to + 4 * count;
    int32_t s, t, u, v;
    __asm__ volatile("lsls %[s], %[n], #31\n\t"
                     "bne 2f\n\t"
                     "1:\n\t" TC_TAP_OF_FOUR "2:\n\t" TC_TAP_OF_FOUR "cmp %[to], %[end]\n\t"
                     "bne 1b\n\t"
                     : [to] "+&r"(to), [a] "+&r"(a), [b] "+&r"(b), [c] "+&r"(c), [d] "+&r"(d), [s] "=&r"(s),
                       [t] "=&r"(t), [u] "=&r"(u), [v] "=&r"(v)
                     : [end] "r"(end), [n] "r"(count)
                     : "cc", "memory");
}

/* Bytes within which those of a row under four pixels are copied, with padding around them. */
enum { TC_FOUR_BYTES = 64 };

/* Four pixels, or the last ones again where there are fewer. */
typedef struct {
    int32_t column;    /* of the image under the kernel's first, for the first pixel */
    int32_t step[3];   /* from there to the other pixels, columns */
    int32_t offset[3]; /* and bytes */
    int32_t columns;   /* that a row of the kernel reaches */
} tc_four_pixels;

static inline tc_four_pixels tc_four_pixels_of(const tc_ternary_params *p, const tc_ternary_window *from, int32_t i)
{
    const int32_t last = tc_min(from->n - i, 4) - 1;
    tc_four_pixels four;
    four.column = from->ix + i * p->stride_w;
    four.columns = last * p->stride_w + (p->kernel_w - 1) * p->dilation_w + 1;
    for (int32_t k = 0; k < 3; k++) {
        four.step[k] = tc_min(k + 1, last) * p->stride_w;
        four.offset[k] = four.step[k] * p->in_c;
    }
    return four;
}

/* A row of the image under four pixels with the padding beside it. padding: a byte of it. to: TC_FOUR_BYTES. */
static inline void tc_padded_row(const tc_ternary_params *p, const int8_t *row, int32_t origin, int32_t column,
                                 int32_t columns, int8_t padding, int8_t *to)
{
    const int32_t first = tc_clamp(column, 0, p->in_w);
    const int32_t end = tc_clamp(column + columns, 0, p->in_w);
    const int8_t *x = row + (first - origin) * p->in_c;
    const uint32_t word = (uint8_t)padding * 0x01010101u;
    for (int32_t i = 0; i < columns * p->in_c; i += 4) {
        memcpy(to + i, &word, sizeof word);
    }
    to += (first - column) * p->in_c;
    int32_t left = (end - first) * p->in_c;
    for (; left >= 4; left -= 4, x += 4, to += 4) {
        uint32_t four;
        memcpy(&four, x, sizeof four);
        memcpy(to, &four, sizeof four);
    }
    for (; left > 0; left--) {
        *to++ = *x++;
    }
}

/* Taps [first, first + count) of a row of the kernel, column by column. */
static inline void tc_columns_of_four(const tc_ternary_params *p, const tc_ternary_window *from,
                                      const tc_four_pixels *four, const int8_t *row, uint32_t *to, int32_t first,
                                      int32_t count)
{
    const uint32_t in_w = (uint32_t)p->in_w;
    const int8_t *x = row + (four->column - from->origin) * p->in_c;
    int32_t column = four->column;
    for (; first >= p->in_c; first -= p->in_c) {
        column += p->dilation_w;
        x += p->dilation_w * p->in_c;
    }
    for (int32_t n; count > 0; count -= n, to += 4 * n, first = 0) {
        const int8_t *const a = ((uint32_t)column < in_w ? x : from->padding) + first;
        const int8_t *const b =
            ((uint32_t)(column + four->step[0]) < in_w ? x + four->offset[0] : from->padding) + first;
        const int8_t *const c =
            ((uint32_t)(column + four->step[1]) < in_w ? x + four->offset[1] : from->padding) + first;
        const int8_t *const d =
            ((uint32_t)(column + four->step[2]) < in_w ? x + four->offset[2] : from->padding) + first;
        n = tc_min(count, p->in_c - first);
        tc_taps_of_four(to, a, b, c, d, n);
        column += p->dilation_w;
        x += p->dilation_w * p->in_c;
    }
}

/* Taps [begin, end) of the kernel for four pixels, in the order [kernel_h, kernel_w, in_c]. copy: TC_FOUR_BYTES. */
static inline void tc_rows_of_four(const tc_ternary_params *p, const tc_ternary_window *from,
                                   const tc_four_pixels *four, uint32_t *to, int32_t begin, int32_t end, int8_t *copy)
{
    const int32_t taps = p->kernel_w * p->in_c;
    const int32_t is_line = p->dilation_w == 1 || p->kernel_w == 1;
    const int32_t is_inside = is_line && four->column >= 0 && four->column + four->columns <= p->in_w;
    const int32_t is_copied = is_line && four->columns * p->in_c <= TC_FOUR_BYTES;
    for (int32_t ky = 0; ky < p->kernel_h; ky++, begin -= taps, end -= taps) {
        const int32_t first = tc_max(begin, 0);
        const int32_t count = tc_min(end, taps) - first;
        const int8_t *const row = from->rows[ky];
        if (count <= 0) {
            continue;
        }
        if (row == NULL) {
            const uint32_t word = (uint32_t)(from->padding[0] * 65537);
            for (uint32_t *at = to; at != to + 4 * count; at += 4) {
                at[0] = word;
                at[1] = word;
            }
        } else if (is_inside || is_copied) {
            const int8_t *x = row + (four->column - from->origin) * p->in_c;
            if (!is_inside) {
                tc_padded_row(p, row, from->origin, four->column, four->columns, from->padding[0], copy);
                x = copy;
            }
            x += first;
            tc_taps_of_four(to, x, x + four->offset[0], x + four->offset[1], x + four->offset[2], count);
        } else {
            tc_columns_of_four(p, from, four, row, to, first, count);
        }
        to += 4 * count;
    }
}

TC_KERNEL __attribute__((noinline)) void tc_ternary_fours(const tc_ternary_params *p, const tc_ternary_window *from,
                                                          uint32_t *to, int32_t begin, int32_t end, int8_t *copy)
{
    for (int32_t i = 0; i < from->n; i += 4, to += 2) {
        const tc_four_pixels four = tc_four_pixels_of(p, from, i);
        tc_rows_of_four(p, from, &four, to, begin, end, copy);
    }
}

/* Taps [begin, end) of the kernel for all pixels as words. */
TC_INLINE void tc_ternary_gather(const tc_ternary_params *p, const tc_ternary_window *from, uint32_t *to, int32_t begin,
                                 int32_t end)
{
    int8_t copy[TC_FOUR_BYTES]; /* where the caller's stack has something else later on */
    tc_ternary_fours(p, from, to, begin, end, copy);
}

#endif

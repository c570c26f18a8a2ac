/* The pixels of a row as ternary kernels for Helium read them: columns of all kernel rows, which pixels share. */
#ifndef TINYC_MVE_TERNARY_COLUMNS_H
#define TINYC_MVE_TERNARY_COLUMNS_H

#include <arm_mve.h>

#include "tinyc/ternary.h"

/* Columns of c bytes, `from` and `to` bytes apart; those of padding are `from` 0 bytes apart. */
static inline void tc_copy_columns_mve(int8_t *y, int32_t to, const int8_t *x, int32_t from, int32_t c, int32_t count)
{
    int32_t k = 0;
    for (; k + 16 <= c; k += 16) {
        for (int32_t i = 0; i < count; i++) {
            vstrbq_s8(y + i * to + k, vldrbq_s8(x + i * from + k));
        }
    }
    if (k < c) {
        const mve_pred16_t lanes = vctp8q((uint32_t)(c - k));
        for (int32_t i = 0; i < count; i++) {
            vstrbq_p_s8(y + i * to + k, vldrbq_z_s8(x + i * from + k, lanes), lanes);
        }
    }
}

static __attribute__((noinline)) void tc_fill_columns_mve(int8_t *y, int32_t to, int32_t value, int32_t c,
                                                          int32_t count)
{
    const int8x16_t v = vdupq_n_s8((int8_t)value);
    for (int32_t i = 0; i < count; i++, y += to) {
        for (int32_t k = 0; k < c; k += 16) {
            vstrbq_p_s8(y + k, v, vctp8q((uint32_t)(c - k)));
        }
    }
}

/* `count` columns of the image, from column ix on, `step` apart in it and `to` bytes apart in y. */
static inline void tc_image_columns_mve(const tc_ternary_window_mve *p, const int8_t *const *rows, int32_t origin,
                                        int32_t ix, int32_t step, int32_t count, int8_t *y, int32_t to)
{
    const int32_t c = p->in_c;
    const int32_t before = tc_min(tc_max((step - 1 - ix) / step, 0), count);
    const int32_t inside = tc_min(tc_max((p->in_w - ix + step - 1) / step, before), count) - before;
    for (int32_t ky = 0; ky < p->kernel_h; ky++, y += c) {
        if (rows[ky] == NULL) {
            tc_fill_columns_mve(y, to, p->in_zp, c, count);
            continue;
        }
        tc_copy_columns_mve(y + before * to, to, rows[ky] + (ix + before * step - origin) * c, step * c, c, inside);
        if (inside < count) {
            tc_fill_columns_mve(y, to, p->in_zp, c, before);
            tc_fill_columns_mve(y + (before + inside) * to, to, p->in_zp, c, count - before - inside);
        }
    }
}

/* Whether pixels share no columns, since those of a kernel are apart. */
static inline int tc_is_apart_mve(const tc_ternary_window_mve *p) { return p->dilation_w != 1 && p->kernel_w != 1; }

/* The columns that n pixels read. */
static inline int32_t tc_columns_mve(const tc_ternary_window_mve *p, int32_t n)
{
    return tc_is_apart_mve(p) ? n * p->kernel_w : (n - 1) * p->stride_w + p->kernel_w;
}

/* Pixels [ox, ox + n). */
static inline void tc_line_up_mve(const tc_ternary_window_mve *p, const int8_t *const *rows, int32_t origin, int32_t ox,
                                  int32_t n, int8_t *to)
{
    const int32_t column = p->kernel_h * p->in_c;
    const int32_t ix = ox * p->stride_w - p->pad_left;
    if (!tc_is_apart_mve(p)) {
        tc_image_columns_mve(p, rows, origin, ix, 1, tc_columns_mve(p, n), to, column);
        return;
    }
    for (int32_t kx = 0; kx < p->kernel_w; kx++, to += column) {
        tc_image_columns_mve(p, rows, origin, ix + kx * p->dilation_w, p->stride_w, n, to, p->kernel_w * column);
    }
}

/* Bytes from a pixel's columns to those of the next. */
static inline int32_t tc_pitch_mve(const tc_ternary_window_mve *p)
{
    return (tc_is_apart_mve(p) ? p->kernel_w : p->stride_w) * p->kernel_h * p->in_c;
}

/* The columns of n pixels, `done` after the first: lined up at `to`, or where they lie. */
static inline const int8_t *tc_lined_up_mve(const tc_ternary_window_mve *p, const int8_t *const *rows,
                                            const tc_span *cols, int32_t done, int32_t n, int8_t *to)
{
    if (p->block == 0) {
        return rows[0] + (cols->begin * p->stride_w - cols->origin) * p->in_c;
    }
    tc_line_up_mve(p, rows, cols->origin, cols->begin + done, n, to);
    return to;
}

/* Where `count` pixels, from `ox` on but none behind `last`, have their columns: [kernel_w, kernel_h, count]. */
static inline const int8_t **tc_point_at_columns_mve(const tc_ternary_window_mve *p, const int8_t *const *rows,
                                                     int32_t origin, int32_t ox, int32_t last, int32_t count,
                                                     const int8_t *padding, const int8_t **to)
{
    for (int32_t kx = 0; kx < p->kernel_w; kx++) {
        for (int32_t ky = 0; ky < p->kernel_h; ky++) {
            for (int32_t i = 0; i < count; i++) {
                const int32_t ix = tc_min(ox + i, last) * p->stride_w - p->pad_left + kx * p->dilation_w;
                const int32_t inside = rows[ky] != NULL && (uint32_t)ix < (uint32_t)p->in_w;
                *to++ = inside ? rows[ky] + (ix - origin) * p->in_c : padding;
            }
        }
    }
    return to;
}

/* All channels of `pixels` pixels, which are `pitch` bytes apart. */
typedef void tc_ternary_pixels_mve(const tc_ternary_mve *p, const int8_t *x, int32_t pitch, const int8_t *codes,
                                   const int32_t *channels, int8_t *out, int32_t pixels, int8_t *line);

/* A row segment. */
TC_INLINE void tc_ternary_row_mve(const tc_conv2d_ternary_mve_params *params, tc_ternary_pixels_mve *compute,
                                  const int8_t *const *rows, const tc_span *cols, const int8_t *codes,
                                  const int32_t *channels, int8_t *out, int8_t *scratch)
{
    const tc_ternary_window_mve *const p = &params->columns;
    const int32_t all = cols->end - cols->begin;
    const int32_t together = p->block ? p->block : all;
    int8_t *const line = scratch + tc_columns_mve(p, p->block) * p->kernel_h * p->in_c;
    for (int32_t done = 0; done < all; done += together, out += together * params->product.out_c) {
        const int32_t n = tc_min(all - done, together);
        const int8_t *const x = tc_lined_up_mve(p, rows, cols, done, n, scratch);
        compute(&params->product, x, tc_pitch_mve(p), codes, channels, out, n, p->block ? line : scratch);
    }
}

#endif

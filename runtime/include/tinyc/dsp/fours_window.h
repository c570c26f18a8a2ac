/* A convolution of ternary weights by blocks of dsp/fours_blocks.h. */
#ifndef TINYC_DSP_FOURS_WINDOW_H
#define TINYC_DSP_FOURS_WINDOW_H

#include "tinyc/dsp/clamp.h"
#include "tinyc/dsp/fours_conv2d.h"

/* What the pixels of a block read. */
typedef struct {
    const tc_conv2d_ternary_dsp_params *p;
    const int8_t *const *rows;
    const int8_t *padding;
    int32_t origin; /* column of the image at rows[ky][0] */
} tc_fours_source;

/* The input pixel at a row and a column, or that of padding outside the image. */
static inline const int8_t *tc_fours_pixel(const tc_fours_source *w, int32_t ky, int32_t ix)
{
    const int8_t *row = w->rows[ky];
    return row && (uint32_t)ix < (uint32_t)w->p->in_w ? row + (ix - w->origin) * w->p->in_c : w->padding;
}

/* Columns of `pixels` pixels from ix on, `step` apart, in channels that are a multiple of 4: straight from the rows. */
static inline void tc_fours_gather(const tc_fours_source *w, int16_t *to, int32_t ix, int32_t step, int32_t pixels)
{
    const tc_conv2d_ternary_dsp_params *p = w->p;
    const int32_t last = ix + (pixels - 1) * step + (p->kernel_w - 1) * p->dilation_w;
    const int32_t inside = ix >= 0 && last < p->in_w && p->dilation_w == 1;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int32_t together = inside && w->rows[ky];
        const int32_t columns = together ? 1 : p->kernel_w;
        const int32_t bytes = together ? p->in_c * p->kernel_w : p->in_c;
        for (int32_t kx = 0; kx < columns; kx++) {
            const int8_t *x[4];
            for (int32_t i = 0; i < pixels; i++) {
                x[i] = tc_fours_pixel(w, ky, ix + kx * p->dilation_w + i * step);
            }
            to = tc_widen_fours(to, x, pixels, bytes);
        }
    }
}

static inline void tc_fours_copy(int8_t *to, const int8_t *from, int32_t n)
{
    for (; n >= 4; n -= 4, to += 4, from += 4) {
        memcpy(to, from, 4);
    }
    for (; n > 0; n--) {
        *to++ = *from++;
    }
}

/* The kernel's bytes of one pixel, one after the other: for channels that are no multiple of 4. */
static inline void tc_fours_line_up(const tc_fours_source *w, int8_t *to, int32_t ix)
{
    const tc_conv2d_ternary_dsp_params *p = w->p;
    const int32_t row_bytes = p->kernel_w * p->in_c;
    const int32_t inside = ix >= 0 && ix + p->kernel_w <= p->in_w && p->dilation_w == 1;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        if (inside && w->rows[ky]) {
            tc_fours_copy(to, tc_fours_pixel(w, ky, ix), row_bytes);
            to += row_bytes;
            continue;
        }
        for (int32_t kx = 0; kx < p->kernel_w; kx++, to += p->in_c) {
            tc_fours_copy(to, tc_fours_pixel(w, ky, ix + kx * p->dilation_w), p->in_c);
        }
    }
}

TC_INLINE void tc_fours_window(const tc_conv2d_ternary_dsp_params *p, const int8_t *const *rows, const tc_span *cols,
                               const uint32_t *codes, const int32_t *channels, const uint8_t *magnitudes,
                               const int8_t *padding, int8_t *out, void *scratch)
{
    const tc_fours_source from = {p, rows, padding, cols->origin};
    const int32_t out_c = p->product.out_c;
    const int32_t depth = p->product.depth;
    int16_t *const columns = (int16_t *)scratch;
    int8_t *const lines = (int8_t *)(columns + p->product.pixels * depth);
    int8_t *const first = out;
    uint32_t *const rests = (uint32_t *)(void *)(lines + (p->lines ? p->product.pixels * depth : 0));
    const tc_fours_weights w = tc_fours_weights_of(&p->product, codes, channels, magnitudes, rests);
    for (int32_t ox = cols->begin; ox < cols->end;) {
        const int32_t n = tc_fours_pixels(cols->end - ox, p->product.pixels);
        const int32_t pixels = tc_max(n, 2);
        const int32_t ix = ox * p->stride_w - p->pad_left;
        const int32_t step = n > 1 ? p->stride_w : 0;
        if (p->lines) {
            const int8_t *x[4];
            for (int32_t i = 0; i < pixels; i++) {
                x[i] = lines + (n > 1 ? i * depth : 0);
                tc_fours_line_up(&from, lines + i * depth, ix + i * step);
            }
            tc_widen_fours(columns, x, pixels, depth);
        } else {
            tc_fours_gather(&from, columns, ix, step, pixels);
        }
        tc_fours_dsp(&p->product, &w, columns, out, pixels, n > 1 ? out_c : 0);
        out += n * out_c;
        ox += n;
    }
    tc_clamp_bytes_dsp(first, (cols->end - cols->begin) * out_c, p->product.act_min, p->product.act_max);
}

#endif

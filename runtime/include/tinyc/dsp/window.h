/* What a convolution by the blocks of dsp/matmul.h reads of an image. */
#ifndef TINYC_DSP_WINDOW_H
#define TINYC_DSP_WINDOW_H

#include "tinyc/conv2d.h"
#include "tinyc/dsp/columns.h"

/* What one pixel of the kernel reads: kernel_w runs of in_c bytes of each row. */
typedef struct {
    const tc_conv2d_dsp_params *p;
    const int8_t *const *rows;
    int32_t origin; /* column of the image at rows[ky][0] */
} tc_window_dsp;

/* The input pixel that an output pixel's kernel column reads; the pixel of padding outside the image. */
static const int8_t *tc_window_pixel_dsp(const tc_window_dsp *w, const int8_t *row, int32_t ix, const int8_t *padding)
{
    return row && (uint32_t)ix < (uint32_t)w->p->in_w ? row + (ix - w->origin) * w->p->in_c : padding;
}

/* Columns of a block of n pixels from ix0 on, in channels that are a multiple of 4: straight from the rows. */
__attribute__((unused)) static void tc_gather_dsp(const tc_window_dsp *w, int16_t *to, int32_t ix0, int32_t n,
                                                  const int8_t *padding)
{
    const tc_conv2d_dsp_params *p = w->p;
    const int32_t second = n > 1 ? p->stride_w : 0;
    const int32_t third = 2 * p->stride_w;
    const int32_t last = ix0 + (n - 1) * p->stride_w + (p->kernel_w - 1) * p->dilation_w;
    const int32_t inside = ix0 >= 0 && last < p->in_w && p->dilation_w == 1;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int8_t *row = w->rows[ky];
        int32_t columns = p->kernel_w;
        int32_t bytes = p->in_c;
        if (inside && row) {
            columns = 1;
            bytes *= p->kernel_w;
        }
        for (int32_t kx = 0; kx < columns; kx++) {
            const int32_t ix = ix0 + kx * p->dilation_w;
            const int8_t *a = tc_window_pixel_dsp(w, row, ix, padding);
            const int8_t *b = tc_window_pixel_dsp(w, row, ix + second, padding);
            to = n == 3 ? tc_widen_3_dsp(to, a, b, tc_window_pixel_dsp(w, row, ix + third, padding), bytes)
                        : tc_widen_2_dsp(to, a, b, bytes);
        }
    }
}

static void tc_copy_dsp(int8_t *to, const int8_t *from, int32_t n)
{
    for (; n >= 4; n -= 4, to += 4, from += 4) {
        memcpy(to, from, 4);
    }
    for (; n > 0; n--) {
        *to++ = *from++;
    }
}

/* The kernel's bytes of one pixel, one after the other: for channels that are no multiple of 4. */
__attribute__((unused)) static void tc_line_up_dsp(const tc_window_dsp *w, int8_t *to, int32_t ix0,
                                                   const int8_t *padding)
{
    const tc_conv2d_dsp_params *p = w->p;
    const int32_t row_bytes = p->kernel_w * p->in_c;
    const int32_t inside = ix0 >= 0 && ix0 + p->kernel_w <= p->in_w && p->dilation_w == 1;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int8_t *row = w->rows[ky];
        if (inside && row) {
            tc_copy_dsp(to, row + (ix0 - w->origin) * p->in_c, row_bytes);
            to += row_bytes;
            continue;
        }
        for (int32_t kx = 0; kx < p->kernel_w; kx++, to += p->in_c) {
            tc_copy_dsp(to, tc_window_pixel_dsp(w, row, ix0 + kx * p->dilation_w, padding), p->in_c);
        }
    }
}

#endif

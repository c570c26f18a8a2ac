#include "tinyc/conv2d.h"
#include "tinyc/dsp/blocks.h"
#include "tinyc/dsp/clamp.h"
#include "tinyc/dsp/columns.h"

/* What one pixel of the kernel reads: kernel_w runs of in_c bytes of each row. */
typedef struct {
    const tc_conv2d_dsp_params *p;
    const int8_t *const *rows;
    int32_t origin; /* column of the image at rows[ky][0] */
} window;

/* The input pixel that an output pixel's kernel column reads; the pixel of padding outside the image. */
static const int8_t *pixel(const window *w, const int8_t *row, int32_t ix, const int8_t *padding)
{
    return row && (uint32_t)ix < (uint32_t)w->p->in_w ? row + (ix - w->origin) * w->p->in_c : padding;
}

/* Columns of a block of n pixels from ix0 on, in channels that are a multiple of 4: straight from the rows. */
static void gather(const window *w, int16_t *to, int32_t ix0, int32_t n, const int8_t *padding)
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
            const int8_t *a = pixel(w, row, ix, padding);
            const int8_t *b = pixel(w, row, ix + second, padding);
            to = n == 3 ? tc_widen_3_dsp(to, a, b, pixel(w, row, ix + third, padding), bytes)
                        : tc_widen_2_dsp(to, a, b, bytes);
        }
    }
}

static void copy(int8_t *to, const int8_t *from, int32_t n)
{
    for (; n >= 4; n -= 4, to += 4, from += 4) {
        memcpy(to, from, 4);
    }
    for (; n > 0; n--) {
        *to++ = *from++;
    }
}

/* The kernel's bytes of one pixel, one after the other: for channels that are no multiple of 4. */
static void line_up(const window *w, int8_t *to, int32_t ix0, const int8_t *padding)
{
    const tc_conv2d_dsp_params *p = w->p;
    const int32_t row_bytes = p->kernel_w * p->in_c;
    const int32_t inside = ix0 >= 0 && ix0 + p->kernel_w <= p->in_w && p->dilation_w == 1;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int8_t *row = w->rows[ky];
        if (inside && row) {
            copy(to, row + (ix0 - w->origin) * p->in_c, row_bytes);
            to += row_bytes;
            continue;
        }
        for (int32_t kx = 0; kx < p->kernel_w; kx++, to += p->in_c) {
            copy(to, pixel(w, row, ix0 + kx * p->dilation_w, padding), p->in_c);
        }
    }
}

TC_KERNEL void tc_conv2d_s8_dsp(const tc_conv2d_dsp_params *p, const int8_t *const *rows, const tc_span *cols,
                                const int32_t *weights, const int8_t *padding, int8_t *out, void *scratch)
{
    const window w = {p, rows, cols->origin};
    const int32_t out_c = p->product.out_c;
    const int32_t depth = p->product.depth;
    int16_t *const columns = scratch;
    int8_t *const first = out;
    int8_t *const lines = (int8_t *)(columns + depth * (p->wide ? 3 : 2));
    for (int32_t ox = cols->begin; ox < cols->end;) {
        const int32_t n = p->wide ? tc_block_pixels_dsp(cols->end - ox) : tc_min(cols->end - ox, 2);
        const int32_t ix0 = ox * p->stride_w - p->pad_left;
        if (p->lines) {
            for (int32_t i = 0; i < n; i++) {
                line_up(&w, lines + i * depth, ix0 + i * p->stride_w, padding);
            }
            if (n == 3) {
                tc_widen_3_dsp(columns, lines, lines + depth, lines + 2 * depth, depth);
            } else {
                tc_widen_2_dsp(columns, lines, n == 2 ? lines + depth : lines, depth);
            }
        } else {
            gather(&w, columns, ix0, n, padding);
        }
        tc_matmul_block_dsp(&p->product, columns, weights, out, tc_max(n, 2), n == 1 ? 0 : out_c);
        out += n * out_c;
        ox += n;
    }
    tc_clamp_bytes_dsp(first, (cols->end - cols->begin) * out_c, p->act_min, p->act_max);
}

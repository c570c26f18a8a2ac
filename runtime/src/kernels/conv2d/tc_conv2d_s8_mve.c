#include "tinyc/conv2d.h"
#include "tinyc/mve/blocks.h"
#include "tinyc/mve/window.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_s8_mve(const tc_conv2d_mve_params *p, const int8_t *const *rows,
                                                    const tc_span *cols, const int32_t *weights, int8_t *out,
                                                    void *scratch)
{
    const int32_t depth = p->product.depth;
    const int32_t bytes = p->stride_w * p->in_c; /* from pixel to pixel of a row */
    const int32_t run = p->kernel_w * p->in_c;
    const int32_t ix = cols->begin * p->stride_w - p->pad_left;
    const int32_t beyond = (cols->end - 1) * p->stride_w - p->pad_left + p->kernel_w;
    int32_t whole = p->dilation_w == 1; /* no row is padding, and kernel rows are contiguous */
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        whole &= rows[ky] != NULL;
    }
    if (p->kernel_h == 1 && whole && ix >= 0 && beyond <= p->in_w && run == depth) {
        tc_pixels_mve(&p->product, rows[0] + (ix - cols->origin) * p->in_c, bytes, weights, out,
                      cols->end - cols->begin);
        return;
    }
    for (int32_t ox = cols->begin; ox < cols->end;) {
        const int32_t n = tc_min(cols->end - ox, p->block);
        int8_t *to = scratch;
        int32_t x = ox * p->stride_w - p->pad_left;
        for (int32_t i = 0; i < n;) {
            if (whole && run <= 16 && n - i >= 2 && x >= 0 && x + p->stride_w + p->kernel_w <= p->in_w) {
                tc_gather_pair_mve(rows, p->kernel_h, (x - cols->origin) * p->in_c, bytes, run, to, depth);
                i += 2;
                to += 2 * depth;
                x += 2 * p->stride_w;
            } else {
                tc_gather_mve(p, rows, x, cols->origin, to);
                i++;
                to += depth;
                x += p->stride_w;
            }
        }
        tc_pixels_mve(&p->product, scratch, depth, weights, out, n);
        ox += n;
        out += n * p->product.out_c;
    }
}

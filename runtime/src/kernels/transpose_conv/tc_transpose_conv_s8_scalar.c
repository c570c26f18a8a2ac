#include "tinyc/scalar/blocks.h"
#include "tinyc/scalar/columns.h"
#include "tinyc/transpose_conv.h"

/* How many of `kernel` rows or columns from `first` on, every stride-th. */
static int32_t taps(int32_t kernel, int32_t first, int32_t stride) { return (kernel - first + stride - 1) / stride; }

TC_KERNEL TC_NO_FRAME_POINTER void tc_transpose_conv_s8_scalar(const tc_transpose_conv_scalar_params *p,
                                                               const int8_t *const *rows, const tc_span *cols,
                                                               int32_t y, const int32_t *weights,
                                                               const int32_t *streams, int8_t *out, void *scratch)
{
    const int32_t ky = (y + p->pad_top) % p->stride_h;
    const int32_t taps_h = taps(p->kernel_h, ky, p->stride_h);
    const int32_t width = cols->end - cols->begin;
    const int32_t step = taps_h * p->in_c;
    const tc_columns_scalar from = {p->in_w, p->in_c, 0, p->in_c, taps_h, cols->origin, p->in_zp};
    tc_matmul_scalar product = p->product;
    rows += p->rows - taps_h;
    streams += ky * p->stride_w;
    for (int32_t i = 0; i < tc_min(p->stride_w, width); i++) {
        const int32_t at = cols->begin + i + p->pad_left;
        const int32_t kx = at % p->stride_w;
        const int32_t taps_w = taps(p->kernel_w, kx, p->stride_w);
        int32_t ix = at / p->stride_w - taps_w + 1;
        int8_t *to = out + i * product.out_c;
        product.depth = taps_w * step;
        for (int32_t left = taps(width, i, p->stride_w); left > 0; left -= p->block, ix += p->block) {
            const int32_t n = tc_min(left, p->block);
            tc_gather_scalar(&from, rows, scratch, ix, n - 1 + taps_w);
            tc_pixels_scalar(&product, scratch, step, weights + streams[kx], to, n, 1);
            to += n * product.pitch;
        }
    }
    tc_clamp_bytes_scalar(out, width * product.out_c, product.act_min, product.act_max);
}

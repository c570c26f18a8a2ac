#include "tinyc/conv2d.h"
#include "tinyc/scalar/blocks.h"
#include "tinyc/scalar/columns.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_s8_scalar(const tc_conv2d_scalar_params *p, const int8_t *const *rows,
                                                       const tc_span *cols, const int32_t *weights, int8_t *out,
                                                       void *scratch)
{
    const tc_matmul_scalar *product = &p->product;
    const int32_t pitch = p->kernel_h * p->group_c;
    const int32_t shared = p->step < p->kernel_w;
    const int32_t neighbours = p->dilation_w == 1 ? p->kernel_w : 1;
    int8_t *const first = out;
    for (int32_t ox = cols->begin; ox < cols->end; ox += p->block) {
        const int32_t n = tc_min(cols->end - ox, p->block);
        const int32_t together = shared ? n : 1;
        const int32_t columns = neighbours + (together - 1) * p->stride_w;
        for (int32_t g = 0; g < p->groups; g++) {
            const tc_columns_scalar from = {p->in_w,     p->in_c,      g * p->group_c, p->group_c,
                                            p->kernel_h, cols->origin, p->in_zp};
            int8_t *to = scratch;
            for (int32_t i = 0; i < n; i += together) {
                for (int32_t kx = 0; kx < p->kernel_w; kx += neighbours, to += columns * pitch) {
                    const int32_t ix = (ox + i) * p->stride_w - p->pad_left + kx * p->dilation_w;
                    tc_gather_scalar(&from, rows, to, ix, columns);
                }
            }
            tc_pixels_scalar(product, scratch, p->step * pitch, weights + g * p->group_words, out + g * product->out_c,
                             n, 1);
        }
        out += n * product->pitch;
    }
    tc_clamp_bytes_scalar(first, (cols->end - cols->begin) * product->pitch, product->act_min, product->act_max);
}

#include "tinyc/packed.h"
#include "tinyc/scalar/columns.h"
#include "tinyc/scalar/packed.h"

/* n pixels from column ox of the output on, lined up for the blocks. */
static void line_up(const tc_conv2d_scalar_params *p, const int8_t *const *rows, int32_t origin, int32_t ox, int32_t n,
                    int8_t *to)
{
    const tc_columns_scalar from = {p->in_w, p->in_c, 0, p->in_c, p->kernel_h, origin, p->in_zp};
    const int32_t pitch = p->kernel_h * p->in_c;
    const int32_t together = p->step < p->kernel_w ? n : 1;
    const int32_t neighbours = p->dilation_w == 1 ? p->kernel_w : 1;
    const int32_t columns = neighbours + (together - 1) * p->stride_w;
    for (int32_t i = 0; i < n; i += together) {
        const int32_t first = (ox + i) * p->stride_w - p->pad_left;
        for (int32_t kx = 0; kx < p->kernel_w; kx += neighbours, to += columns * pitch) {
            tc_gather_scalar(&from, rows, to, first + kx * p->dilation_w, columns);
        }
    }
}

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_packed_s8_scalar(const tc_conv2d_scalar_params *p, const tc_levels *levels,
                                                              const int8_t *const *rows, const tc_span *cols,
                                                              const int32_t *weights, int8_t *out, void *scratch)
{
    const tc_matmul_scalar *const product = &p->product;
    const int32_t step = p->step * p->kernel_h * p->in_c;
    int8_t *const columns = (int8_t *)scratch + tc_line_scalar(product, levels);
    int32_t lined_up = 0; /* the whole row */
    tc_some_scalar some = tc_open_packed_scalar(product, weights, scratch);
    for (int8_t *first = out; some.left > 0; first += some.product.out_c) {
        tc_next_scalar(&some, levels);
        int8_t *to = first;
        for (int32_t ox = cols->begin; ox < cols->end; ox += p->block) {
            const int32_t n = tc_min(cols->end - ox, p->block);
            if (!lined_up) {
                line_up(p, rows, cols->origin, ox, n, columns);
                lined_up = ox + n == cols->end && ox == cols->begin;
            }
            tc_pixels_scalar(&some.product, columns, step, some.unpacked, to, n, 1);
            to += n * product->pitch;
        }
    }
    tc_clamp_bytes_scalar(out, (cols->end - cols->begin) * product->pitch, product->act_min, product->act_max);
}

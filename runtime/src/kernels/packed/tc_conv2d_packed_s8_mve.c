#include "tinyc/mve/packed.h"
#include "tinyc/mve/window.h"
#include "tinyc/packed.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_packed_s8_mve(const tc_conv2d_mve_params *p, const tc_levels *levels,
                                                           const int8_t *const *rows, const tc_span *cols,
                                                           const int32_t *weights, int8_t *out, void *scratch)
{
    const tc_matmul_mve *const product = &p->product;
    int8_t *const lines = (int8_t *)scratch + tc_line_mve(product, levels);
    int8_t *const bytes = lines + p->block * product->depth;
    int32_t lined_up = 0; /* the whole row */
    tc_some_mve some = tc_open_packed_mve(product, weights, scratch);
    for (int8_t *first = out; some.left > 0; first += some.product.out_c) {
        tc_next_mve(&some, levels);
        int8_t *to = first;
        for (int32_t ox = cols->begin; ox < cols->end; ox += p->block) {
            const int32_t n = tc_min(cols->end - ox, p->block);
            for (int32_t i = 0; i < n && !lined_up; i++) {
                const int32_t ix = (ox + i) * p->stride_w - p->pad_left;
                tc_gather_mve(p, rows, ix, cols->origin, lines + i * product->depth);
            }
            lined_up = ox == cols->begin && ox + n == cols->end;
            tc_some_pixels_mve(&some, lines, bytes, to, product->out_c, n);
            to += n * product->out_c;
        }
    }
    tc_clamp_packed_mve(product, out, (cols->end - cols->begin) * product->out_c);
}

#include "tinyc/mve/packed.h"
#include "tinyc/packed.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_1x1_packed_s8_mve(const tc_conv2d_1x1_mve_params *p,
                                                               const tc_levels *levels, const int8_t *in,
                                                               const int32_t *weights, int8_t *out, int32_t pixels,
                                                               void *scratch)
{
    const tc_matmul_mve *const product = &p->product;
    int8_t *const bytes = (int8_t *)scratch + tc_line_mve(product, levels);
    tc_some_mve some = tc_open_packed_mve(product, weights, scratch);
    for (int8_t *first = out; some.left > 0; first += some.product.out_c) {
        tc_next_mve(&some, levels);
        for (int32_t i = 0; i < pixels; i += TC_PACKED_PIXELS_MVE) {
            const int32_t n = tc_min(pixels - i, TC_PACKED_PIXELS_MVE);
            tc_some_pixels_mve(&some, in + i * product->depth, bytes, first + i * product->out_c, product->out_c, n);
        }
    }
    tc_clamp_packed_mve(product, out, pixels * product->out_c);
}

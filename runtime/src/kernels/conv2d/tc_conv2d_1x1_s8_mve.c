#include "tinyc/conv2d.h"
#include "tinyc/mve/blocks.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_1x1_s8_mve(const tc_conv2d_1x1_mve_params *p, const int8_t *in,
                                                        const int32_t *weights, int8_t *out, int32_t pixels)
{
    tc_pixels_mve(&p->product, in, p->product.depth, weights, out, pixels);
}

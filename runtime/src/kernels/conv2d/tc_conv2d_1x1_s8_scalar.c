#include "tinyc/conv2d.h"
#include "tinyc/scalar/blocks.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_1x1_s8_scalar(const tc_matmul_scalar *p, const int8_t *in,
                                                           const int32_t *weights, int8_t *out, int32_t pixels)
{
    tc_pixels_scalar(p, in, p->depth, weights, out, pixels, 1);
    tc_clamp_bytes_scalar(out, pixels * p->pitch, p->act_min, p->act_max);
}

#include "tinyc/packed.h"
#include "tinyc/scalar/packed.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_1x1_packed_s8_scalar(const tc_matmul_scalar *p, const tc_levels *levels,
                                                                  const int8_t *in, const int32_t *weights, int8_t *out,
                                                                  int32_t pixels, void *scratch)
{
    tc_packed_pixels_scalar(p, levels, in, weights, out, pixels, scratch, 1);
}

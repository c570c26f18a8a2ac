#include "tinyc/mve/ternary_fives.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_1x1_ternary_fives_s8_mve(const tc_ternary_fives_mve *p, const int8_t *in,
                                                                      const int8_t *codes, const int32_t *channels,
                                                                      const int8_t *scales, int8_t *out, int32_t pixels,
                                                                      void *scratch)
{
    tc_ternary_in_line_mve(p, in, p->product.vector.in_n, codes, channels, scales, out, pixels, scratch);
}

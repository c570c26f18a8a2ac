#include "tinyc/mve/ternary_blocks.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_1x1_ternary_blocks_s8_mve(const tc_ternary_mve *p, const int8_t *in,
                                                                       const int8_t *codes, const int32_t *channels,
                                                                       int8_t *out, int32_t pixels, void *scratch)
{
    tc_ternary_by_blocks_mve(p, in, p->depth, codes, channels, out, pixels, scratch);
}

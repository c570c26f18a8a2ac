#include "tinyc/scalar/eights.h"

TC_KERNEL void tc_depthwise_conv2d_ternary_s8_rv32(const tc_depthwise_eights_params *p, const int8_t *const *rows,
                                                   const tc_span *cols, const uint8_t *weights, const int32_t *channels,
                                                   const int32_t *padding, int8_t *out, void *scratch)
{
    tc_depthwise_eights(p, rows, cols, weights, channels, padding, out, scratch);
}

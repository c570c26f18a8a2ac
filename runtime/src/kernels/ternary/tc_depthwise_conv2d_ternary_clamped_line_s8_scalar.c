#define TC_MASKED_CLAMPED
#include "tinyc/scalar/masks.h"

TC_KERNEL void tc_depthwise_conv2d_ternary_clamped_line_s8_scalar(const tc_depthwise_ternary_params *p,
                                                                  const int8_t *const *rows, const tc_span *cols,
                                                                  const uint16_t *pairs, const int32_t *channels,
                                                                  const uint8_t *magnitudes, const uint8_t *rests,
                                                                  const int32_t *padding, int8_t *out, void *scratch)
{
    tc_depthwise_masked(p, rows, cols, pairs, channels, magnitudes, rests, (const int8_t *)padding, out, scratch, 1);
}

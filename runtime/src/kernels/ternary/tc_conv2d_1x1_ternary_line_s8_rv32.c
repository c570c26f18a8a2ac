#include "tinyc/rv32/ternary.h"

TC_KERNEL void tc_conv2d_1x1_ternary_line_s8_rv32(const tc_ternary_params *p, const int8_t *in, const uint8_t *codes,
                                                  const int32_t *channels, const uint8_t *magnitudes,
                                                  const uint8_t *rests, int8_t *out, int32_t pixels, void *scratch)
{
    const tc_ternary_weights w = {codes, channels, magnitudes, rests};
    tc_conv2d_1x1_ternary(p, in, &w, out, pixels, scratch, 1);
}

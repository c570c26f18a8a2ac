#define TC_FOURS_BY_LINES
#include "tinyc/dsp/fours_pixels.h"

TC_KERNEL void tc_conv2d_1x1_ternary_line_s8_dsp(const tc_conv2d_1x1_ternary_dsp_params *p, const int8_t *in,
                                                 const uint32_t *codes, const int32_t *channels, int8_t *out,
                                                 int32_t pixels, void *scratch)
{
    tc_fours_pointwise(p, in, codes, channels, NULL, out, pixels, scratch);
}

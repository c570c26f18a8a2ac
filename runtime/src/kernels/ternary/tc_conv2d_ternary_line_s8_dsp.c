#define TC_FOURS_BY_LINES
#include "tinyc/dsp/fours_window.h"

TC_KERNEL void tc_conv2d_ternary_line_s8_dsp(const tc_conv2d_ternary_dsp_params *p, const int8_t *const *rows,
                                             const tc_span *cols, const uint32_t *codes, const int32_t *channels,
                                             const int8_t *padding, int8_t *out, void *scratch)
{
    tc_fours_window(p, rows, cols, codes, channels, NULL, padding, out, scratch);
}

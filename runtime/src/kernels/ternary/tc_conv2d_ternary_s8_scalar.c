#include "tinyc/scalar/ternary.h"

TC_KERNEL void tc_conv2d_ternary_s8_scalar(const tc_ternary_params *p, const int8_t *const *rows, const tc_span *cols,
                                           const uint8_t *codes, const int32_t *channels, const uint8_t *magnitudes,
                                           const uint8_t *rests, const int8_t *padding, int8_t *out, void *scratch)
{
    const tc_ternary_weights w = {codes, channels, magnitudes, rests};
    for (int32_t ox = cols->begin; ox < cols->end; ox += 8, out += 8 * p->out_c) {
        const tc_ternary_window from = {rows, padding, cols->origin, ox * p->stride_w - p->pad_left,
                                        tc_min(cols->end - ox, 8)};
        tc_ternary_block(p, &from, &w, out, scratch, tc_finish_ternary, tc_finish_ternary_pairs);
    }
}

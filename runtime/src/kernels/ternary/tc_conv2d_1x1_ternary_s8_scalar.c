#include "tinyc/scalar/ternary.h"

TC_KERNEL void tc_conv2d_1x1_ternary_s8_scalar(const tc_ternary_params *p, const int8_t *in, const uint8_t *codes,
                                               const int32_t *channels, const uint8_t *magnitudes, const uint8_t *rests,
                                               int8_t *out, int32_t pixels, void *scratch)
{
    const tc_ternary_weights w = {codes, channels, magnitudes, rests};
    for (; pixels > 0; pixels -= 8, in += 8 * p->in_c, out += 8 * p->out_c) {
        const int32_t n = tc_min(pixels, 8);
        const tc_ternary_window from = {&in, NULL, 0, 0, n};
        tc_ternary_block(p, &from, &w, out, scratch, tc_finish_ternary, tc_finish_ternary_pairs);
    }
}

/* A pointwise convolution of ternary weights by blocks of dsp/fours_blocks.h. */
#ifndef TINYC_DSP_FOURS_PIXELS_H
#define TINYC_DSP_FOURS_PIXELS_H

#include "tinyc/dsp/clamp.h"
#include "tinyc/dsp/fours_conv2d.h"

TC_INLINE void tc_fours_pointwise(const tc_conv2d_1x1_ternary_dsp_params *p, const int8_t *in, const uint32_t *codes,
                                  const int32_t *channels, const uint8_t *magnitudes, int8_t *out, int32_t pixels,
                                  void *scratch)
{
    const int32_t in_c = p->in_c;
    const int32_t out_c = p->product.out_c;
    int16_t *const columns = (int16_t *)scratch;
    int8_t *const first = out;
    uint32_t *const rests = (uint32_t *)(void *)(columns + p->product.pixels * p->product.depth);
    const tc_fours_weights w = tc_fours_weights_of(&p->product, codes, channels, magnitudes, rests);
    for (int32_t left = pixels; left > 0;) {
        const int32_t n = tc_fours_pixels(left, p->product.pixels);
        const int32_t pitch = n > 1 ? in_c : 0;
        const int8_t *const x[4] = {in, in + pitch, in + 2 * pitch, in + 3 * pitch};
        tc_widen_fours(columns, x, tc_max(n, 2), in_c);
        tc_fours_dsp(&p->product, &w, columns, out, tc_max(n, 2), n > 1 ? out_c : 0);
        in += n * in_c;
        out += n * out_c;
        left -= n;
    }
    tc_clamp_bytes_dsp(first, pixels * out_c, p->product.act_min, p->product.act_max);
}

#endif

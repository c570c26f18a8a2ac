#include "tinyc/dsp/depthwise_3x3.h"

TC_KERNEL void tc_depthwise_conv2d_3x3_s8_dsp(const tc_depthwise_conv2d_3x3_dsp_params *p, const int8_t *const *rows,
                                              const tc_span *cols, const int32_t *weights, const int8_t *padding,
                                              int8_t *out, void *scratch)
{
    const int32_t whole = rows[0] != NULL && rows[1] != NULL && rows[2] != NULL;
    for (int32_t ox = cols->begin; ox < cols->end;) {
        const int32_t ix0 = ox * p->stride_w - p->pad_left;
        const int32_t pixels = tc_min(cols->end - ox, 2);
        const int32_t columns = (pixels - 1) * p->stride_w + 3;
        int32_t blocks = 1;
        if (whole && ix0 >= 0 && ix0 + columns <= p->in_w) {
            blocks = tc_min((p->in_w - columns - ix0) / (pixels * p->stride_w) + 1, (cols->end - ox) / pixels);
        }
        tc_3x3_find_taps(p, rows, cols->origin, ix0, columns, padding, scratch);
        const int32_t pairs = p->channels >> 1;
        tc_3x3_some_channels(p, scratch, padding, weights, out, pixels, blocks, pairs);
        if (p->channels & 1) {
            const int32_t c = p->channels - 2;
            tc_3x3_some_channels(p, scratch, padding + c, weights + PAIR_WORDS * pairs, out + c, pixels, blocks, 1);
        }
        out += blocks * pixels * p->channels;
        ox += blocks * pixels;
    }
    const int32_t bytes = (cols->end - cols->begin) * p->channels;
    tc_clamp_bytes_dsp(out - bytes, bytes, p->act_min, p->act_max);
}

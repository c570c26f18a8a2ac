#include "tinyc/unsigned.h"

TC_KERNEL void tc_some_channels_1x1_s8_ref(const tc_some_channels_params *p, const int8_t *in, const int16_t *weights,
                                           const int32_t *bias, int8_t *out, int32_t pixels)
{
    for (int32_t n = 0; n < pixels; n++, in += p->in_c, out += p->out_c) {
        const int16_t *w = weights;
        for (int32_t i = 0; i < p->count; i++, w += p->depth) {
            int32_t acc = bias[i];
            for (int32_t c = 0; c < p->depth; c++) {
                acc = tc_mac(acc, in[c] - p->in_zp, w[c]);
            }
            out[p->channels[i]] = tc_some_channels_byte(p, acc, i);
        }
    }
}

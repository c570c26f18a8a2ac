#include "tinyc/unsigned.h"

/* The output byte of the i-th channel, rounded once. */
static int8_t byte_once(const tc_some_channels_params *p, int32_t acc, int32_t i)
{
    const int32_t shift = p->shifts[i];
    const int64_t scaled = ((int64_t)acc * p->multipliers[i] + ((int64_t)1 << (shift - 1))) >> shift;
    return (int8_t)tc_clamp((int32_t)scaled + p->out_zp, p->act_min, p->act_max);
}

TC_KERNEL void tc_some_channels_once_s8_ref(const tc_some_channels_params *p, const int8_t *in, const int16_t *weights,
                                            const int32_t *bias, int8_t *out, int32_t vectors)
{
    for (int32_t n = 0; n < vectors; n++, in += p->in_c, out += p->out_c) {
        const int16_t *w = weights;
        for (int32_t i = 0; i < p->count; i++, w += p->depth) {
            int32_t acc = bias[i];
            for (int32_t c = 0; c < p->depth; c++) {
                acc = tc_mac(acc, in[c] - p->in_zp, w[c]);
            }
            out[p->channels[i]] = byte_once(p, acc, i);
        }
    }
}

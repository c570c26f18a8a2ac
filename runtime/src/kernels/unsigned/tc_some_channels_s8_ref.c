#include "tinyc/unsigned.h"

TC_KERNEL void tc_some_channels_s8_ref(const tc_some_channels_params *p, const int8_t *const *rows, const tc_span *cols,
                                       const int16_t *weights, const int32_t *bias, int8_t *out)
{
    for (int32_t ox = cols->begin; ox < cols->end; ox++, out += p->out_c) {
        const int32_t ix0 = ox * p->stride_w - p->pad_left;
        const int16_t *w = weights;
        for (int32_t i = 0; i < p->count; i++) {
            int32_t acc = bias[i];
            for (int32_t ky = 0; ky < p->kernel_h; ky++) {
                for (int32_t kx = 0; kx < p->kernel_w; kx++, w += p->depth) {
                    const int32_t ix = ix0 + kx * p->dilation_w;
                    if (rows[ky] == NULL || ix < 0 || ix >= p->in_w) {
                        continue;
                    }
                    const int8_t *x = rows[ky] + (ix - cols->origin) * p->in_c + p->inputs[i];
                    for (int32_t c = 0; c < p->depth; c++) {
                        acc = tc_mac(acc, x[c] - p->in_zp, w[c]);
                    }
                }
            }
            out[p->channels[i]] = tc_some_channels_byte(p, acc, i);
        }
    }
}

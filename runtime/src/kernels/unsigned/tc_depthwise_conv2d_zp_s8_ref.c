#include "tinyc/unsigned.h"

TC_KERNEL void tc_depthwise_conv2d_zp_s8_ref(const tc_depthwise_conv2d_params *p, const tc_weight_zp *zp,
                                             const int8_t *const *rows, const tc_span *cols, const int8_t *weights,
                                             const int32_t *bias, int8_t *out)
{
    const int32_t out_c = p->in_c * p->multiplier;
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const int32_t ix0 = ox * p->stride_w - p->pad_left;
        for (int32_t oc = 0; oc < out_c; oc++) {
            const int32_t ic = oc / p->multiplier;
            int32_t acc = bias ? bias[oc] : 0;
            for (int32_t ky = 0; ky < p->kernel_h; ky++) {
                if (rows[ky] == NULL) {
                    continue;
                }
                for (int32_t kx = 0; kx < p->kernel_w; kx++) {
                    const int32_t ix = ix0 + kx * p->dilation_w;
                    if (ix < 0 || ix >= p->in_w) {
                        continue;
                    }
                    const int8_t x = rows[ky][(ix - cols->origin) * p->in_c + ic];
                    acc = tc_mac(acc, x - p->in_zp, weights[(ky * p->kernel_w + kx) * out_c + oc] - zp->value);
                }
            }
            const int32_t scaled = tc_requant(acc, p->multipliers[oc], p->shifts[oc]);
            *out++ = (int8_t)tc_clamp(scaled + p->out_zp, p->act_min, p->act_max);
        }
    }
}

#include "tinyc/unsigned.h"

TC_KERNEL void tc_conv2d_1x1_zp_s8_ref(const tc_conv2d_params *p, const tc_weight_zp *zp, const int8_t *in,
                                       const int8_t *weights, const int32_t *bias, int8_t *out, int32_t pixels)
{
    for (int32_t i = 0; i < pixels; i++, in += p->in_c) {
        const int8_t *w = weights;
        for (int32_t oc = 0; oc < p->out_c; oc++, w += p->in_c) {
            int32_t acc = bias ? bias[oc] : 0;
            for (int32_t c = 0; c < p->in_c; c++) {
                acc = tc_mac(acc, in[c] - p->in_zp, w[c] - zp->value);
            }
            const int32_t scaled = tc_requant(acc, p->multipliers[oc], p->shifts[oc]);
            *out++ = (int8_t)tc_clamp(scaled + p->out_zp, p->act_min, p->act_max);
        }
    }
}

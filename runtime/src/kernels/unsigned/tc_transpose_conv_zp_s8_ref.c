#include "tinyc/unsigned.h"

TC_KERNEL void tc_transpose_conv_zp_s8_ref(const tc_transpose_conv_params *p, const tc_weight_zp *zp,
                                           const int8_t *const *rows, const tc_span *cols, int32_t y,
                                           const int8_t *weights, const int32_t *bias, int8_t *out)
{
    const int32_t ky0 = (y + p->pad_top) % p->stride_h;
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const int32_t kx0 = (ox + p->pad_left) % p->stride_w;
        const int32_t ix0 = (ox + p->pad_left) / p->stride_w;
        const int8_t *filter = weights;
        for (int32_t oc = 0; oc < p->out_c; oc++, filter += p->kernel_h * p->kernel_w * p->in_c) {
            int32_t acc = bias ? bias[oc] : 0;
            for (int32_t ky = ky0, row = p->rows - 1; ky < p->kernel_h; ky += p->stride_h, row--) {
                for (int32_t kx = kx0, ix = ix0; kx < p->kernel_w; kx += p->stride_w, ix--) {
                    if (rows[row] == NULL || ix < 0 || ix >= p->in_w) {
                        continue;
                    }
                    const int8_t *x = rows[row] + (ix - cols->origin) * p->in_c;
                    const int8_t *w = filter + (ky * p->kernel_w + kx) * p->in_c;
                    for (int32_t c = 0; c < p->in_c; c++) {
                        acc = tc_mac(acc, x[c] - p->in_zp, w[c] - zp->value);
                    }
                }
            }
            const int32_t scaled = tc_requant(acc, p->multipliers[oc], p->shifts[oc]);
            *out++ = (int8_t)tc_clamp(scaled + p->out_zp, p->act_min, p->act_max);
        }
    }
}

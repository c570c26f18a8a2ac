#include "tinyc/cmsis_nn.h"

#include "arm_nnfunctions.h"

TC_KERNEL void tc_conv2d_s8_cmsis(const tc_cmsis_conv_params *p, const int8_t *in, const int8_t *weights,
                                  const int32_t *bias, int8_t *out, void *scratch)
{
    const cmsis_nn_context context = {scratch, 0};
    const cmsis_nn_conv_params how = {-p->in_zp,
                                      p->out_zp,
                                      {p->stride_w, p->stride_h},
                                      {p->pad_left, p->pad_top},
                                      {p->dilation_w, p->dilation_h},
                                      {p->act_min, p->act_max}};
    const cmsis_nn_per_channel_quant_params scales = {(int32_t *)(uintptr_t)p->multipliers,
                                                      (int32_t *)(uintptr_t)p->shifts};
    const cmsis_nn_dims in_dims = {1, p->in_h, p->in_w, p->in_c};
    const cmsis_nn_dims weight_dims = {p->out_c, p->kernel_h, p->kernel_w, p->in_c};
    const cmsis_nn_dims bias_dims = {1, 1, 1, p->out_c};
    const cmsis_nn_dims out_dims = {1, p->out_h, p->out_w, p->out_c};
    (void)arm_convolve_wrapper_s8(&context, &how, &scales, &in_dims, in, &weight_dims, weights, &bias_dims, bias,
                                  &out_dims, out);
}

#include "tinyc/cmsis_nn.h"

#include "arm_nnfunctions.h"

TC_KERNEL void tc_fully_connected_s8_cmsis(const tc_cmsis_fully_connected_params *p, const int8_t *in,
                                           const int8_t *weights, const int32_t *bias, int8_t *out, int32_t vectors,
                                           void *scratch)
{
    const cmsis_nn_context context = {scratch, 0};
    const cmsis_nn_fc_params how = {-p->in_zp, 0, p->out_zp, {p->act_min, p->act_max}};
    const cmsis_nn_per_tensor_quant_params scale = {p->multiplier, p->shift};
    const cmsis_nn_dims in_dims = {vectors, 1, 1, p->in_n};
    const cmsis_nn_dims weight_dims = {p->in_n, 1, 1, p->out_n};
    const cmsis_nn_dims bias_dims = {1, 1, 1, p->out_n};
    const cmsis_nn_dims out_dims = {vectors, 1, 1, p->out_n};
#if defined(__ARM_FEATURE_MVE)
    (void)arm_vector_sum_s8(scratch, p->in_n, p->out_n, weights, -p->in_zp, 0, bias);
#endif
    (void)arm_fully_connected_s8(&context, &how, &scale, &in_dims, in, &weight_dims, weights, &bias_dims, bias,
                                 &out_dims, out);
}

#include "tinyc/cmsis_nn.h"

#include "arm_nnfunctions.h"

TC_KERNEL void tc_average_pool2d_s8_cmsis(const tc_cmsis_pool_params *p, const int8_t *in, int8_t *out, void *scratch)
{
    const cmsis_nn_context context = {scratch, 0};
    const cmsis_nn_pool_params how = {{p->stride_w, p->stride_h}, {p->pad_left, p->pad_top}, {p->act_min, p->act_max}};
    const cmsis_nn_dims in_dims = {1, p->in_h, p->in_w, p->channels};
    const cmsis_nn_dims window = {1, p->kernel_h, p->kernel_w, 1};
    const cmsis_nn_dims out_dims = {1, p->out_h, p->out_w, p->channels};
    (void)arm_avgpool_s8(&context, &how, &in_dims, in, &window, &out_dims, out);
}

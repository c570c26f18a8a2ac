#include "tinyc/cmsis_nn.h"

#include "arm_nnfunctions.h"

TC_KERNEL void tc_add_s8_cmsis(const tc_cmsis_add_params *p, const int8_t *a, const int8_t *b, int8_t *out,
                               int32_t elements)
{
    (void)arm_elementwise_add_s8(a, b, -p->a_zp, p->a_multiplier, p->a_shift, -p->b_zp, p->b_multiplier, p->b_shift,
                                 p->left_shift, out, p->out_zp, p->multiplier, p->shift, p->act_min, p->act_max,
                                 elements);
}

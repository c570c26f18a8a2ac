#include "tinyc/cmsis_nn.h"

#include "arm_nnfunctions.h"

TC_KERNEL void tc_softmax_s8_cmsis(const tc_cmsis_softmax_params *p, const int8_t *in, int8_t *out, int32_t vectors)
{
    arm_softmax_s8(in, vectors, p->depth, p->multiplier, p->shift, p->diff_min, out);
}

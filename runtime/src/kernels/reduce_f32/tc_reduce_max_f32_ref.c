#include "tinyc/reduce_f32.h"

TC_KERNEL void tc_reduce_max_f32_ref(const tc_reduce_f32_params *p, const float *in, float *out)
{
    tc_reduce_axes_f32(p, in, out, NULL, tc_max_f32);
}

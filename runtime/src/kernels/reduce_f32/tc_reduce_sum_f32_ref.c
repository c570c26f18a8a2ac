#include "tinyc/reduce_f32.h"

static inline float join(float found, float x) { return found + x; }

TC_KERNEL void tc_reduce_sum_f32_ref(const tc_reduce_f32_params *p, const float *in, float *out)
{
    static const float zero = 0.0f;
    tc_reduce_axes_f32(p, in, out, &zero, join);
}

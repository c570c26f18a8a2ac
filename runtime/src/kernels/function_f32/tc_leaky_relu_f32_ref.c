#include "tinyc/function_f32.h"

TC_KERNEL void tc_leaky_relu_f32_ref(const tc_leaky_relu_f32_params *p, const float *in, float *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        const float x = in[i];
        out[i] = x > 0.0f ? x : x * p->alpha;
    }
}

#include "tinyc/function_f32.h"

TC_KERNEL void tc_gelu_f32_ref(const float *in, float *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        out[i] = tc_gelu_f32(in[i]);
    }
}

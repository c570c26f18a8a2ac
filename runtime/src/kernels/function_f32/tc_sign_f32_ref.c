#include "tinyc/function_f32.h"

TC_KERNEL void tc_sign_f32_ref(const float *in, float *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        const float x = in[i];
        out[i] = x > 0.0f ? 1.0f : x < 0.0f ? -1.0f : x;
    }
}

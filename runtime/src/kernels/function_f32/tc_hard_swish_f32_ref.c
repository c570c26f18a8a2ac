#include "tinyc/function_f32.h"

static inline float hard_swish(float x)
{
    const float inner = tc_min_f32(tc_max_f32(x + 3.0f, 0.0f), 6.0f);
    return x * inner / 6.0f;
}

TC_KERNEL void tc_hard_swish_f32_ref(const float *in, float *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        out[i] = hard_swish(in[i]);
    }
}

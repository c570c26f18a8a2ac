#include "tinyc/function_f32.h"

TC_KERNEL void tc_clamp_f32_ref(const tc_clamp_f32_params *p, const float *in, float *out, int32_t n)
{
    const float low = p->low;
    const float high = p->high;
    for (int32_t i = 0; i < n; i++) {
        const float x = in[i] < low ? low : in[i];
        out[i] = x > high ? high : x;
    }
}

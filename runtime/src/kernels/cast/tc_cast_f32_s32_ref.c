#include "tinyc/cast.h"

TC_KERNEL void tc_cast_f32_s32_ref(const float *in, int32_t *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        const float x = in[i];
        out[i] = x >= 2147483648.0f ? INT32_MAX : x <= -2147483648.0f ? INT32_MIN : x != x ? 0 : (int32_t)x;
    }
}

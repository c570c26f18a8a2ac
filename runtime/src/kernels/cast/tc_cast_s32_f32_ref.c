#include "tinyc/cast.h"

TC_KERNEL void tc_cast_s32_f32_ref(const int32_t *in, float *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        out[i] = (float)in[i];
    }
}

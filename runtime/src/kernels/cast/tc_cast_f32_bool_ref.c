#include "tinyc/cast.h"

TC_KERNEL void tc_cast_f32_bool_ref(const float *in, int8_t *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        out[i] = in[i] != 0.0f;
    }
}

#include "tinyc/cast.h"

TC_KERNEL void tc_cast_f32_s64_ref(const float *in, int64_t *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        const float x = in[i];
        out[i] = x >= 9223372036854775808.0f    ? INT64_MAX
                 : x <= -9223372036854775808.0f ? INT64_MIN
                 : x != x                       ? 0
                                                : (int64_t)x;
    }
}

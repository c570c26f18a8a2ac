#include "tinyc/cast.h"

TC_KERNEL void tc_cast_s32_s64_ref(const int32_t *in, int64_t *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        out[i] = (int64_t)in[i];
    }
}

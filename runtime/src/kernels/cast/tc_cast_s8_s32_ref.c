#include "tinyc/cast.h"

TC_KERNEL void tc_cast_s8_s32_ref(const int8_t *in, int32_t *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        out[i] = (int32_t)in[i];
    }
}

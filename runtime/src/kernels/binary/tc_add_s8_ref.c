#include "tinyc/binary.h"

TC_KERNEL void tc_add_s8_ref(const tc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        out[i] = tc_add_one(p, a[i], b[i]);
    }
}

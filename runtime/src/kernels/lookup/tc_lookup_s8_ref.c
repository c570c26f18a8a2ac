#include "tinyc/lookup.h"

TC_KERNEL void tc_lookup_s8_ref(const int8_t *in, const int8_t *table, int8_t *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        out[i] = table[in[i] + 128];
    }
}

#include "tinyc/lookup.h"

TC_KERNEL void tc_lookup_s8_ref(const int8_t *in, const int8_t *table, int8_t *out, int32_t n)
{
    const int8_t *middle = table + 128;
    for (; n >= 4; n -= 4, in += 4, out += 4) {
        const int32_t a = in[0];
        const int32_t b = in[1];
        const int32_t c = in[2];
        const int32_t d = in[3];
        out[0] = middle[a];
        out[1] = middle[b];
        out[2] = middle[c];
        out[3] = middle[d];
    }
    for (; n > 0; n--) {
        *out++ = middle[*in++];
    }
}

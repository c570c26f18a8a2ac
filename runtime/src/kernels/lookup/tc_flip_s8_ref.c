#include "tinyc/lookup.h"

TC_KERNEL void tc_flip_s8_ref(const int8_t *in, int8_t *out, int32_t n)
{
    for (; n >= 4; n -= 4, in += 4, out += 4) {
        uint32_t word;
        memcpy(&word, in, sizeof(word));
        word ^= 0x80808080u;
        memcpy(out, &word, sizeof(word));
    }
    for (; n > 0; n--) {
        *out++ = (int8_t)(*in++ ^ INT8_MIN);
    }
}

#include "tinyc/binary.h"
#include "tinyc/dsp/clamp.h"

TC_KERNEL void tc_linear_s8_dsp(const tc_linear_dsp_params *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t n)
{
    int8_t *const first = out;
    const int32_t fa = p->a;
    const int32_t fb = p->b;
    const int32_t offset = p->offset;
    const int32_t shift = p->shift;
    const int8_t *const end = a + n;
    const int8_t *const unrolled = a + (n & ~3);
    while (a != unrolled) {
        const int32_t x = tc_mac(tc_mac(offset, fa, *a++), fb, *b++);
        const int32_t y = tc_mac(tc_mac(offset, fa, *a++), fb, *b++);
        const int32_t z = tc_mac(tc_mac(offset, fa, *a++), fb, *b++);
        const int32_t w = tc_mac(tc_mac(offset, fa, *a++), fb, *b++);
        *out++ = (int8_t)__ssat(x >> shift, 8);
        *out++ = (int8_t)__ssat(y >> shift, 8);
        *out++ = (int8_t)__ssat(z >> shift, 8);
        *out++ = (int8_t)__ssat(w >> shift, 8);
    }
    while (a != end) {
        *out++ = (int8_t)__ssat((tc_mac(tc_mac(offset, fa, *a++), fb, *b++)) >> shift, 8);
    }
    tc_clamp_bytes_dsp(first, n, p->act_min, p->act_max);
}

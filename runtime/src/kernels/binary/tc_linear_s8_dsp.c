#include "tinyc/binary.h"
#include "tinyc/dsp/clamp.h"
#include "tinyc/saturate.h"

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
        *out++ = tc_saturate(x >> shift);
        *out++ = tc_saturate(y >> shift);
        *out++ = tc_saturate(z >> shift);
        *out++ = tc_saturate(w >> shift);
    }
    while (a != end) {
        *out++ = tc_saturate(tc_mac(tc_mac(offset, fa, *a++), fb, *b++) >> shift);
    }
    tc_clamp_bytes_dsp(first, n, p->act_min, p->act_max);
}

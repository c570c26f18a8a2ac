#include "tinyc/binary.h"
#include "tinyc/scalar/blocks.h"

TC_KERNEL void tc_linear_s8_scalar(const tc_linear_dsp_params *p, const int8_t *a, const int8_t *b, int8_t *out,
                                   int32_t n)
{
    const int32_t fa = p->a;
    const int32_t fb = p->b;
    const int32_t offset = p->offset;
    const int32_t shift = p->shift;
    int8_t *const first = out;
    for (int8_t *const end = out + n; out != end;) {
        *out++ = tc_saturate(tc_mac(tc_mac(offset, fa, *a++), fb, *b++) >> shift);
    }
    tc_clamp_bytes_scalar(first, n, p->act_min, p->act_max);
}

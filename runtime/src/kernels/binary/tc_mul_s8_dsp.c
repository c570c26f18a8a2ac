#include "tinyc/binary.h"
#include "tinyc/dsp/clamp.h"
#include "tinyc/saturate.h"

TC_KERNEL void tc_mul_s8_dsp(const tc_mul_dsp_params *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t n)
{
    int8_t *const first = out;
    const int32_t a_zp = p->a_zp;
    const int32_t b_zp = p->b_zp;
    const int32_t multiplier = p->multiplier;
    const int32_t offset = p->offset;
    const int32_t shift = p->shift;
    for (const int8_t *const end = a + n; a != end;) {
        const int32_t x = 2 * (*a++ - a_zp) * (*b++ - b_zp);
        int32_t scaled = offset + (x >> 31);
        __asm__("smmlar %0, %1, %2, %0" : "+r"(scaled) : "r"(x), "r"(multiplier));
        *out++ = tc_saturate(scaled >> shift);
    }
    tc_clamp_bytes_dsp(first, n, p->act_min, p->act_max);
}

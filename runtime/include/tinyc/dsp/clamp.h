/* The clamp of a fused activation, for kernels that saturate to int8 only. */
#ifndef TINYC_DSP_CLAMP_H
#define TINYC_DSP_CLAMP_H

#include <arm_acle.h>
#include <string.h>

#include "tinyc/kernel.h"

/* n bytes at x clamped to [low, high]; nothing is done where that is all of int8. */
static inline void tc_clamp_bytes_dsp(int8_t *x, int32_t n, int32_t low, int32_t high)
{
    if (low == INT8_MIN && high == INT8_MAX) {
        return;
    }
    /* as offsets of -128 .. 127 from -128; saturation at 0 and at 255 clamps. Not by the flags that SSUB8 leaves for
     * SEL: Renode sets them on overflow */
    const uint32_t beyond = 255u - (uint32_t)(high - low);
    const uint32_t below = (uint32_t)(low - INT8_MIN) * 0x01010101u;
    const uint32_t above = beyond * 0x01010101u;
    const uint32_t back = (((uint32_t)low - beyond) & 0xFFu) * 0x01010101u;
    for (; n >= 4; n -= 4, x += 4) {
        uint32_t v;
        memcpy(&v, x, 4);
        v = __uqsub8(v ^ 0x80808080u, below);
        v = __uadd8(__uqadd8(v, above), back);
        memcpy(x, &v, 4);
    }
    for (; n > 0; n--, x++) {
        *x = (int8_t)tc_clamp(*x, low, high);
    }
}

#endif

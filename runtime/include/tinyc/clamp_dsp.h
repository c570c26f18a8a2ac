/* The clamp of a fused activation, for kernels that saturate to int8 only. */
#ifndef TINYC_CLAMP_DSP_H
#define TINYC_CLAMP_DSP_H

#include <arm_acle.h>
#include <string.h>

#include "tinyc/kernel.h"

/* n bytes at x clamped to [low, high]; nothing is done where that is all of int8. */
static inline void tc_clamp_bytes_dsp(int8_t *x, int32_t n, int32_t low, int32_t high)
{
    if (low == INT8_MIN && high == INT8_MAX) {
        return;
    }
    const uint32_t least = (uint32_t)(uint8_t)low * 0x01010101u;
    const uint32_t most = (uint32_t)(uint8_t)high * 0x01010101u;
    for (; n >= 4; n -= 4, x += 4) {
        uint32_t v;
        memcpy(&v, x, 4);
        (void)__ssub8(v, least);
        v = __sel(v, least);
        (void)__ssub8(most, v);
        v = __sel(v, most);
        memcpy(x, &v, 4);
    }
    for (; n > 0; n--, x++) {
        *x = (int8_t)tc_clamp(*x, low, high);
    }
}

#endif

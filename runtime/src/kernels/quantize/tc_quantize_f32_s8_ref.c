#include "tinyc/quantize.h"

TC_KERNEL void tc_quantize_f32_s8_ref(const tc_quantize_params *p, const float *in, int8_t *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        const float x = in[i] / p->scale;
        const float bounded = x < -1024.0f ? -1024.0f : x > 1024.0f ? 1024.0f : x;
        const int32_t whole = (int32_t)bounded;
        const float rest = bounded - (float)whole;
        const int32_t rounded = whole + (rest >= 0.5f) - (rest <= -0.5f);
        out[i] = (int8_t)tc_clamp(rounded + p->zp, INT8_MIN, INT8_MAX);
    }
}

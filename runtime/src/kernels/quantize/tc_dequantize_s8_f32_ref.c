#include "tinyc/quantize.h"

TC_KERNEL void tc_dequantize_s8_f32_ref(const tc_quantize_params *p, const int8_t *in, float *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        out[i] = p->scale * (float)(in[i] - p->zp);
    }
}

#ifndef TINYC_QUANTIZE_H
#define TINYC_QUANTIZE_H

#include "tinyc/kernel.h"

typedef struct {
    float scale;
    int32_t zp; /* zero point of the int8 side */
} tc_quantize_params;

/* out[i] = clamp(round(in[i] / scale) + zp), halves away from zero. Needs no libm. Portable. */
void tc_quantize_f32_s8_ref(const tc_quantize_params *p, const float *in, int8_t *out, int32_t n);

/* out[i] = scale * (in[i] - zp). Portable. */
void tc_dequantize_s8_f32_ref(const tc_quantize_params *p, const int8_t *in, float *out, int32_t n);

#endif

#ifndef TINYC_CAST_H
#define TINYC_CAST_H

#include "tinyc/kernel.h"

/* out[i] = in[i] as another type; a float32 is the nearest one, ties to even. Portable. */
void tc_cast_s8_s32_ref(const int8_t *in, int32_t *out, int32_t n);
void tc_cast_s32_f32_ref(const int32_t *in, float *out, int32_t n);
void tc_cast_s32_s64_ref(const int32_t *in, int64_t *out, int32_t n);
void tc_cast_s64_f32_ref(const int64_t *in, float *out, int32_t n);

/* float32 towards zero, what is beyond the integers as the nearest of them, NaN as 0; a bool is 0 or 1. Portable. */
void tc_cast_f32_s32_ref(const float *in, int32_t *out, int32_t n);
void tc_cast_f32_s64_ref(const float *in, int64_t *out, int32_t n);
void tc_cast_f32_bool_ref(const float *in, int8_t *out, int32_t n);

#endif

#ifndef TINYC_FUNCTION_F32_H
#define TINYC_FUNCTION_F32_H

#include "tinyc/float_math.h"

/* Each of n elements by itself: out[i] = function(in[i]); out may be in. float_math.h says how exact. Portable. */

/* |x|. */
void tc_abs_f32_ref(const float *in, float *out, int32_t n);
/* The least integer that is not below x. */
void tc_ceil_f32_ref(const float *in, float *out, int32_t n);
/* The cosine. */
void tc_cos_f32_ref(const float *in, float *out, int32_t n);
/* X, or e^x - 1 where x is negative. */
void tc_elu_f32_ref(const float *in, float *out, int32_t n);
/* The error function. */
void tc_erf_f32_ref(const float *in, float *out, int32_t n);
/* E^x. */
void tc_exp_f32_ref(const float *in, float *out, int32_t n);
/* The largest integer that is not above x. */
void tc_floor_f32_ref(const float *in, float *out, int32_t n);
/* X times the probability that a normal number is below x. */
void tc_gelu_f32_ref(const float *in, float *out, int32_t n);
/* The same by tanh of a cubic polynomial. */
void tc_gelu_tanh_f32_ref(const float *in, float *out, int32_t n);
/* X * min(max(x + 3, 0), 6) / 6. */
void tc_hard_swish_f32_ref(const float *in, float *out, int32_t n);
/* The natural logarithm. */
void tc_log_f32_ref(const float *in, float *out, int32_t n);
/* 1 / (1 + e^-x). */
void tc_logistic_f32_ref(const float *in, float *out, int32_t n);
/* The nearest integer, halves to even. */
void tc_round_f32_ref(const float *in, float *out, int32_t n);
/* 1 / sqrt(x). */
void tc_rsqrt_f32_ref(const float *in, float *out, int32_t n);
/* -1, 0 or 1. */
void tc_sign_f32_ref(const float *in, float *out, int32_t n);
/* The sine. */
void tc_sin_f32_ref(const float *in, float *out, int32_t n);
/* The square root. */
void tc_sqrt_f32_ref(const float *in, float *out, int32_t n);
/* X * x. */
void tc_square_f32_ref(const float *in, float *out, int32_t n);
/* The hyperbolic tangent. */
void tc_tanh_f32_ref(const float *in, float *out, int32_t n);

typedef struct {
    float low; /* results are clamped to [low, high] */
    float high;
} tc_clamp_f32_params;

/* RELU, RELU6 and their kin. */
void tc_clamp_f32_ref(const tc_clamp_f32_params *p, const float *in, float *out, int32_t n);

typedef struct {
    float alpha; /* factor of what is not above 0 */
} tc_leaky_relu_f32_params;

void tc_leaky_relu_f32_ref(const tc_leaky_relu_f32_params *p, const float *in, float *out, int32_t n);

#endif

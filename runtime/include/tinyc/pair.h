#ifndef TINYC_PAIR_H
#define TINYC_PAIR_H

#include "tinyc/kernel.h"

enum { TC_PAIR_RANK = 5 };

/* How two operands repeat under an output, which is dense and row-major and made of equal units: pixels, rows, or one
 * unit that is all of it. Strides and steps are in elements, 0 where the operand repeats. */
typedef struct {
    int32_t dims[TC_PAIR_RANK]; /* of a unit of the output, outermost first, 1 where not needed */
    int32_t a_stride[TC_PAIR_RANK];
    int32_t b_stride[TC_PAIR_RANK];
    int32_t a_step; /* from one unit to the next */
    int32_t b_step;
} tc_pair;

/* out[i] = the larger or the smaller of a and b; n: units. out may be an operand that never repeats. Portable. */
void tc_maximum_s8_ref(const tc_pair *s, const int8_t *a, const int8_t *b, int8_t *out, int32_t n);
void tc_minimum_s8_ref(const tc_pair *s, const int8_t *a, const int8_t *b, int8_t *out, int32_t n);

typedef struct {
    int32_t x_zp;             /* zero points of input, slope and output */
    int32_t alpha_zp;         /* subtracted from the slope's byte */
    int32_t out_zp;           /* added to the output */
    int32_t multiplier;       /* Q31, of x - x_zp where that is not negative */
    int32_t shift;            /* positive to the left */
    int32_t alpha_multiplier; /* Q31, of (x - x_zp) * (alpha - alpha_zp) where x - x_zp is negative */
    int32_t alpha_shift;
} tc_prelu_params;

/* PRELU: x above its zero point, x times alpha below; n: units. out may be an operand that never repeats. Portable. */
void tc_prelu_s8_ref(const tc_prelu_params *p, const tc_pair *s, const int8_t *x, const int8_t *alpha, int8_t *out,
                     int32_t n);

typedef struct {
    int32_t a_zp; /* zero points of operands and output */
    int32_t b_zp;
    int32_t out_zp;
    int32_t left_shift;   /* of both operands minus their zero points */
    int32_t a_multiplier; /* Q31, brings the shifted operand to the common scale */
    int32_t a_shift;      /* positive to the left */
    int32_t b_multiplier;
    int32_t b_shift;
    int32_t multiplier; /* Q31, of the square */
    int32_t shift;
} tc_squared_difference_params;

/* (a - b)^2, both in one scale; n: units. out may be an operand that never repeats. Portable. */
void tc_squared_difference_s8_ref(const tc_squared_difference_params *p, const tc_pair *s, const int8_t *a,
                                  const int8_t *b, int8_t *out, int32_t n);

typedef struct {
    int32_t a_zp;         /* zero points, subtracted */
    int32_t a_multiplier; /* Q31, brings the operand to steps of 1/256 */
    int32_t a_shift;      /* positive to the left */
    int32_t b_zp;
    int32_t b_multiplier;
    int32_t b_shift;
    int32_t less; /* what the result is where a < b, 0 or 1, and so on */
    int32_t equal;
    int32_t greater;
} tc_compare_params;

/* Whether a and b stand in a relation, 0 or 1; n: units. out may be an operand that never repeats. Portable. */
void tc_compare_s8_ref(const tc_compare_params *p, const tc_pair *s, const int8_t *a, const int8_t *b, int8_t *out,
                       int32_t n);

typedef struct {
    int32_t less; /* what the result is where a < b, 0 or 1, and so on */
    int32_t equal;
    int32_t greater;
    int32_t unordered;
} tc_compare_f32_params;

/* The same of float32. Portable. */
void tc_compare_f32_ref(const tc_compare_f32_params *p, const tc_pair *s, const float *a, const float *b, int8_t *out,
                        int32_t n);

typedef struct {
    int32_t a_zp; /* zero points of operands and output */
    int32_t b_zp;
    int32_t out_zp;
    int32_t multiplier; /* Q31, of a / b */
    int32_t shift;      /* positive to the left, in [8, 22] */
    int32_t act_min;    /* output range */
    int32_t act_max;
} tc_div_params;

/* a / b, where b is not 0; n: units. out may be an operand that never repeats. Portable. */
void tc_div_s8_ref(const tc_div_params *p, const tc_pair *s, const int8_t *a, const int8_t *b, int8_t *out, int32_t n);

typedef struct {
    float low; /* results are clamped to [low, high] */
    float high;
} tc_limits;

/* Of float32; n: units. out may be an operand that never repeats. Portable. */
void tc_add_f32_ref(const tc_limits *p, const tc_pair *s, const float *a, const float *b, float *out, int32_t n);
void tc_sub_f32_ref(const tc_limits *p, const tc_pair *s, const float *a, const float *b, float *out, int32_t n);
void tc_mul_f32_ref(const tc_limits *p, const tc_pair *s, const float *a, const float *b, float *out, int32_t n);
void tc_div_f32_ref(const tc_limits *p, const tc_pair *s, const float *a, const float *b, float *out, int32_t n);
void tc_maximum_f32_ref(const tc_pair *s, const float *a, const float *b, float *out, int32_t n);
void tc_minimum_f32_ref(const tc_pair *s, const float *a, const float *b, float *out, int32_t n);
void tc_squared_difference_f32_ref(const tc_pair *s, const float *a, const float *b, float *out, int32_t n);
void tc_pow_f32_ref(const tc_pair *s, const float *a, const float *b, float *out, int32_t n);
void tc_floor_div_f32_ref(const tc_pair *s, const float *a, const float *b, float *out, int32_t n);
void tc_floor_mod_f32_ref(const tc_pair *s, const float *a, const float *b, float *out, int32_t n);
void tc_fmod_f32_ref(const tc_pair *s, const float *a, const float *b, float *out, int32_t n);
void tc_prelu_f32_ref(const tc_pair *s, const float *x, const float *alpha, float *out, int32_t n);

/* Where the next run along the innermost dimension begins in both operands. */
typedef struct {
    int32_t a; /* offsets in elements */
    int32_t b;
    int32_t index[TC_PAIR_RANK - 1]; /* of the run within its unit */
} tc_pair_run;

static inline int32_t tc_pair_runs(const tc_pair *s, int32_t units)
{
    return units * s->dims[0] * s->dims[1] * s->dims[2] * s->dims[3];
}

static inline void tc_pair_next(const tc_pair *s, tc_pair_run *at)
{
    for (int32_t i = TC_PAIR_RANK - 2; i >= 0; i--) {
        at->a += s->a_stride[i];
        at->b += s->b_stride[i];
        if (++at->index[i] < s->dims[i]) {
            return;
        }
        at->index[i] = 0;
        at->a -= s->a_stride[i] * s->dims[i];
        at->b -= s->b_stride[i] * s->dims[i];
    }
    at->a += s->a_step;
    at->b += s->b_step;
}

/* What maximum and minimum share: out = pick(a, b) of every element. */
TC_INLINE void tc_pair_pick(const tc_pair *s, const int8_t *a, const int8_t *b, int8_t *out, int32_t n,
                            int32_t (*pick)(int32_t, int32_t))
{
    const int32_t a_stride = s->a_stride[TC_PAIR_RANK - 1];
    const int32_t b_stride = s->b_stride[TC_PAIR_RANK - 1];
    tc_pair_run at = {0, 0, {0, 0, 0, 0}};
    for (int32_t left = tc_pair_runs(s, n); left > 0; left--) {
        const int8_t *x = a + at.a;
        const int8_t *y = b + at.b;
        const int8_t *const end = out + s->dims[TC_PAIR_RANK - 1];
        for (; out != end; x += a_stride, y += b_stride) {
            *out++ = (int8_t)pick(*x, *y);
        }
        tc_pair_next(s, &at);
    }
}

/* What those of float32 share: out = clamp(pick(a, b)) of `length` elements. p: NULL where nothing is clamped. */
TC_INLINE float *tc_pair_run_f32(const tc_limits *p, const tc_pair *s, const float *a, const float *b, float *out,
                                 int32_t length, float (*pick)(float, float))
{
    const int32_t a_stride = s->a_stride[TC_PAIR_RANK - 1];
    const int32_t b_stride = s->b_stride[TC_PAIR_RANK - 1];
    float *const end = out + length;
    for (; out != end; a += a_stride, b += b_stride) {
        float found = pick(*a, *b);
        if (p != NULL) {
            found = found < p->low ? p->low : found;
            found = found > p->high ? p->high : found;
        }
        *out++ = found;
    }
    return out;
}

/* The same of n units. */
TC_INLINE void tc_pair_pick_f32(const tc_limits *p, const tc_pair *s, const float *a, const float *b, float *out,
                                int32_t n, float (*pick)(float, float))
{
    const int32_t runs = tc_pair_runs(s, 1);
    int32_t length = s->dims[TC_PAIR_RANK - 1];
    if (runs == 1 && s->a_step == length * s->a_stride[TC_PAIR_RANK - 1] &&
        s->b_step == length * s->b_stride[TC_PAIR_RANK - 1]) {
        length *= n;
        n = 1;
    }
    for (; n > 0; n--, a += s->a_step, b += s->b_step) {
        tc_pair_run at = {0, 0, {0, 0, 0, 0}};
        for (int32_t left = runs; left > 0; left--) {
            out = tc_pair_run_f32(p, s, a + at.a, b + at.b, out, length, pick);
            if (left > 1) {
                tc_pair_next(s, &at);
            }
        }
    }
}

#endif

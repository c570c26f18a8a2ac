#ifndef TINYC_BINARY_H
#define TINYC_BINARY_H

#include "tinyc/kernel.h"
#include "tinyc/scalar/matmul.h"

enum { TC_BINARY_RANK = 6 };

/* One scaled operand: (byte - zp) << left_shift, times multiplier * 2^(shift - 31). */
typedef struct {
    int32_t zp;         /* zero point, subtracted from the byte */
    int32_t multiplier; /* Q31; unused by MUL */
    int32_t shift;      /* <= 0; unused by MUL */
} tc_operand;

typedef struct {
    tc_operand a;
    tc_operand b;
    int32_t left_shift; /* of both operands before scaling; 0 for MUL */
    int32_t multiplier; /* of the result, Q31 */
    int32_t shift;      /* of the result, positive to the left */
    int32_t out_zp;     /* zero point of the output, added to it */
    int32_t act_min;    /* clamp of the output byte */
    int32_t act_max;
} tc_binary_params;

/* Shapes for broadcasting: a stride is 0 along a dimension where the operand repeats. Output is dense, row-major. */
typedef struct {
    int32_t dims[TC_BINARY_RANK]; /* of the output, outermost first */
    int32_t a_stride[TC_BINARY_RANK];
    int32_t b_stride[TC_BINARY_RANK];
} tc_broadcast;

/* out[i] = a[i] op b[i]; out may be a or b. Portable. */
void tc_add_s8_ref(const tc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t n);
void tc_sub_s8_ref(const tc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t n);
void tc_mul_s8_ref(const tc_binary_params *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t n);

/* The same with either operand repeated along some dimensions. Portable. */
void tc_add_broadcast_s8_ref(const tc_binary_params *p, const tc_broadcast *s, const int8_t *a, const int8_t *b,
                             int8_t *out);
void tc_sub_broadcast_s8_ref(const tc_binary_params *p, const tc_broadcast *s, const int8_t *a, const int8_t *b,
                             int8_t *out);
void tc_mul_broadcast_s8_ref(const tc_binary_params *p, const tc_broadcast *s, const int8_t *a, const int8_t *b,
                             int8_t *out);

static inline int32_t tc_operand_scaled(const tc_operand *o, int32_t left_shift, int32_t x)
{
    return tc_requant((x - o->zp) * (1 << left_shift), o->multiplier, o->shift);
}

static inline int8_t tc_binary_finish(const tc_binary_params *p, int32_t raw)
{
    return (int8_t)tc_clamp(tc_requant(raw, p->multiplier, p->shift) + p->out_zp, p->act_min, p->act_max);
}

static inline int8_t tc_add_one(const tc_binary_params *p, int32_t a, int32_t b)
{
    return tc_binary_finish(p, tc_operand_scaled(&p->a, p->left_shift, a) + tc_operand_scaled(&p->b, p->left_shift, b));
}

static inline int8_t tc_sub_one(const tc_binary_params *p, int32_t a, int32_t b)
{
    return tc_binary_finish(p, tc_operand_scaled(&p->a, p->left_shift, a) - tc_operand_scaled(&p->b, p->left_shift, b));
}

static inline int8_t tc_mul_one(const tc_binary_params *p, int32_t a, int32_t b)
{
    return tc_binary_finish(p, (a - p->a.zp) * (b - p->b.zp));
}

/* A kernel whose operands may repeat; one: its function of a pair of bytes. */
#define TC_DEFINE_BROADCAST(name, one)                                                                                 \
    TC_KERNEL void name(const tc_binary_params *p, const tc_broadcast *s, const int8_t *a, const int8_t *b,            \
                        int8_t *out)                                                                                   \
    {                                                                                                                  \
        const int32_t *d = s->dims;                                                                                    \
        const int32_t *t = s->a_stride;                                                                                \
        const int32_t *u = s->b_stride;                                                                                \
        for (int32_t g = 0; g < d[0]; g++) {                                                                           \
            for (int32_t h = 0; h < d[1]; h++) {                                                                       \
                for (int32_t i = 0; i < d[2]; i++) {                                                                   \
                    for (int32_t j = 0; j < d[3]; j++) {                                                               \
                        for (int32_t k = 0; k < d[4]; k++) {                                                           \
                            const int8_t *x = a + g * t[0] + h * t[1] + i * t[2] + j * t[3] + k * t[4];                \
                            const int8_t *y = b + g * u[0] + h * u[1] + i * u[2] + j * u[3] + k * u[4];                \
                            for (int32_t l = 0; l < d[5]; l++) {                                                       \
                                *out++ = one(p, x[l * t[5]], y[l * u[5]]);                                             \
                            }                                                                                          \
                        }                                                                                              \
                    }                                                                                                  \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }

/* Helium: Cortex-M55, M85. */

/* byte = (x * a + y * b + offset) >> (24 - left), saturated, for ADD and SUB whose constants make that exact. */
typedef struct {
    int32_t a; /* factor of the first operand's byte */
    int32_t b; /* of the second's */
    int32_t offset;
    int32_t left;  /* in [1, 11] */
    int32_t clamp; /* 1: output bytes are clamped to [act_min, act_max]; 0: to int8 */
    int32_t act_min;
    int32_t act_max;
} tc_linear_mve_params;

/* out may be a or b. */
void tc_linear_s8_mve(const tc_linear_mve_params *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t n);

typedef struct {
    int32_t a_zp; /* zero points, subtracted from the bytes */
    int32_t b_zp;
    int32_t multiplier; /* of the product, Q31 */
    int32_t offset;     /* (zero point of the output << shift) + (1 << (shift - 1)), shift in [1, 22] */
    int32_t left;       /* 24 - shift */
    int32_t act_min;    /* clamp of the output byte */
    int32_t act_max;
} tc_mul_mve_params;

/* out may be a or b. */
void tc_mul_s8_mve(const tc_mul_mve_params *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t n);

/* Armv7E-M SIMD. The compiler has tried all pairs of bytes: out = (a * x + b * y + offset) >> shift, clamped. */
typedef struct {
    int32_t a; /* factors of the bytes */
    int32_t b;
    int32_t offset;  /* holds all zero points and the rounding */
    int32_t shift;   /* in [0, 31]; the sum fits 32 bits */
    int32_t act_min; /* clamp of the output byte */
    int32_t act_max;
} tc_linear_dsp_params;

/* The same in plain C, for cores without SIMD; out may be a or b. */
void tc_linear_s8_scalar(const tc_linear_dsp_params *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t n);

/* A sum or difference; out may be a or b. */
void tc_linear_s8_dsp(const tc_linear_dsp_params *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t n);

typedef struct {
    int32_t a_zp; /* zero points, subtracted from the bytes */
    int32_t b_zp;
    int32_t multiplier; /* of the product, Q31 */
    int32_t offset;     /* (zero point of the output << shift) + (1 << (shift - 1)) */
    int32_t shift;      /* in [1, 23] */
    int32_t act_min;    /* clamp of the output byte */
    int32_t act_max;
} tc_mul_dsp_params;

/* A product; out may be a or b. */
void tc_mul_s8_dsp(const tc_mul_dsp_params *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t n);

#endif

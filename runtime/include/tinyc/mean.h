#ifndef TINYC_MEAN_H
#define TINYC_MEAN_H

#include "tinyc/kernel.h"

enum { TC_MEAN_RANK = 4 };

/* Dimensions that are not needed are 1. Strides in elements of the input. The output is dense, in order of `keep`. */
typedef struct {
    int32_t keep[TC_MEAN_RANK]; /* dimensions that stay, outermost first */
    int32_t keep_stride[TC_MEAN_RANK];
    int32_t reduce[TC_MEAN_RANK]; /* dimensions that are averaged over */
    int32_t reduce_stride[TC_MEAN_RANK];
    int32_t bias;       /* added to the sum of bytes: -zero point * number of bytes */
    int32_t multiplier; /* Q31, with the division by the number of bytes in it */
    int32_t shift;      /* in [-31, 30], positive to the left */
    int32_t out_zp;     /* zero point of the output, added to it */
} tc_mean_params;

/* Portable; any axes. */
void tc_mean_s8_ref(const tc_mean_params *p, const int8_t *in, int8_t *out);

/* SUM as LiteRT computes it: bytes in and out are taken as unsigned, zero points are not. Portable; any axes. */
void tc_sum_u8_ref(const tc_mean_params *p, const int8_t *in, int8_t *out);

/* Helium: keep_stride[3] is 1. */
void tc_mean_s8_mve(const tc_mean_params *p, const int8_t *in, int8_t *out);

typedef struct {
    int32_t depth; /* bytes that are averaged over, side by side */
    int32_t bias;  /* as above, and so on */
    int32_t multiplier;
    int32_t shift;
    int32_t out_zp;
} tc_mean_vectors_params;

/* MEAN and SUM over the last dimensions. in: [vectors, depth]; out: [vectors]. Portable. */
void tc_mean_vectors_s8_ref(const tc_mean_vectors_params *p, const int8_t *in, int8_t *out, int32_t vectors);

/* The same for Armv7E-M SIMD, and for Helium. */
void tc_mean_vectors_s8_dsp(const tc_mean_vectors_params *p, const int8_t *in, int8_t *out, int32_t vectors);
void tc_mean_vectors_s8_mve(const tc_mean_vectors_params *p, const int8_t *in, int8_t *out, int32_t vectors);

/* The output byte of one vector's sum, bias included. */
static inline int8_t tc_mean_vector(const tc_mean_vectors_params *p, int32_t sum)
{
    return (int8_t)tc_clamp(tc_requant(sum, p->multiplier, p->shift) + p->out_zp, INT8_MIN, INT8_MAX);
}

/* What the portable kernels share. flip: 0 for signed bytes, 0x80 for unsigned ones, taken as they are minus 128. */
TC_INLINE int32_t tc_mean_sum(const tc_mean_params *p, const int8_t *in, int32_t flip)
{
    const int32_t *r = p->reduce;
    const int32_t *t = p->reduce_stride;
    int32_t acc = p->bias;
    for (int32_t a = 0; a < r[0]; a++) {
        for (int32_t b = 0; b < r[1]; b++) {
            for (int32_t c = 0; c < r[2]; c++) {
                const int8_t *x = in + a * t[0] + b * t[1] + c * t[2];
                for (int32_t d = 0; d < r[3]; d++) {
                    acc += (int8_t)(x[d * t[3]] ^ flip);
                }
            }
        }
    }
    return acc;
}

TC_INLINE void tc_mean_of_axes(const tc_mean_params *p, const int8_t *in, int8_t *out, int32_t flip)
{
    const int32_t *k = p->keep;
    const int32_t *s = p->keep_stride;
    for (int32_t a = 0; a < k[0]; a++) {
        for (int32_t b = 0; b < k[1]; b++) {
            for (int32_t c = 0; c < k[2]; c++) {
                for (int32_t d = 0; d < k[3]; d++) {
                    const int32_t acc = tc_mean_sum(p, in + a * s[0] + b * s[1] + c * s[2] + d * s[3], flip);
                    const int32_t mean = tc_requant(acc, p->multiplier, p->shift) + p->out_zp;
                    *out++ = (int8_t)(tc_clamp(mean, INT8_MIN, INT8_MAX) ^ flip);
                }
            }
        }
    }
}

#endif

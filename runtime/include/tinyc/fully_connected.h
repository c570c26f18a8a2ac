#ifndef TINYC_FULLY_CONNECTED_H
#define TINYC_FULLY_CONNECTED_H

#include "tinyc/kernel.h"
#include "tinyc/mve/matmul.h"
#include "tinyc/scalar/matmul.h"

/* Weights are [out_n, in_n] int8, bias [out_n] int32 or NULL. */
typedef struct {
    int32_t in_n;      /* length of one input vector */
    int32_t out_n;     /* length of one output vector */
    int32_t in_zp;     /* zero point of the input, subtracted from it */
    int32_t weight_zp; /* zero point of the weights, subtracted from them; mostly 0 */
    int32_t out_zp;    /* zero point of the output, added to it */
    int32_t act_min;   /* clamp of the output byte */
    int32_t act_max;
    int32_t per_channel;        /* 1: one multiplier and shift per output, 0: one of each for all */
    const int32_t *multipliers; /* [out_n] or [1] */
    const int8_t *shifts;       /* [out_n] or [1] */
} tc_fully_connected_params;

/* in: [vectors, in_n], out: [vectors, out_n]. Requantization rounds twice (TFLM). Portable. */
void tc_fully_connected_s8_ref(const tc_fully_connected_params *p, const int8_t *in, const int8_t *weights,
                               const int32_t *bias, int8_t *out, int32_t vectors);

/* The same, but requantization rounds once (LiteRT): shifts are the divisors' exponents, in [1, 62]. */
void tc_fully_connected_once_s8_ref(const tc_fully_connected_params *p, const int8_t *in, const int8_t *weights,
                                    const int32_t *bias, int8_t *out, int32_t vectors);

/* The same in double arithmetic, for scales that no integer multiplier reproduces. scales: [out_n] or [1]. */
void tc_fully_connected_f64_s8_ref(const tc_fully_connected_params *p, const int8_t *in, const int8_t *weights,
                                   const int32_t *bias, const double *scales, int8_t *out, int32_t vectors);

/* Helium: Cortex-M55, M85. in: [vectors, depth], out: [vectors, out_c]. weights: see mve/matmul.h. Rounds twice. */
void tc_fully_connected_s8_mve(const tc_matmul_mve *p, const int8_t *in, const int32_t *weights, int8_t *out,
                               int32_t vectors);

/* The same, but rounds once. */
void tc_fully_connected_once_s8_mve(const tc_matmul_mve *p, const int8_t *in, const int32_t *weights, int8_t *out,
                                    int32_t vectors);

/* For cores without SIMD. No weight zero point. in: [vectors, depth], out: [vectors, out_c].
 * weights: see scalar/matmul.h. Rounds twice. */
void tc_fully_connected_s8_scalar(const tc_matmul_scalar *p, const int8_t *in, const int32_t *weights, int8_t *out,
                                  int32_t vectors);

/* The same, but rounds once. */
void tc_fully_connected_once_s8_scalar(const tc_matmul_scalar *p, const int8_t *in, const int32_t *weights, int8_t *out,
                                       int32_t vectors);

/* sum((in - in_zp) * (weights - weight_zp)) over one pair of vectors, added to acc. */
static inline int32_t tc_fully_connected_dot(const tc_fully_connected_params *p, const int8_t *in,
                                             const int8_t *weights, int32_t acc)
{
    for (int32_t i = 0; i < p->in_n; i++) {
        acc = tc_mac(acc, in[i] - p->in_zp, weights[i] - p->weight_zp);
    }
    return acc;
}

/* Armv7E-M SIMD. No weight zero point; every result below 2^23 in magnitude. */
typedef struct {
    int32_t in_n;      /* length of one input vector, >= 4 */
    int32_t out_n;     /* length of one output vector */
    int32_t zero;      /* 2 * the output's zero point + 1 */
    int32_t is_signed; /* 1: negative accumulators matter, see dsp/matmul.h; unused where one rounds once */
    int32_t act_min;   /* clamp of the output byte */
    int32_t act_max;
} tc_fully_connected_dsp_params;

/* in: [vectors, in_n], out: [vectors, out_n]. weights: a stream of 32-bit words, per group of four outputs 0 to 3, 4 to
 * 7, ... (the last one filled up with outputs that are not written), with a = output 0 or 2, b = output 1 or 3 of it:
 *   a0, a0 + 256 * b0 of outputs 0, 1 and of 2, 3       where the sums start
 *   per four inputs, for outputs 0, 1 and then 2, 3:
 *     { a[k], b[k], a[k + 2], b[k + 2] }, { the same of k + 1, k + 3 }
 *   twice the multipliers, modulo 2^32, of outputs 0 to 3; their shifts, less 1, as bytes
 * Inputs are read in fours; where in_n is no multiple of 4, the first four overlap the second: weights of what comes
 * again are 0 in the first. For the arithmetic see dsp/matmul.h. Rounds twice (TFLM, and LiteRT's convolutions). */
void tc_fully_connected_s8_dsp(const tc_fully_connected_dsp_params *p, const int8_t *in, const int32_t *weights,
                               int8_t *out, int32_t vectors);

/* The same, but requantization rounds once (LiteRT): (acc * multiplier / 2^32, rounded down, + offset) >> shift, and
 * multipliers are as they are. */
void tc_fully_connected_once_s8_dsp(const tc_fully_connected_dsp_params *p, const int8_t *in, const int32_t *weights,
                                    int8_t *out, int32_t vectors);

#endif

#ifndef TINYC_FULLY_CONNECTED_H
#define TINYC_FULLY_CONNECTED_H

#include "tinyc/kernel.h"
#include "tinyc/matmul_mve.h"

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

/* Helium: Cortex-M55, M85. in: [vectors, depth], out: [vectors, out_c]. weights: see matmul_mve.h. Rounds twice. */
void tc_fully_connected_s8_mve(const tc_matmul_mve *p, const int8_t *in, const int32_t *weights, int8_t *out,
                               int32_t vectors);

/* The same, but rounds once. */
void tc_fully_connected_once_s8_mve(const tc_matmul_mve *p, const int8_t *in, const int32_t *weights, int8_t *out,
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

#endif

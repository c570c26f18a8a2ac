#ifndef TINYC_FULLY_CONNECTED_F32_H
#define TINYC_FULLY_CONNECTED_F32_H

#include "tinyc/kernel.h"
#include "tinyc/matmul_f32.h"

/* bias: [out_n] or NULL. */
typedef struct {
    int32_t in_n;  /* length of one input vector */
    int32_t out_n; /* length of one output vector */
    float act_min; /* clamp of the output */
    float act_max;
} tc_fully_connected_f32_params;

/* in: [vectors, in_n], out: [vectors, out_n]. weights: of every four outputs [in_n, 4], then of every one that is left
 * [in_n]. Products are added up in the order of the inputs, the bias comes last. Portable; any shape. */
void tc_fully_connected_f32_ref(const tc_fully_connected_f32_params *p, const float *in, const float *weights,
                                const float *bias, float *out, int32_t vectors);

/* The same with weights [out_n, in_n] that are computed. */
void tc_fully_connected_rows_f32_ref(const tc_fully_connected_f32_params *p, const float *in, const float *weights,
                                     const float *bias, float *out, int32_t vectors);

#endif

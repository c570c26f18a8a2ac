#ifndef TINYC_BATCH_MATMUL_F32_H
#define TINYC_BATCH_MATMUL_F32_H

#include "tinyc/kernel.h"
#include "tinyc/matmul_f32.h"

enum { TC_MATMUL_F32_BATCH = 3 };

/* All steps are in elements; 0 where a matrix is used again. */
typedef struct {
    int32_t batch[TC_MATMUL_F32_BATCH];   /* dimensions before the last two, outermost first */
    int32_t a_batch[TC_MATMUL_F32_BATCH]; /* from one matrix to the next along each */
    int32_t b_batch[TC_MATMUL_F32_BATCH];
    int32_t rows;    /* of a and of the output */
    int32_t columns; /* of b and of the output */
    int32_t depth;   /* products under one output */
    int32_t a_row;   /* step from row to row of a */
    int32_t a_depth; /* and along a row */
    int32_t b_column;
    int32_t b_depth;
} tc_batch_matmul_f32_params;

/* BATCH_MATMUL: out[m] = a[m] * b[m], products added up in the order of the depth. out: [batch..., rows, columns].
 * Portable. */
void tc_batch_matmul_f32_ref(const tc_batch_matmul_f32_params *p, const float *a, const float *b, float *out);

#endif

#ifndef TINYC_BATCH_MATMUL_H
#define TINYC_BATCH_MATMUL_H

#include "tinyc/kernel.h"

enum { TC_MATMUL_BATCH = 3 };

/* All steps are in elements; 0 where a matrix is used again. */
typedef struct {
    int32_t batch[TC_MATMUL_BATCH];   /* dimensions before the last two, outermost first */
    int32_t a_batch[TC_MATMUL_BATCH]; /* from one matrix to the next along each */
    int32_t b_batch[TC_MATMUL_BATCH];
    int32_t rows;    /* of a and of the output */
    int32_t columns; /* of b and of the output */
    int32_t depth;   /* products under one output, at most 32768 */
    int32_t a_row;   /* step from row to row of a */
    int32_t a_depth; /* and along a row */
    int32_t b_column;
    int32_t b_depth;
    int32_t a_zp; /* zero points: those of the inputs are subtracted, the output's is added */
    int32_t b_zp;
    int32_t out_zp;
    int32_t multiplier; /* Q31, of the sums */
    int32_t shift;      /* positive to the left */
} tc_batch_matmul_params;

/* BATCH_MATMUL: out[m] = a[m] * b[m]; requantization rounds twice. out: [batch..., rows, columns]. Portable. */
void tc_batch_matmul_s8_ref(const tc_batch_matmul_params *p, const int8_t *a, const int8_t *b, int8_t *out);

#endif

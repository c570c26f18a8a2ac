#ifndef TINYC_VECTORS_F32_H
#define TINYC_VECTORS_F32_H

#include "tinyc/float_math.h"
#include "tinyc/softmax_f32.h"

/* Of vectors that lie one after the other; sums go from the first element to the last. in, out: [vectors, depth]; out
 * may be in. */

typedef struct {
    int32_t depth; /* length of one vector */
    float beta;    /* factor of the exponent, > 0 */
} tc_softmax_vectors_f32_params;

/* e^(beta * x) of each element, divided by the sum of all. Portable. */
void tc_softmax_vectors_f32_ref(const tc_softmax_vectors_f32_params *p, const float *in, float *out, int32_t vectors);

typedef struct {
    int32_t depth;
} tc_vectors_f32_params;

/* The logarithm of the same, beta being 1. Portable. */
void tc_log_softmax_vectors_f32_ref(const tc_vectors_f32_params *p, const float *in, float *out, int32_t vectors);

/* Each vector divided by its length, which counts as at least 1e-6. Portable. */
void tc_l2_norm_f32_ref(const tc_vectors_f32_params *p, const float *in, float *out, int32_t vectors);

#endif

#ifndef TINYC_L2_NORM_H
#define TINYC_L2_NORM_H

#include "tinyc/kernel.h"

typedef struct {
    int32_t depth; /* of a vector, at most 32768 */
    int32_t in_zp; /* zero point of the input, subtracted */
} tc_l2_norm_params;

/* L2_NORMALIZATION: out[v] = in[v] divided by its length, in steps of 1/128.
 * in, out: [vectors, depth]; out may be in. Portable. */
void tc_l2_norm_s8_ref(const tc_l2_norm_params *p, const int8_t *in, int8_t *out, int32_t vectors);

#endif

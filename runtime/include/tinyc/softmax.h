#ifndef TINYC_SOFTMAX_H
#define TINYC_SOFTMAX_H

#include "tinyc/kernel.h"

typedef struct {
    int32_t depth;  /* classes: length of one vector */
    int32_t levels; /* length of `exps`; a byte this far below the largest, or farther, has exp 0 */
} tc_softmax_params;

/* exps[d] = exp(-d * scale * beta) as Q0.31, computed at compile time as the reference does.
 * in, out: [vectors, depth]; output scale 1/256, zero point -128; out may be in. Portable. */
void tc_softmax_s8_ref(const tc_softmax_params *p, const int8_t *in, const int32_t *exps, int8_t *out, int32_t vectors);

#endif

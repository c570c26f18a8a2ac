#ifndef TINYC_LOG_SOFTMAX_H
#define TINYC_LOG_SOFTMAX_H

#include "tinyc/kernel.h"

typedef struct {
    int32_t depth;              /* classes: length of one vector */
    int32_t levels;             /* length of `exps`; a byte this far below the largest, or farther, has exp 0 */
    int32_t multiplier;         /* Q31, from a difference of bytes to the exponent in Q5.26 */
    int32_t shift;              /* positive to the left */
    int32_t reverse_multiplier; /* Q31, and back */
    int32_t reverse_shift;
} tc_log_softmax_params;

/* exps[d] = exp(-d * scale) as Q12.19, computed at compile time as the references do.
 * in, out: [vectors, depth]; output scale 1/16, zero point 127; out may be in. Portable. */
void tc_log_softmax_s8_ref(const tc_log_softmax_params *p, const int8_t *in, const int32_t *exps, int8_t *out,
                           int32_t vectors);

#endif

#ifndef TINYC_NEG_H
#define TINYC_NEG_H

#include "tinyc/kernel.h"

/* out[i] = -in[i]; out may be in. Portable. */
void tc_neg_f32_ref(const float *in, float *out, int32_t n);

#endif

#ifndef TINYC_MEAN_H
#define TINYC_MEAN_H

#include "tinyc/kernel.h"

enum { TC_MEAN_RANK = 4 };

/* Dimensions that are not needed are 1. Strides in elements of the input. The output is dense, in order of `keep`. */
typedef struct {
    int32_t keep[TC_MEAN_RANK]; /* dimensions that stay, outermost first */
    int32_t keep_stride[TC_MEAN_RANK];
    int32_t reduce[TC_MEAN_RANK]; /* dimensions that are averaged over */
    int32_t reduce_stride[TC_MEAN_RANK];
    int32_t bias;       /* added to the sum of bytes: -zero point * number of bytes */
    int32_t multiplier; /* Q31, with the division by the number of bytes in it */
    int32_t shift;      /* in [-31, 30], positive to the left */
    int32_t out_zp;     /* zero point of the output, added to it */
} tc_mean_params;

/* Portable; any axes. */
void tc_mean_s8_ref(const tc_mean_params *p, const int8_t *in, int8_t *out);

/* Helium: keep_stride[3] is 1. */
void tc_mean_s8_mve(const tc_mean_params *p, const int8_t *in, int8_t *out);

#endif

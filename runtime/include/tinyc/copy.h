#ifndef TINYC_COPY_H
#define TINYC_COPY_H

#include "tinyc/kernel.h"

enum { TC_COPY_RANK = 6 };

/* A strided walk over both tensors; dimensions that are not needed are 1. Strides in elements, negative allowed. */
typedef struct {
    int32_t dims[TC_COPY_RANK];       /* outermost first */
    int32_t in_stride[TC_COPY_RANK];  /* from one index to the next in the input */
    int32_t out_stride[TC_COPY_RANK]; /* and in the output */
    int32_t in_offset;                /* element of the input where the walk starts */
    int32_t out_offset;               /* and of the output */
} tc_copy_params;

/* Copies elements: transpose, slice, concatenation, the inside of a pad. Portable. */
void tc_copy_s8_ref(const tc_copy_params *p, const int8_t *in, int8_t *out);

typedef struct {
    int32_t value; /* the byte to write */
    int32_t n;     /* how many */
} tc_fill_params;

/* out[0 .. n) = value. Portable. */
void tc_fill_s8_ref(const tc_fill_params *p, int8_t *out);

#endif

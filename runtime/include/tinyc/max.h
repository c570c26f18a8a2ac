#ifndef TINYC_MAX_H
#define TINYC_MAX_H

#include "tinyc/kernel.h"

enum { TC_MAX_RANK = 4 };

/* Dimensions that are not needed are 1. Strides in elements of the input. The output is dense, in order of `keep`. */
typedef struct {
    int32_t keep[TC_MAX_RANK]; /* dimensions that stay, outermost first */
    int32_t keep_stride[TC_MAX_RANK];
    int32_t reduce[TC_MAX_RANK]; /* dimensions of which the largest element is taken */
    int32_t reduce_stride[TC_MAX_RANK];
} tc_max_params;

/* REDUCE_MAX over any axes. Portable. */
void tc_max_s8_ref(const tc_max_params *p, const int8_t *in, int8_t *out);

/* An image is reduced to one pixel, row by row. */
typedef struct {
    int32_t rows;     /* of the image */
    int32_t width;    /* columns of the image */
    int32_t channels; /* of input and output */
} tc_max_rows_params;

/* REDUCE_MAX over rows and columns.
 * row: [width, channels], the y-th; out: [channels], written when y is the last; most: [channels], kept by the caller
 * from row to row, cleared by row 0. Portable. */
void tc_max_rows_s8_ref(const tc_max_rows_params *p, const int8_t *row, int32_t y, int8_t *out, int8_t *most);

#endif

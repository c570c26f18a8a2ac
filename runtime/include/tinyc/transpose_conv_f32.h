#ifndef TINYC_TRANSPOSE_CONV_F32_H
#define TINYC_TRANSPOSE_CONV_F32_H

#include "tinyc/kernel.h"
#include "tinyc/matmul_f32.h"

/* Weights: of every four output channels [kernel_h, kernel_w, in_c, 4], then of every one that is left [kernel_h,
 * kernel_w, in_c]. bias: [out_c] or NULL. */
typedef struct {
    int32_t in_w;     /* columns of the input image */
    int32_t in_c;     /* channels of the input */
    int32_t out_c;    /* channels of the output */
    int32_t rows;     /* length of `rows`: kernel_h / stride_h, rounded up */
    int32_t kernel_h; /* rows of the kernel */
    int32_t kernel_w; /* columns of the kernel */
    int32_t stride_h; /* output rows between two windows */
    int32_t stride_w; /* output columns between two windows */
    int32_t pad_top;  /* rows of the first window above the output */
    int32_t pad_left; /* columns of the first window before the output */
    float act_min;    /* clamp of the output */
    float act_max;
} tc_transpose_conv_f32_params;

/* Row segment `cols` of output row y. rows: the input rows whose windows touch it, the last one where window row (y +
 * pad_top) % stride_h does. Products are added up in the order of the input's pixels and channels, the bias comes last.
 * out: [end - begin, out_c]. Portable; any shape. */
void tc_transpose_conv_f32_ref(const tc_transpose_conv_f32_params *p, const float *const *rows, const tc_span *cols,
                               int32_t y, const float *weights, const float *bias, float *out);

#endif

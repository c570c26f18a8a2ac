#ifndef TINYC_TRANSPOSE_CONV_H
#define TINYC_TRANSPOSE_CONV_H

#include "tinyc/kernel.h"
#include "tinyc/scalar/matmul.h"

/* Weights are [out_c, kernel_h, kernel_w, in_c] int8, bias [out_c] int32 or NULL. */
typedef struct {
    int32_t in_w;     /* columns of the input image */
    int32_t in_c;     /* channels of the input */
    int32_t out_c;    /* channels of the output */
    int32_t rows;     /* length of `rows`: kernel_h / stride_h, rounded up */
    int32_t kernel_h; /* rows of the kernel */
    int32_t kernel_w; /* columns of the kernel */
    int32_t stride_h; /* output rows between the windows of two input rows */
    int32_t stride_w; /* output columns between the windows of two input columns */
    int32_t pad_top;  /* rows of the first window before the output */
    int32_t pad_left; /* columns of the first window before the output */
    int32_t in_zp;    /* zero point of the input, subtracted from it */
    int32_t out_zp;   /* zero point of the output, added to it */
    int32_t act_min;  /* clamp of the output byte */
    int32_t act_max;
    const int32_t *multipliers; /* [out_c] Q31 */
    const int8_t *shifts;       /* [out_c] in [-31, 30], positive to the left */
} tc_transpose_conv_params;

/* Input pixel (i, j) adds its window to outputs (i * stride_h - pad_top, j * stride_w - pad_left) and on.
 * The last of `rows` is input row (y + pad_top) / stride_h, rounded down; NULL where it is outside of the image.
 * out: [end - begin, out_c], segment `cols` of row y. Portable; any shape. */
void tc_transpose_conv_s8_ref(const tc_transpose_conv_params *p, const int8_t *const *rows, const tc_span *cols,
                              int32_t y, const int8_t *weights, const int32_t *bias, int8_t *out);

/* For cores without SIMD. Outputs whose kernel rows and columns begin alike, (y + pad_top) % stride_h and
 * (x + pad_left) % stride_w, are a convolution of stride 1 with every stride-th row and column of the kernel. */
typedef struct {
    tc_matmul_scalar product; /* depth: not used; pitch: stride_w * out_c */
    int32_t in_w;             /* columns of the input image */
    int32_t in_c;             /* channels of the input */
    int32_t rows;             /* length of `rows`, as above */
    int32_t kernel_h;         /* rows of the kernel, at least stride_h */
    int32_t kernel_w;         /* columns of the kernel, at least stride_w */
    int32_t stride_h;         /* as above */
    int32_t stride_w;
    int32_t pad_top;
    int32_t pad_left;
    int32_t in_zp; /* zero point of the input: the byte that padding holds */
    int32_t block; /* pixels that are computed together */
} tc_transpose_conv_scalar_params;

/* weights: see scalar/matmul.h, a stream for each beginning, in the order [columns, rows, in_c] of the input;
 * streams: [stride_h, stride_w] words before each. out: as above.
 * scratch: (block - 1 + kernel_w / stride_w rounded up) columns of rows * in_c bytes. */
void tc_transpose_conv_s8_scalar(const tc_transpose_conv_scalar_params *p, const int8_t *const *rows,
                                 const tc_span *cols, int32_t y, const int32_t *weights, const int32_t *streams,
                                 int8_t *out, void *scratch);

#endif

#ifndef TINYC_CONV2D_H
#define TINYC_CONV2D_H

#include "tinyc/dsp/matmul.h"
#include "tinyc/kernel.h"
#include "tinyc/mve/matmul.h"
#include "tinyc/scalar/matmul.h"

/* Weights are [out_c, kernel_h, kernel_w, group_c] int8, bias [out_c] int32 or NULL. */
typedef struct {
    int32_t in_w;       /* columns of the input image */
    int32_t in_c;       /* channels of the input */
    int32_t group_c;    /* input channels that one output channel reads; in_c where there is one group */
    int32_t out_c;      /* channels of the output, a multiple of in_c / group_c */
    int32_t kernel_h;   /* rows of the kernel: length of `rows` */
    int32_t kernel_w;   /* columns of the kernel */
    int32_t stride_w;   /* input columns between two outputs */
    int32_t dilation_w; /* input columns between two kernel columns */
    int32_t pad_left;   /* columns of padding before the image */
    int32_t in_zp;      /* zero point of the input, subtracted from it */
    int32_t out_zp;     /* zero point of the output, added to it */
    int32_t act_min;    /* clamp of the output byte */
    int32_t act_max;
    const int32_t *multipliers; /* [out_c] Q31 */
    const int8_t *shifts;       /* [out_c] in [-31, 30], positive to the left */
} tc_conv2d_params;

/* out: [end - begin, out_c], row segment `cols`. Portable; any shape. */
void tc_conv2d_s8_ref(const tc_conv2d_params *p, const int8_t *const *rows, const tc_span *cols, const int8_t *weights,
                      const int32_t *bias, int8_t *out);

/* 1x1 kernel, stride 1, no padding, one group. in: [pixels, in_c], out: [pixels, out_c]. Portable. */
void tc_conv2d_1x1_s8_ref(const tc_conv2d_params *p, const int8_t *in, const int8_t *weights, const int32_t *bias,
                          int8_t *out, int32_t pixels);

/* For cores without SIMD; weights: see scalar/matmul.h. */

/* 1x1 kernel, stride 1, no padding, one group. in: [pixels, depth], out: [pixels, out_c]. */
void tc_conv2d_1x1_s8_scalar(const tc_matmul_scalar *p, const int8_t *in, const int32_t *weights, int8_t *out,
                             int32_t pixels);

typedef struct {
    tc_matmul_scalar product; /* of one group; depth: kernel_w * kernel_h * group_c */
    int32_t groups;
    int32_t group_c;     /* input channels of a group */
    int32_t group_words; /* of the weights */
    int32_t in_w;        /* columns of the input image */
    int32_t in_c;        /* channels of the input */
    int32_t kernel_h;    /* rows of the kernel: length of `rows` */
    int32_t kernel_w;    /* columns of the kernel */
    int32_t stride_w;    /* input columns between two outputs */
    int32_t dilation_w;  /* input columns between two kernel columns */
    int32_t pad_left;    /* columns of padding before the image */
    int32_t in_zp;       /* zero point of the input: the byte that padding holds */
    int32_t block;       /* pixels that are computed together */
    int32_t step;        /* columns of scratch between two pixels: stride_w where they share some, else kernel_w */
} tc_conv2d_scalar_params;

/* Any kernel; weights in the order [kernel_w, kernel_h, group_c], group by group.
 * out: [end - begin, out_c of all groups], row segment `cols`.
 * scratch: ((block - 1) * step + kernel_w) columns of kernel_h * group_c bytes. */
void tc_conv2d_s8_scalar(const tc_conv2d_scalar_params *p, const int8_t *const *rows, const tc_span *cols,
                         const int32_t *weights, int8_t *out, void *scratch);

/* Armv7E-M SIMD: Cortex-M4, M7, M33. */

/* One group; the result of every channel below 2^23 in magnitude. */
typedef struct {
    tc_matmul_dsp product; /* depth: in_c, rounded up */
    int32_t in_c;          /* channels of the input */
    int32_t wide;          /* 1: three pixels at a time, 0: two */
    int32_t act_min;       /* clamp of the output byte */
    int32_t act_max;
} tc_conv2d_1x1_dsp_params;

/* 1x1 kernel, stride 1, no padding. in: [pixels, in_c], out: [pixels, out_c]. weights: see dsp/matmul.h.
 * scratch: 2 * depth bytes for each pixel of a block. */
void tc_conv2d_1x1_s8_dsp(const tc_conv2d_1x1_dsp_params *p, const int8_t *in, const int32_t *weights, int8_t *out,
                          int32_t pixels, void *scratch);

typedef struct {
    tc_matmul_dsp product; /* depth: kernel_h * kernel_w * in_c, rounded up */
    int32_t in_w;          /* columns of the input image */
    int32_t in_c;          /* channels of the input; not a multiple of 4 only where `lines` */
    int32_t kernel_h;      /* rows of the kernel: length of `rows` */
    int32_t kernel_w;      /* columns of the kernel */
    int32_t stride_w;      /* input columns between two outputs */
    int32_t dilation_w;    /* input columns between two kernel columns */
    int32_t pad_left;      /* columns of padding before the image */
    int32_t wide;          /* 1: three pixels at a time, 0: two */
    int32_t lines;         /* 1: the block's bytes are lined up in scratch before they are widened */
    int32_t act_min;       /* clamp of the output byte */
    int32_t act_max;
} tc_conv2d_dsp_params;

/* Any kernel. out: [end - begin, out_c], row segment `cols`. padding: in_c bytes, the input's zero point.
 * scratch: 2 * depth bytes for each pixel of a block, and depth more where `lines`. */
void tc_conv2d_s8_dsp(const tc_conv2d_dsp_params *p, const int8_t *const *rows, const tc_span *cols,
                      const int32_t *weights, const int8_t *padding, int8_t *out, void *scratch);

/* Helium: Cortex-M55, M85. */

typedef struct {
    tc_matmul_mve product; /* depth: channels of the input */
} tc_conv2d_1x1_mve_params;

/* 1x1 kernel, stride 1, no padding, one group. in: [pixels, depth], out: [pixels, out_c]. weights: see mve/matmul.h. */
void tc_conv2d_1x1_s8_mve(const tc_conv2d_1x1_mve_params *p, const int8_t *in, const int32_t *weights, int8_t *out,
                          int32_t pixels);

typedef struct {
    tc_matmul_mve product; /* depth: kernel_h * kernel_w * in_c */
    int32_t in_w;          /* columns of the input image */
    int32_t in_c;          /* channels of the input */
    int32_t kernel_h;      /* rows of the kernel: length of `rows` */
    int32_t kernel_w;      /* columns of the kernel */
    int32_t stride_w;      /* input columns between two outputs */
    int32_t dilation_w;    /* input columns between two kernel columns */
    int32_t pad_left;      /* columns of padding before the image */
    int32_t in_zp;         /* zero point of the input: the byte that padding holds */
    int32_t block;         /* pixels that are computed together */
} tc_conv2d_mve_params;

/* Any kernel; weights in the order [kernel_h, kernel_w, in_c]. out: [end - begin, out_c], row segment `cols`.
 * scratch: block * depth bytes. */
void tc_conv2d_s8_mve(const tc_conv2d_mve_params *p, const int8_t *const *rows, const tc_span *cols,
                      const int32_t *weights, int8_t *out, void *scratch);

/* dilation_w 1; weights in the order [kernel_w, kernel_h, in_c]: neighbouring pixels share columns in scratch.
 * scratch: ((block - 1) * stride_w + kernel_w) * kernel_h * in_c bytes. */
void tc_conv2d_columns_s8_mve(const tc_conv2d_mve_params *p, const int8_t *const *rows, const tc_span *cols,
                              const int32_t *weights, int8_t *out, void *scratch);

#endif

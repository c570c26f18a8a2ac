#ifndef TINYC_CONV2D_F32_H
#define TINYC_CONV2D_F32_H

#include "tinyc/kernel.h"
#include "tinyc/matmul_f32.h"

/* Weights of each group one after the other: of every four output channels [taps, 4], then of every one that is left
 * [taps], where taps are [kernel_h, kernel_w, group_c]. bias: [out_c] or NULL. */
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
    float act_min;      /* clamp of the output */
    float act_max;
} tc_conv2d_f32_params;

/* out: [end - begin, out_c], row segment `cols`. Products are added up in the order of the taps, the bias comes last;
 * taps in the padding are left out. Portable; any shape. */
void tc_conv2d_f32_ref(const tc_conv2d_f32_params *p, const float *const *rows, const tc_span *cols,
                       const float *weights, const float *bias, float *out);

#endif

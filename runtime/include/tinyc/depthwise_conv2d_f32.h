#ifndef TINYC_DEPTHWISE_CONV2D_F32_H
#define TINYC_DEPTHWISE_CONV2D_F32_H

#include "tinyc/kernel.h"
#include "tinyc/matmul_f32.h"

/* Weights are [kernel_h, kernel_w, channels], bias [channels] or NULL. */
typedef struct {
    int32_t in_w;       /* columns of the input image */
    int32_t channels;   /* of input and output: each output channel reads its own */
    int32_t kernel_h;   /* rows of the kernel: length of `rows` */
    int32_t kernel_w;   /* columns of the kernel */
    int32_t stride_w;   /* input columns between two outputs */
    int32_t dilation_w; /* input columns between two kernel columns */
    int32_t pad_left;   /* columns of padding before the image */
    float act_min;      /* clamp of the output */
    float act_max;
} tc_depthwise_conv2d_f32_params;

/* out: [end - begin, channels], row segment `cols`. Products are added up in the order of the weights, the bias comes
 * last; taps in the padding are left out. Portable; any shape. */
void tc_depthwise_conv2d_f32_ref(const tc_depthwise_conv2d_f32_params *p, const float *const *rows, const tc_span *cols,
                                 const float *weights, const float *bias, float *out);

#endif

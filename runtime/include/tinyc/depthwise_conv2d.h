#ifndef TINYC_DEPTHWISE_CONV2D_H
#define TINYC_DEPTHWISE_CONV2D_H

#include "tinyc/kernel.h"

/* Weights are [kernel_h, kernel_w, in_c * multiplier] int8, bias [in_c * multiplier] int32 or NULL. */
typedef struct {
    int32_t in_w;       /* columns of the input image */
    int32_t in_c;       /* channels of the input */
    int32_t multiplier; /* output channels per input channel */
    int32_t kernel_h;   /* rows of the kernel: length of `rows` */
    int32_t kernel_w;   /* columns of the kernel */
    int32_t stride_w;   /* input columns between two outputs */
    int32_t dilation_w; /* input columns between two kernel columns */
    int32_t pad_left;   /* columns of padding before the image */
    int32_t in_zp;      /* zero point of the input, subtracted from it */
    int32_t out_zp;     /* zero point of the output, added to it */
    int32_t act_min;    /* clamp of the output byte */
    int32_t act_max;
    const int32_t *multipliers; /* [in_c * multiplier] Q31 */
    const int8_t *shifts;       /* [in_c * multiplier] in [-31, 30], positive to the left */
} tc_depthwise_conv2d_params;

/* out: [end - begin, in_c * multiplier], row segment `cols`. Portable; any shape. */
void tc_depthwise_conv2d_s8_ref(const tc_depthwise_conv2d_params *p, const int8_t *const *rows, const tc_span *cols,
                                const int8_t *weights, const int32_t *bias, int8_t *out);

#endif

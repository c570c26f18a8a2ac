/* Kernels that call the user's own CMSIS-NN. Its functions take whole tensors: [height, width, channels] int8. */
#ifndef TINYC_CMSIS_NN_H
#define TINYC_CMSIS_NN_H

#include "tinyc/kernel.h"

/* Weights are [out_c, kernel_h, kernel_w, in_c] int8, depthwise [kernel_h, kernel_w, out_c]; bias [out_c]. */
typedef struct {
    int32_t in_h;
    int32_t in_w;
    int32_t in_c;
    int32_t out_h;
    int32_t out_w;
    int32_t out_c;
    int32_t kernel_h;
    int32_t kernel_w;
    int32_t stride_h;
    int32_t stride_w;
    int32_t dilation_h;
    int32_t dilation_w;
    int32_t pad_top;
    int32_t pad_left;
    int32_t multiplier; /* depthwise: output channels per input channel */
    int32_t in_zp;      /* zero point of the input, subtracted from it */
    int32_t out_zp;     /* zero point of the output, added to it */
    int32_t act_min;    /* clamp of the output byte */
    int32_t act_max;
    const int32_t *multipliers; /* [out_c] Q31 */
    const int32_t *shifts;      /* [out_c] in [-31, 0], positive to the left */
} tc_cmsis_conv_params;

void tc_conv2d_s8_cmsis(const tc_cmsis_conv_params *p, const int8_t *in, const int8_t *weights, const int32_t *bias,
                        int8_t *out, void *scratch);

void tc_depthwise_conv2d_s8_cmsis(const tc_cmsis_conv_params *p, const int8_t *in, const int8_t *weights,
                                  const int32_t *bias, int8_t *out, void *scratch);

typedef struct {
    int32_t in_h;
    int32_t in_w;
    int32_t channels;
    int32_t out_h;
    int32_t out_w;
    int32_t kernel_h;
    int32_t kernel_w;
    int32_t stride_h;
    int32_t stride_w;
    int32_t pad_top;
    int32_t pad_left;
    int32_t act_min; /* clamp of the output byte */
    int32_t act_max;
} tc_cmsis_pool_params;

void tc_average_pool2d_s8_cmsis(const tc_cmsis_pool_params *p, const int8_t *in, int8_t *out, void *scratch);
void tc_max_pool2d_s8_cmsis(const tc_cmsis_pool_params *p, const int8_t *in, int8_t *out);

typedef struct {
    int32_t in_n;    /* length of an input vector */
    int32_t out_n;   /* length of an output vector */
    int32_t in_zp;   /* zero point of the input, subtracted from it */
    int32_t out_zp;  /* zero point of the output, added to it */
    int32_t act_min; /* clamp of the output byte */
    int32_t act_max;
    int32_t multiplier; /* Q31 */
    int32_t shift;      /* positive to the left */
} tc_cmsis_fully_connected_params;

/* in: [vectors, in_n], out: [vectors, out_n]; scratch: 4 * out_n bytes. Rounds twice. */
void tc_fully_connected_s8_cmsis(const tc_cmsis_fully_connected_params *p, const int8_t *in, const int8_t *weights,
                                 const int32_t *bias, int8_t *out, int32_t vectors, void *scratch);

typedef struct {
    int32_t a_zp; /* zero points of the operands, subtracted from them; multipliers are Q31, shifts <= 0 */
    int32_t a_multiplier;
    int32_t a_shift;
    int32_t b_zp;
    int32_t b_multiplier;
    int32_t b_shift;
    int32_t left_shift; /* of both operands, before they are multiplied */
    int32_t multiplier; /* of the sum */
    int32_t shift;
    int32_t out_zp; /* zero point of the output, added to it */
    int32_t act_min;
    int32_t act_max;
} tc_cmsis_add_params;

/* a, b, out: [elements]. */
void tc_add_s8_cmsis(const tc_cmsis_add_params *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t elements);

typedef struct {
    int32_t depth;      /* length of a vector */
    int32_t multiplier; /* of a difference of bytes, Q31, to the exponent in Q5.26 */
    int32_t shift;      /* to the left */
    int32_t diff_min;   /* differences below it count as minus infinity */
} tc_cmsis_softmax_params;

/* in, out: [vectors, depth]; scale 1/256, zero point -128 of the output. */
void tc_softmax_s8_cmsis(const tc_cmsis_softmax_params *p, const int8_t *in, int8_t *out, int32_t vectors);

#endif

#ifndef TINYC_UNSIGNED_H
#define TINYC_UNSIGNED_H

/* What networks of uint8 need besides. All bytes are int8 here, 128 less than the model's; zero points, too. */

#include "tinyc/conv2d.h"
#include "tinyc/depthwise_conv2d.h"
#include "tinyc/kernel.h"
#include "tinyc/l2_norm.h"
#include "tinyc/pool.h"
#include "tinyc/reduce.h"
#include "tinyc/resize.h"
#include "tinyc/transpose_conv.h"

/* What is subtracted from weights that have a zero point: in [-128, 127]. */
typedef struct {
    int32_t value;
} tc_weight_zp;

/* As the kernels whose names have no `zp`, of weights with a zero point. Portable. */
void tc_conv2d_zp_s8_ref(const tc_conv2d_params *p, const tc_weight_zp *zp, const int8_t *const *rows,
                         const tc_span *cols, const int8_t *weights, const int32_t *bias, int8_t *out);
void tc_conv2d_1x1_zp_s8_ref(const tc_conv2d_params *p, const tc_weight_zp *zp, const int8_t *in, const int8_t *weights,
                             const int32_t *bias, int8_t *out, int32_t pixels);
void tc_depthwise_conv2d_zp_s8_ref(const tc_depthwise_conv2d_params *p, const tc_weight_zp *zp,
                                   const int8_t *const *rows, const tc_span *cols, const int8_t *weights,
                                   const int32_t *bias, int8_t *out);
void tc_transpose_conv_zp_s8_ref(const tc_transpose_conv_params *p, const tc_weight_zp *zp, const int8_t *const *rows,
                                 const tc_span *cols, int32_t y, const int8_t *weights, const int32_t *bias,
                                 int8_t *out);

/* A few channels of a convolution, computed apart because their weights do not fit a byte. Weights are [count,
 * kernel_h, kernel_w, depth] int16, bias [count] int32. */
typedef struct {
    int32_t count;      /* channels that are computed */
    int32_t depth;      /* input channels that one of them reads */
    int32_t in_w;       /* columns of the input image */
    int32_t in_c;       /* channels of the input */
    int32_t out_c;      /* channels of the output */
    int32_t kernel_h;   /* rows of the kernel: length of `rows` */
    int32_t kernel_w;   /* columns of the kernel */
    int32_t stride_w;   /* input columns between two outputs */
    int32_t dilation_w; /* input columns between two kernel columns */
    int32_t pad_left;   /* columns of padding before the image */
    int32_t in_zp;      /* zero point of the input, subtracted from it */
    int32_t out_zp;     /* zero point of the output, added to it */
    int32_t act_min;    /* clamp of the output byte */
    int32_t act_max;
    const int16_t *channels;    /* [count] channel of the output */
    const int16_t *inputs;      /* [count] the first input channel that it reads */
    const int32_t *multipliers; /* [count] Q31 */
    const int8_t *shifts;       /* [count] in [-31, 30], positive to the left */
} tc_some_channels_params;

/* out: [end - begin, out_c], row segment `cols`, of which the other channels stay as they are. Portable. */
void tc_some_channels_s8_ref(const tc_some_channels_params *p, const int8_t *const *rows, const tc_span *cols,
                             const int16_t *weights, const int32_t *bias, int8_t *out);

/* The same of a 1x1 kernel, stride 1, no padding. in: [pixels, in_c], out: [pixels, out_c]. Portable. */
void tc_some_channels_1x1_s8_ref(const tc_some_channels_params *p, const int8_t *in, const int16_t *weights,
                                 const int32_t *bias, int8_t *out, int32_t pixels);

/* The same of vectors, as LiteRT's FULLY_CONNECTED rounds: shifts are the divisors' exponents, in [1, 62]. Portable. */
void tc_some_channels_once_s8_ref(const tc_some_channels_params *p, const int8_t *in, const int16_t *weights,
                                  const int32_t *bias, int8_t *out, int32_t vectors);

/* The output byte of the i-th of them. */
static inline int8_t tc_some_channels_byte(const tc_some_channels_params *p, int32_t acc, int32_t i)
{
    const int32_t scaled = tc_requant(acc, p->multipliers[i], p->shifts[i]);
    return (int8_t)tc_clamp(scaled + p->out_zp, p->act_min, p->act_max);
}

/* As the kernels of int8, but halves are rounded up. Portable. */
void tc_average_pool2d_u8_ref(const tc_pool_params *p, const int8_t *const *rows, const tc_span *cols, int8_t *out);
void tc_reduce_average_u8_ref(const tc_reduce_average_params *p, const int8_t *row, int32_t y, int8_t *out,
                              int32_t *sums);
void tc_resize_bilinear_u8_ref(const tc_resize_params *p, const int8_t *const *rows, const tc_span *cols, int32_t y,
                               const uint16_t *row_weights, const uint16_t *columns, const uint16_t *column_weights,
                               int8_t *out);

/* The same in float32, each step rounded, in the order of LiteRT's reference kernel. row_pairs[y]: 1 where rows[0]
 * takes part, 0 where the last of `rows` stands for it; columns: [width, 2], the two input columns of each output
 * column. Weights are those of the last row and of the second column. Portable. */
void tc_resize_bilinear_f32_u8_ref(const tc_resize_params *p, const int8_t *const *rows, const tc_span *cols, int32_t y,
                                   const uint8_t *row_pairs, const float *row_weights, const uint16_t *columns,
                                   const float *column_weights, int8_t *out);

/* As the kernel of int8, but a byte is multiplied by 128 before it is by the inverse length. Portable. */
void tc_l2_norm_u8_ref(const tc_l2_norm_params *p, const int8_t *in, int8_t *out, int32_t vectors);

/* sum / count, rounded to nearest, halves up: the mean of `count` bytes. */
static inline int32_t tc_mean_up(int32_t sum, int32_t count) { return (sum + 128 * count + count / 2) / count - 128; }

#endif

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

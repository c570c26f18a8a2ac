/* Layers whose weights are few multiples of one number, in 4 or 2 bits each. */
#ifndef TINYC_PACKED_H
#define TINYC_PACKED_H

#include "tinyc/conv2d.h"
#include "tinyc/fully_connected.h"
#include "tinyc/kernel.h"

/* Weights are the stream of words that the kernel for int8 weights of the same name reads, where the words of weights
 * between a block's other words are packed: each word of packed weights is 2 or 4 of them, the first in the lowest bits
 * of every byte. Kernels unpack as many blocks as fit into scratch and then compute these by the code for int8 weights.
 *
 * A word of int8 weights is (digits * step + add) ^ flip, where the bytes of `digits` are below 2^bits. Lanes, bytes or
 * halfwords, do not disturb each other: a lane is its digits times the step plus `add`, in which the least weights and
 * half of the lane's range are, never below 0; and the flip of its highest bit makes that a signed number. */
typedef struct {
    int32_t bits;     /* of a weight in flash: 4 or 2 */
    int32_t together; /* blocks that are unpacked together: fours of channels, or pairs where the stream has those */
    uint32_t step;    /* between two neighbouring levels, in [1, 127] */
    uint32_t add;
    uint32_t flip; /* 0x80808080 for bytes, 0x80008000 for halfwords */
} tc_levels;

/* For cores without SIMD. Operands as those of the kernels for int8 weights, without groups.
 * scratch: for each block 4 * (depth + 9) bytes, 16 more, and then what the kernel for int8 weights takes. */
void tc_fully_connected_packed_s8_scalar(const tc_matmul_scalar *p, const tc_levels *levels, const int8_t *in,
                                         const int32_t *weights, int8_t *out, int32_t vectors, void *scratch);

void tc_fully_connected_packed_once_s8_scalar(const tc_matmul_scalar *p, const tc_levels *levels, const int8_t *in,
                                              const int32_t *weights, int8_t *out, int32_t vectors, void *scratch);

void tc_conv2d_1x1_packed_s8_scalar(const tc_matmul_scalar *p, const tc_levels *levels, const int8_t *in,
                                    const int32_t *weights, int8_t *out, int32_t pixels, void *scratch);

void tc_conv2d_packed_s8_scalar(const tc_conv2d_scalar_params *p, const tc_levels *levels, const int8_t *const *rows,
                                const tc_span *cols, const int32_t *weights, int8_t *out, void *scratch);

/* Armv7E-M SIMD. Operands as those of the kernels for int8 weights.
 * scratch: for each pair of channels 2 * depth + 20 bytes, for each four outputs 4 * depth + 36, the depth rounded up;
 * 16 more, and then what the kernel for int8 weights takes. */
void tc_fully_connected_packed_s8_dsp(const tc_fully_connected_dsp_params *p, const tc_levels *levels, const int8_t *in,
                                      const int32_t *weights, int8_t *out, int32_t vectors, void *scratch);

void tc_fully_connected_packed_once_s8_dsp(const tc_fully_connected_dsp_params *p, const tc_levels *levels,
                                           const int8_t *in, const int32_t *weights, int8_t *out, int32_t vectors,
                                           void *scratch);

void tc_conv2d_1x1_packed_s8_dsp(const tc_conv2d_1x1_dsp_params *p, const tc_levels *levels, const int8_t *in,
                                 const int32_t *weights, int8_t *out, int32_t pixels, void *scratch);

void tc_conv2d_packed_s8_dsp(const tc_conv2d_dsp_params *p, const tc_levels *levels, const int8_t *const *rows,
                             const tc_span *cols, const int32_t *weights, const int8_t *padding, int8_t *out,
                             void *scratch);

/* Helium. Operands as those of the kernels for int8 weights; a block is four channels.
 * scratch: for each block 4 * depth + 64 bytes, the depth rounded up to 16, and 16 more; then what the kernel for int8
 * weights takes, and the bytes of these channels for the pixels that are computed together. */
#define TC_PACKED_PIXELS_MVE 16

void tc_fully_connected_packed_s8_mve(const tc_matmul_mve *p, const tc_levels *levels, const int8_t *in,
                                      const int32_t *weights, int8_t *out, int32_t vectors, void *scratch);

void tc_fully_connected_packed_once_s8_mve(const tc_matmul_mve *p, const tc_levels *levels, const int8_t *in,
                                           const int32_t *weights, int8_t *out, int32_t vectors, void *scratch);

/* TC_PACKED_PIXELS_MVE pixels at a time. */
void tc_conv2d_1x1_packed_s8_mve(const tc_conv2d_1x1_mve_params *p, const tc_levels *levels, const int8_t *in,
                                 const int32_t *weights, int8_t *out, int32_t pixels, void *scratch);

void tc_conv2d_packed_s8_mve(const tc_conv2d_mve_params *p, const tc_levels *levels, const int8_t *const *rows,
                             const tc_span *cols, const int32_t *weights, int8_t *out, void *scratch);

#endif

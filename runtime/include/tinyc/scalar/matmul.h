/* A matrix product for cores without SIMD.
 *
 * Weights, a stream of 32-bit words, per four channels a, b, c, d:
 *   4 words: where the sums start (bias less the input's zero point times the weights)
 *   depth words of bytes: { a, b, c, d } of each input
 *   4 words: multipliers; 1 word: four shifts as bytes
 * and for each channel that is left over: start, its `depth` bytes (filled up to whole words), multiplier, shift.
 *
 * An output byte is TFLite's requantization in one high multiplication. Rounded twice (convolutions, and TFLM):
 *   (((floor(4 * acc * multiplier / 2^32) + (acc < 0 ? -1 : 1)) >> shift) + 2 * zero point + 1) >> 1
 * with shift as TFLite's, positive to the right, >= 1. Rounded once (LiteRT's FULLY_CONNECTED): without the term of
 * the sign, and multiplier / 2^(31 + shift) is the scale. Results stay below 2^29 in magnitude, which the compiler
 * proves. */
#ifndef TINYC_SCALAR_MATMUL_H
#define TINYC_SCALAR_MATMUL_H

#include <stdint.h>

typedef struct {
    int32_t depth;   /* inputs of one output */
    int32_t out_c;   /* channels in the stream of weights */
    int32_t pitch;   /* bytes from pixel to pixel of the output */
    int32_t zero;    /* 2 * zero point of the output + 1 */
    int32_t act_min; /* clamp of the output byte */
    int32_t act_max;
} tc_matmul_scalar;

#endif

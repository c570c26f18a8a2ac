/* A matrix product for Armv7E-M SIMD.
 *
 * Two channels share one multiplication: weights of channels a and b lie side by side in a halfword, a + 256 * b, which
 * SMLAD takes as it is, so that S = sum(x * a) + 256 * sum(x * b). A = sum(x * a) comes from the same word by SXTB16,
 * and S - A is 256 * sum(x * b). So one unpacking instruction serves four products; exact while the channels' results
 * stay below 2^23 in magnitude, which the compiler proves before it chooses these kernels.
 *
 * Columns: the block's pixels as int16 pairs, interleaved: for every four inputs k of a pixel (k, k + 2) of each
 * pixel, then (k + 1, k + 3) of each pixel. The depth is rounded up to a multiple of four, with weights of 0.
 *
 * Weights, a stream of 32-bit words, per pair of channels:
 *   a0, a0 + 256 * b0                    where the sums start: biases, less the input's zero point times the weights
 *   depth / 2 words of bytes             { a[k], b[k], a[k + 2], b[k + 2] }, { a[k + 1], b[k + 1], a[k + 3], b[k + 3] }
 *   multiplier a, multiplier b, { shift a - 1, shift b - 1, zero }, zero a halfword: 2 * the output's zero point + 1
 * An output byte is (round(2 * acc * multiplier / 2^32) + offset - (acc < 0)) >> shift, saturated, which is TFLite's
 * requantization for shift >= 1 and offset = (zero point << shift) + (1 << (shift - 1)) = zero << (shift - 1). Where no
 * negative accumulator gives anything but the lowest byte, the "- (acc < 0)" is left out.
 *
 * An odd number of channels is made even by computing channel 1 twice: pairs are (0, 1), (1, 2), (3, 4) ... */
#ifndef TINYC_DSP_MATMUL_H
#define TINYC_DSP_MATMUL_H

#include <stdint.h>

/* What is the same for every block of a layer. */
typedef struct {
    int32_t depth;     /* inputs of one output, rounded up to a multiple of 4 */
    int32_t out_c;     /* channels, >= 2 */
    int32_t is_signed; /* 1: negative accumulators matter, see above */
} tc_matmul_dsp;

#endif

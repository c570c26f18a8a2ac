/* A matrix product for Helium.
 *
 * Weights: a stream of 32-bit words per block of four channels; channels beyond the last have weights of 0.
 *   [depth / 16, rounded up] times { 16 bytes of channel 0, of channel 1, of channel 2, of channel 3 }, filled up with
 *                  anything: the input's bytes beyond the depth are not read, and count as 0
 *   bias[4]        less the input's zero point times the sum of the weights
 *   multiplier[4]  Q31
 *   offset[4]      (zero point of the output << shift) + (1 << (shift - 1))
 *   left[4]        24 - shift
 *
 * An output byte is (v + offset - (v < 0)) >> shift, saturated, v = round(acc * multiplier / 2^31), halves up: TFLite's
 * requantization for shift >= 1. Where no negative v gives anything but the lowest byte, "- (v < 0)" is left out.
 * Kernels that round only once take v = floor(acc * multiplier / 2^31), and never subtract. */
#ifndef TINYC_MVE_MATMUL_H
#define TINYC_MVE_MATMUL_H

#include <stdint.h>

/* What is the same for every block of a layer. */
typedef struct {
    int32_t depth;     /* bytes of input that one output reads */
    int32_t out_c;     /* channels of the output */
    int32_t is_signed; /* 1: negative v matter, see above */
    int32_t clamp;     /* 1: output bytes are clamped to [act_min, act_max]; 0: to int8 */
    int32_t act_min;
    int32_t act_max;
} tc_matmul_mve;

#endif

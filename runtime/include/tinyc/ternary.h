/* Convolutions whose weights are -1, 0 and 1 times one number per output channel, packed five to a byte. */
#ifndef TINYC_TERNARY_H
#define TINYC_TERNARY_H

#include "tinyc/kernel.h"

/* Weights are [out_c, codes] bytes of five taps each, in the order [kernel_h, kernel_w, in_c]; see scalar/trits.h.
 * Where `rest` taps of a channel make no byte, `rests` has them: the trits of all channels one after the other, five to
 * a byte.
 * channels: [out_c] times
 *   start          bias, less the input's zero point times the sum of the weights
 *   multiplier     Q31
 * scales: [out_c] shifts of the requantization, in [1, 23]; where `magnitude` is 0 then [out_c] of what a trit counts
 */
typedef struct {
    int32_t depth;      /* taps of an output: kernel_h * kernel_w * in_c, 5 * codes + rest */
    int32_t codes;      /* bytes of weights of a channel; its last may have taps beyond the depth, which are 0 */
    int32_t rest;       /* in [0, 4]; above 0 only where there are at most 27 codes, in one part */
    int32_t part;       /* codes whose taps are in scratch together, at most 51 */
    int32_t group;      /* channels whose sums are in scratch together: all of them where there is one part */
    int32_t out_c;      /* channels of the output */
    int32_t in_w;       /* columns of the input image */
    int32_t in_c;       /* channels of the input */
    int32_t kernel_h;   /* rows of the kernel: length of `rows` */
    int32_t kernel_w;   /* columns of the kernel */
    int32_t stride_w;   /* input columns between two outputs */
    int32_t dilation_w; /* input columns between two kernel columns */
    int32_t pad_left;   /* columns of padding before the image */
    int32_t magnitude;  /* what a trit counts, where that is the same for all channels; else 0 */
    int32_t zero;       /* twice the output's zero point, plus 1 */
    int32_t act_min;    /* clamp of the output byte */
    int32_t act_max;
} tc_ternary_params;

typedef struct {
    const uint8_t *codes;
    const int32_t *channels;
    const uint8_t *scales;
    const uint8_t *rests;
} tc_ternary_weights;

/* Eight pixels at a time. Any kernel, one group. padding: in_c bytes, the input's zero point.
 * out: [end - begin, out_c], row segment `cols`. scratch: 80 bytes for each code of a part, 16 for each tap that is in
 * none; where there are several parts, 32 bytes for each channel of a group besides. */
void tc_conv2d_ternary_s8_scalar(const tc_ternary_params *p, const int8_t *const *rows, const tc_span *cols,
                                 const uint8_t *codes, const int32_t *channels, const uint8_t *scales,
                                 const uint8_t *rests, const int8_t *padding, int8_t *out, void *scratch);

/* The same for a 1x1 kernel, stride 1, no padding. in: [pixels, in_c], out: [pixels, out_c]. */
void tc_conv2d_1x1_ternary_s8_scalar(const tc_ternary_params *p, const int8_t *in, const uint8_t *codes,
                                     const int32_t *channels, const uint8_t *scales, const uint8_t *rests, int8_t *out,
                                     int32_t pixels, void *scratch);

/* The same with Armv7E-M's long multiplication. */
void tc_conv2d_ternary_s8_dsp(const tc_ternary_params *p, const int8_t *const *rows, const tc_span *cols,
                              const uint8_t *codes, const int32_t *channels, const uint8_t *scales,
                              const uint8_t *rests, const int8_t *padding, int8_t *out, void *scratch);
void tc_conv2d_1x1_ternary_s8_dsp(const tc_ternary_params *p, const int8_t *in, const uint8_t *codes,
                                  const int32_t *channels, const uint8_t *scales, const uint8_t *rests, int8_t *out,
                                  int32_t pixels, void *scratch);

#endif

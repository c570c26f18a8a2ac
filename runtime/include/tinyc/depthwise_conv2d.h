#ifndef TINYC_DEPTHWISE_CONV2D_H
#define TINYC_DEPTHWISE_CONV2D_H

#include "tinyc/kernel.h"
#include "tinyc/mve/matmul.h"
#include "tinyc/scalar/matmul.h"

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

/* For cores without SIMD. Output channel c reads input channel c, at least 4 of them. */
typedef struct {
    tc_matmul_scalar product; /* depth: taps of the kernel; out_c: channels */
    int32_t in_w;             /* columns of the input image */
    int32_t kernel_h;         /* rows of the kernel: length of `rows` */
    int32_t kernel_w;         /* columns of the kernel */
    int32_t stride_w;         /* input columns between two outputs */
    int32_t dilation_w;       /* input columns between two kernel columns */
    int32_t pad_left;         /* columns of padding before the image */
} tc_depthwise_conv2d_scalar_params;

/* out: [end - begin, channels], row segment `cols`. weights: fours of channels as in scalar/matmul.h, inputs being the
 * taps; where channels are no multiple of 4, the last four overlap the ones before.
 * padding: `channels` bytes, the input's zero point. scratch: two pointers per tap. */
void tc_depthwise_conv2d_s8_scalar(const tc_depthwise_conv2d_scalar_params *p, const int8_t *const *rows,
                                   const tc_span *cols, const int32_t *weights, const int8_t *padding, int8_t *out,
                                   void *scratch);

/* Armv7E-M SIMD. Output channel c reads input channel c, at least 4 of them. */
typedef struct {
    int32_t in_w;       /* columns of the input image */
    int32_t channels;   /* of input and output, >= 4 */
    int32_t kernel_h;   /* rows of the kernel: length of `rows` */
    int32_t kernel_w;   /* columns of the kernel */
    int32_t stride_w;   /* input columns between two outputs */
    int32_t dilation_w; /* input columns between two kernel columns */
    int32_t pad_left;   /* columns of padding before the image */
    int32_t zero;       /* 2 * the output's zero point + 1 */
    int32_t in_pairs;   /* 1: no negative accumulator matters, see dsp/matmul.h, and twice the output, less its zero
                         * point, fits int16 before it is clamped */
    int32_t act_min;    /* clamp of the output byte */
    int32_t act_max;
} tc_depthwise_conv2d_dsp_params;

/* out: [end - begin, channels], row segment `cols`.
 * weights: a stream of 32-bit words, per group of four channels (0 to 3, 4 to 7, ...; where channels are no multiple of
 * 4, the last group is the last four channels, some of them a second time):
 *   4 words: where the sums start (bias less the input's zero point times the weights)
 *   1 word if the number of taps is odd: bytes of tap 0
 *   2 words for every two further taps: bytes { channel 0, 1 } of the tap, of the next tap, { channel 2, 3 } of both
 *   4 words: twice the multipliers, modulo 2^32
 *   1 word: shifts, less 1, as bytes
 * For what multiplier and shift mean see dsp/matmul.h. padding: `channels` bytes, the input's zero point.
 * scratch: 4 bytes per tap. */
void tc_depthwise_conv2d_s8_dsp(const tc_depthwise_conv2d_dsp_params *p, const int8_t *const *rows, const tc_span *cols,
                                const int32_t *weights, const int8_t *padding, int8_t *out, void *scratch);

/* The same for kernels of 3x3 without dilation of columns, two neighbouring pixels at a time. */
typedef struct {
    int32_t in_w;      /* columns of the input image */
    int32_t channels;  /* of input and output, >= 2 */
    int32_t stride_w;  /* input columns between two outputs: 1 or 2 */
    int32_t pad_left;  /* columns of padding before the image */
    int32_t zero;      /* 2 * the output's zero point + 1 */
    int32_t is_signed; /* 1: negative accumulators matter, see dsp/matmul.h */
    int32_t act_min;   /* clamp of the output byte */
    int32_t act_max;
} tc_depthwise_conv2d_3x3_dsp_params;

/* out: [end - begin, channels], row segment `cols`.
 * weights: a stream of 32-bit words, per pair of channels a, b (0 and 1, 2 and 3, ...; where channels are odd, the last
 * pair is the last two channels, one of them a second time):
 *   2 words: where the sums start (bias less the input's zero point times the weights)
 *   3 words, for each column of the kernel: bytes { a, b } of row 0, of row 1
 *   1 word: bytes { a, b } of row 2 of column 0, of column 1
 *   1 word: bytes { shift a - 1, shift b - 1 }, { a, b } of row 2 of column 2
 *   2 words: twice the multipliers, modulo 2^32
 * For what multiplier and shift mean see dsp/matmul.h. padding: `channels` bytes, the input's zero point.
 * scratch: 12 bytes for each column that two neighbouring pixels read. */
void tc_depthwise_conv2d_3x3_s8_dsp(const tc_depthwise_conv2d_3x3_dsp_params *p, const int8_t *const *rows,
                                    const tc_span *cols, const int32_t *weights, const int8_t *padding, int8_t *out,
                                    void *scratch);

/* Helium. Output channel c reads input channel c; kernel_h <= 16.
 *
 * Rows are interleaved bytewise in scratch, in planes of four: a 32-bit word holds four rows of one channel of one
 * column. A channel's kernel is then a few words, four of which VLDRW gathers into one vector. */
typedef struct {
    int32_t in_w;        /* columns of the input image */
    int32_t channels;    /* of input and output */
    int32_t kernel_h;    /* rows of the kernel: length of `rows` */
    int32_t kernel_w;    /* columns of the kernel */
    int32_t stride_w;    /* input columns between two outputs */
    int32_t dilation_w;  /* input columns between two kernel columns */
    int32_t pad_left;    /* columns of padding before the image */
    int32_t in_zp;       /* zero point of the input: the byte that padding holds */
    int32_t group;       /* channels that are in scratch at once: 16, or all where they are fewer */
    int32_t block;       /* pixels that are computed together */
    int32_t plane;       /* words of scratch for four rows */
    int32_t vectors;     /* gathered per channel, in [1, 4] */
    int32_t block_words; /* of the weights, per four channels */
    int32_t is_signed;   /* 1: negative v matter, see mve/matmul.h */
    int32_t clamp;       /* 1: output bytes are clamped to [act_min, act_max]; 0: to int8 */
    int32_t act_min;
    int32_t act_max;
} tc_depthwise_mve_params;

/* out: [end - begin, channels], row segment `cols`.
 * taps: [vectors, 4], bytes from a pixel's first word to each word that a vector gathers (vectors 1: less 4).
 * weights: a stream of 32-bit words, per four channels (the last filled up with weights of 0):
 *   [4, vectors] vectors of 16 bytes, in the order of the gathered bytes; bias, multiplier, offset, left as in
 *   mve/matmul.h
 * padding: `channels` bytes, but at least 16, the input's zero point. scratch: planes of `plane` words, and 16 words
 * more where `group` is below 16. */
void tc_depthwise_conv2d_s8_mve(const tc_depthwise_mve_params *p, const int8_t *const *rows, const tc_span *cols,
                                const int32_t *weights, const uint32_t *taps, const int8_t *padding, int8_t *out,
                                void *scratch);

typedef struct {
    int32_t in_w;       /* columns of the input image */
    int32_t channels;   /* of input and output, >= 16 */
    int32_t kernel_h;   /* rows of the kernel: length of `rows` */
    int32_t kernel_w;   /* columns of the kernel */
    int32_t stride_w;   /* input columns between two outputs */
    int32_t dilation_w; /* input columns between two kernel columns */
    int32_t pad_left;   /* columns of padding before the image */
    int32_t is_signed;  /* 1: negative v matter, see mve/matmul.h */
    int32_t clamp;      /* 1: output bytes are clamped to [act_min, act_max]; 0: to int8 */
    int32_t act_min;
    int32_t act_max;
} tc_depthwise_taps_mve_params;

/* The same for pixels that share no columns, or few: 16 channels tap by tap; no weight is -128.
 * weights: a stream of 32-bit words, per 16 channels (the last group is the last 16, some of them a second time):
 *   bias[16], a vector of 16 bytes per tap, multiplier[16], offset[16], left[16] as in mve/matmul.h; words are in the
 *   order of channels 0, 4, 8, 12, 2, 6, 10, 14, 1, 5, 9, 13, 3, 7, 11, 15
 * padding: `channels` bytes, the input's zero point. scratch: 4 bytes per tap. */
void tc_depthwise_conv2d_taps_s8_mve(const tc_depthwise_taps_mve_params *p, const int8_t *const *rows,
                                     const tc_span *cols, const int32_t *weights, const int8_t *padding, int8_t *out,
                                     void *scratch);

#endif

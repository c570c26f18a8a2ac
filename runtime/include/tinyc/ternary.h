/* Layers whose weights are -1, 0 and 1 times one number per output channel, packed five to a byte. */
#ifndef TINYC_TERNARY_H
#define TINYC_TERNARY_H

#include "tinyc/depthwise_conv2d.h"
#include "tinyc/kernel.h"

/* Weights are [out_c, codes] bytes of five taps each, in the order [kernel_h, kernel_w, in_c]; see scalar/trits.h.
 * Where the first `rest` taps of a channel make no byte, `rests` has those of all channels; see scalar/rests.h.
 * Sums start from 640 for each code of a channel, and 640 more where there is a rest; but from 32640 at most where a
 * channel has up to 255 weights that are not 0, sums of 16 bits then.
 *
 * Twice, as TFLite rounds: channels: [out_c] times
 *   32 * start + shift     start: bias, less the input's zero point times the sum of the weights and the magnitude
 * times what sums start from, below 2^26 in magnitude; shift: of the requantization, in [1, 23] multiplier Q31
 * magnitudes: [out_c] of what a trit counts, NULL where `magnitude` has it
 *
 * By lines: a byte is ((sum << left) * slope / 2^32, rounded down, + offset) >> shift, saturated, (sum << left) without
 * a sign. channels: [out_c] times a slope, in [0, 2^31), and an offset. magnitudes: NULL.
 */
typedef struct {
    int32_t depth;      /* taps of an output: kernel_h * kernel_w * in_c, 5 * codes + rest */
    int32_t codes;      /* bytes of weights of a channel; its last may have taps beyond the depth, which are 0 */
    int32_t rest;       /* in [0, 4]; above 0 only where there is one part, or on RISC-V */
    int32_t part;       /* codes whose taps are in scratch together, at most 51 */
    int32_t group;      /* channels whose sums are in scratch together: all where there is one part, but on RISC-V */
    int32_t is_wide;    /* 1 where a channel's sums do not fit 16 bits, which takes several parts; else 0 */
    int32_t out_c;      /* channels of the output */
    int32_t in_w;       /* columns of the input image */
    int32_t in_c;       /* channels of the input */
    int32_t kernel_h;   /* rows of the kernel: length of `rows` */
    int32_t kernel_w;   /* columns of the kernel */
    int32_t stride_w;   /* input columns between two outputs */
    int32_t dilation_w; /* input columns between two kernel columns */
    int32_t pad_left;   /* columns of padding before the image */
    int32_t magnitude;  /* twice: what a trit counts, where that is the same for all channels; else 0 */
    int32_t zero;       /* twice: twice the output's zero point, plus 1 */
    int32_t left;       /* by lines: of sums, 16 where they fit 16 bits */
    int32_t shift;      /* by lines: in [0, 30], 14 or 18 where sums fit 16 bits */
    int32_t act_min;    /* clamp of the output byte */
    int32_t act_max;
} tc_ternary_params;

typedef struct {
    const uint8_t *codes;
    const int32_t *channels;
    const uint8_t *magnitudes;
    const uint8_t *rests;
} tc_ternary_weights;

/* Eight pixels at a time. Any kernel, one group. padding: in_c bytes, the input's zero point.
 * out: [end - begin, out_c], row segment `cols`. scratch: 80 bytes for each code of a part; where there is a rest, 80
 * and one for each channel, rounded up to 4; where there are several parts, 16 bytes for each channel of a group, 32
 * where sums are wide. */
void tc_conv2d_ternary_s8_scalar(const tc_ternary_params *p, const int8_t *const *rows, const tc_span *cols,
                                 const uint8_t *codes, const int32_t *channels, const uint8_t *magnitudes,
                                 const uint8_t *rests, const int8_t *padding, int8_t *out, void *scratch);

/* The same for a 1x1 kernel, stride 1, no padding. in: [pixels, in_c], out: [pixels, out_c]. */
void tc_conv2d_1x1_ternary_s8_scalar(const tc_ternary_params *p, const int8_t *in, const uint8_t *codes,
                                     const int32_t *channels, const uint8_t *magnitudes, const uint8_t *rests,
                                     int8_t *out, int32_t pixels, void *scratch);

/* The same by lines. */
void tc_conv2d_ternary_line_s8_scalar(const tc_ternary_params *p, const int8_t *const *rows, const tc_span *cols,
                                      const uint8_t *codes, const int32_t *channels, const uint8_t *magnitudes,
                                      const uint8_t *rests, const int8_t *padding, int8_t *out, void *scratch);

void tc_conv2d_1x1_ternary_line_s8_scalar(const tc_ternary_params *p, const int8_t *in, const uint8_t *codes,
                                          const int32_t *channels, const uint8_t *magnitudes, const uint8_t *rests,
                                          int8_t *out, int32_t pixels, void *scratch);

/* The same where rows make no eights: what these leave is computed in less time, and by more code. Sums of rows of up
 * to four pixels, where there are several parts, take half as much scratch. */
void tc_conv2d_ternary_narrow_s8_scalar(const tc_ternary_params *p, const int8_t *const *rows, const tc_span *cols,
                                        const uint8_t *codes, const int32_t *channels, const uint8_t *magnitudes,
                                        const uint8_t *rests, const int8_t *padding, int8_t *out, void *scratch);

void tc_conv2d_1x1_ternary_narrow_s8_scalar(const tc_ternary_params *p, const int8_t *in, const uint8_t *codes,
                                            const int32_t *channels, const uint8_t *magnitudes, const uint8_t *rests,
                                            int8_t *out, int32_t pixels, void *scratch);

void tc_conv2d_ternary_line_narrow_s8_scalar(const tc_ternary_params *p, const int8_t *const *rows, const tc_span *cols,
                                             const uint8_t *codes, const int32_t *channels, const uint8_t *magnitudes,
                                             const uint8_t *rests, const int8_t *padding, int8_t *out, void *scratch);

void tc_conv2d_1x1_ternary_line_narrow_s8_scalar(const tc_ternary_params *p, const int8_t *in, const uint8_t *codes,
                                                 const int32_t *channels, const uint8_t *magnitudes,
                                                 const uint8_t *rests, int8_t *out, int32_t pixels, void *scratch);

/* RISC-V: up to eight pixels at a time, code by code; see rv32/trits.h. scratch: 80 bytes for each code of a part and
 * 16 for each channel of a group, 48 where sums are wide; where there is a rest, 80 and one for each channel, rounded
 * up to 4. */
void tc_conv2d_ternary_s8_rv32(const tc_ternary_params *p, const int8_t *const *rows, const tc_span *cols,
                               const uint8_t *codes, const int32_t *channels, const uint8_t *magnitudes,
                               const uint8_t *rests, const int8_t *padding, int8_t *out, void *scratch);

void tc_conv2d_ternary_line_s8_rv32(const tc_ternary_params *p, const int8_t *const *rows, const tc_span *cols,
                                    const uint8_t *codes, const int32_t *channels, const uint8_t *magnitudes,
                                    const uint8_t *rests, const int8_t *padding, int8_t *out, void *scratch);

void tc_conv2d_1x1_ternary_s8_rv32(const tc_ternary_params *p, const int8_t *in, const uint8_t *codes,
                                   const int32_t *channels, const uint8_t *magnitudes, const uint8_t *rests,
                                   int8_t *out, int32_t pixels, void *scratch);

void tc_conv2d_1x1_ternary_line_s8_rv32(const tc_ternary_params *p, const int8_t *in, const uint8_t *codes,
                                        const int32_t *channels, const uint8_t *magnitudes, const uint8_t *rests,
                                        int8_t *out, int32_t pixels, void *scratch);

/* For many channels, two pixels at a time, by tables of the sums of five taps by every code; see scalar/pair_sums.h.
 * Weights lie in the order [groups of channels, parts, passes of a part, channels of the group, codes of the pass], a
 * pass being `tables` codes or the last one of a part. A part is of `part` codes, with what they start from the sums of
 * which fit 16 bits, and are below 61,441 where there are several parts, those of `rest` being in the first part; a
 * group's sums are in scratch together. scratch: 972 bytes for each table; for each channel of a group 4, or 6 where
 * there are several parts, rounded up to 4; where there is a rest, one for each channel, rounded up to 4. */
typedef struct {
    tc_ternary_params layer; /* part: a multiple of `tables`, or all codes */
    int32_t tables;          /* codes whose tables are in scratch together, 1 or 2 */
    int32_t start;           /* what the sums of a part start from */
} tc_ternary_tables_params;

void tc_conv2d_ternary_tables_s8_scalar(const tc_ternary_tables_params *p, const int8_t *const *rows,
                                        const tc_span *cols, const uint8_t *codes, const int32_t *channels,
                                        const uint8_t *magnitudes, const uint8_t *rests, const int8_t *padding,
                                        int8_t *out, void *scratch);

void tc_conv2d_1x1_ternary_tables_s8_scalar(const tc_ternary_tables_params *p, const int8_t *in, const uint8_t *codes,
                                            const int32_t *channels, const uint8_t *magnitudes, const uint8_t *rests,
                                            int8_t *out, int32_t pixels, void *scratch);

/* The same by lines. */
void tc_conv2d_ternary_line_tables_s8_scalar(const tc_ternary_tables_params *p, const int8_t *const *rows,
                                             const tc_span *cols, const uint8_t *codes, const int32_t *channels,
                                             const uint8_t *magnitudes, const uint8_t *rests, const int8_t *padding,
                                             int8_t *out, void *scratch);

void tc_conv2d_1x1_ternary_line_tables_s8_scalar(const tc_ternary_tables_params *p, const int8_t *in,
                                                 const uint8_t *codes, const int32_t *channels,
                                                 const uint8_t *magnitudes, const uint8_t *rests, int8_t *out,
                                                 int32_t pixels, void *scratch);

/* Armv7E-M SIMD. Weights: [pairs of channels, words] of twenty, then what makes none; see dsp/fours_blocks.h.
 * channels: [out_c] times
 *   32 * start + shift     as above, the shift less 1
 *   multiplier             Q31
 * magnitudes: [out_c] of what a trit counts, NULL where `magnitude` has it
 *
 * By lines: a byte is ((sum << 14) * slope / 2^32, rounded down, + offset) >> zero, saturated. channels: [out_c] times
 * a slope, in [0, 2^31), and an offset.
 */
typedef struct {
    int32_t depth;     /* taps of an output, rounded up to a multiple of 4; fewer than 1024 weights are not 0 */
    int32_t words;     /* of a pair of channels, ten taps each */
    int32_t fours;     /* of a pair that make no word, two taps each, in [0, 4] */
    int32_t lone;      /* taps of a pair that make no four, in [0, 2] */
    int32_t group;     /* pairs whose rest is unpacked together: all of them, or a multiple of ten */
    int32_t out_c;     /* channels of the output, an even number */
    int32_t pixels;    /* that are computed together at most, in [2, 4] */
    int32_t magnitude; /* twice: what a trit counts, where that is the same for all channels; else 0; by lines: 1 */
    int32_t zero;      /* twice: twice the output's zero point, plus 1; by lines: a shift, in [0, 30] */
    int32_t act_min;   /* clamp of the output byte */
    int32_t act_max;
} tc_fours_params;

typedef struct {
    tc_fours_params product;
    int32_t in_c; /* channels of the input */
} tc_conv2d_1x1_ternary_dsp_params;

/* 1x1 kernel, stride 1, no padding. in: [pixels, in_c], out: [pixels, out_c]. scratch: 2 * depth bytes for each pixel
 * of a block, and for each pair of a group 4 for each of its `fours` and `lone`. */
void tc_conv2d_1x1_ternary_s8_dsp(const tc_conv2d_1x1_ternary_dsp_params *p, const int8_t *in, const uint32_t *codes,
                                  const int32_t *channels, const uint8_t *magnitudes, int8_t *out, int32_t pixels,
                                  void *scratch);

/* The same by lines. */
void tc_conv2d_1x1_ternary_line_s8_dsp(const tc_conv2d_1x1_ternary_dsp_params *p, const int8_t *in,
                                       const uint32_t *codes, const int32_t *channels, int8_t *out, int32_t pixels,
                                       void *scratch);

typedef struct {
    tc_fours_params product;
    int32_t in_w;       /* columns of the input image */
    int32_t in_c;       /* channels of the input; not a multiple of 4 only where `lines` */
    int32_t kernel_h;   /* rows of the kernel: length of `rows` */
    int32_t kernel_w;   /* columns of the kernel */
    int32_t stride_w;   /* input columns between two outputs */
    int32_t dilation_w; /* input columns between two kernel columns */
    int32_t pad_left;   /* columns of padding before the image */
    int32_t lines;      /* 1: the block's bytes are lined up in scratch before they are widened */
} tc_conv2d_ternary_dsp_params;

/* Any kernel, one group. padding: in_c bytes, the input's zero point. out: [end - begin, out_c], row segment `cols`.
 * scratch: as above, and where `lines` depth bytes more for each pixel of a block. */
void tc_conv2d_ternary_s8_dsp(const tc_conv2d_ternary_dsp_params *p, const int8_t *const *rows, const tc_span *cols,
                              const uint32_t *codes, const int32_t *channels, const uint8_t *magnitudes,
                              const int8_t *padding, int8_t *out, void *scratch);

/* The same by lines. */
void tc_conv2d_ternary_line_s8_dsp(const tc_conv2d_ternary_dsp_params *p, const int8_t *const *rows,
                                   const tc_span *cols, const uint32_t *codes, const int32_t *channels,
                                   const int8_t *padding, int8_t *out, void *scratch);

/* Helium. Weights: [groups of channels, codes]; see mve/ternary_quads.h.
 * channels: [out_c, rounded up to an even number] times
 *   start                  bias, less the input's zero point times the sum of the weights
 *   multiplier             Q31
 *   256 * what a trit counts, and in the lowest byte the negative shift
 */
typedef struct {
    int32_t depth;      /* taps of an output, at least 16 */
    int32_t group;      /* channels whose weights are unpacked together, an even number */
    int32_t out_c;      /* channels of the output */
    int32_t is_signed;  /* 1: negative sums matter */
    int32_t zero_point; /* of the output */
    int32_t act_min;    /* clamp of the output byte */
    int32_t act_max;
} tc_ternary_mve;

/* 1x1 kernel, stride 1, no padding. in: [pixels, depth], out: [pixels, out_c]. scratch: depth + 2 bytes for each
 * channel of a group, rounded up. */
void tc_conv2d_1x1_ternary_s8_mve(const tc_ternary_mve *p, const int8_t *in, const int8_t *codes,
                                  const int32_t *channels, int8_t *out, int32_t pixels, void *scratch);

/* How the columns of a row of pixels are lined up. */
typedef struct {
    int32_t in_w;       /* columns of the input image */
    int32_t in_c;       /* channels of the input */
    int32_t kernel_h;   /* rows of the kernel: length of `rows` */
    int32_t kernel_w;   /* columns of the kernel */
    int32_t stride_w;   /* input columns between two outputs */
    int32_t dilation_w; /* input columns between two of the kernel */
    int32_t pad_left;   /* columns of padding before the image */
    int32_t in_zp;      /* zero point of the input: the byte that padding holds */
    int32_t block;      /* pixels that are computed together; 0: all, where they lie in one row and none is padding */
} tc_ternary_window_mve;

typedef struct {
    tc_ternary_mve product; /* taps in the order [kernel_w, kernel_h, in_c] */
    tc_ternary_window_mve columns;
} tc_conv2d_ternary_mve_params;

/* Any kernel whose columns lie side by side. out: [end - begin, out_c], row segment `cols`. scratch: where block is not
 * 0, ((block - 1) * stride_w + kernel_w) * kernel_h * in_c bytes; and that of a 1x1 kernel of the same depth. */
void tc_conv2d_ternary_s8_mve(const tc_conv2d_ternary_mve_params *p, const int8_t *const *rows, const tc_span *cols,
                              const int8_t *codes, const int32_t *channels, int8_t *out, void *scratch);

/* The same with weights in blocks of four channels, with constants of their own: see mve/ternary_blocks.h. Groups are
 * multiples of 4; scratch: 16 bytes more. */
void tc_conv2d_1x1_ternary_blocks_s8_mve(const tc_ternary_mve *p, const int8_t *in, const int8_t *codes,
                                         const int32_t *channels, int8_t *out, int32_t pixels, void *scratch);

void tc_conv2d_ternary_blocks_s8_mve(const tc_conv2d_ternary_mve_params *p, const int8_t *const *rows,
                                     const tc_span *cols, const int8_t *codes, const int32_t *channels, int8_t *out,
                                     void *scratch);

/* DEPTHWISE_CONV_2D: output channel c reads input channel c / multiplier.
 * pairs: of each group of four channels, for every five taps, counted through from its first channels to its last, a
 *        halfword of their pairs of weights (t0, t1) and one of the pairs (t2, t3): digits t0 + 3 t1 to the base 9 of a
 *        fraction of 2^16, the first tap's the most significant; t as in a code.
 * rests: trits, five to a byte: of each group first the taps that make no five, unless pairs of 0 fill it, then those
 *        of channels that make no
 * four channels, magnitudes: as above, but start is less 128 for each weight of 1 and 127 for each of -1, times the
 * magnitude
 */
typedef struct {
    int32_t group;      /* fours of channels whose weights are unpacked together */
    int32_t filled;     /* 1: a group's taps that make no five are in pairs */
    int32_t out_c;      /* channels of the output */
    int32_t multiplier; /* output channels of each input channel */
    int32_t in_w;       /* columns of the input image */
    int32_t in_c;       /* channels of the input */
    int32_t kernel_h;   /* rows of the kernel: length of `rows` */
    int32_t kernel_w;   /* columns of the kernel */
    int32_t stride_w;   /* input columns between two outputs */
    int32_t dilation_w; /* input columns between two kernel columns */
    int32_t pad_left;   /* columns of padding before the image */
    int32_t magnitude;  /* what a trit counts, where that is the same for all channels; else 0 */
    int32_t is_signed;  /* 1: negative sums matter, or a zero point does not fit a word with a shift */
    int32_t zero;       /* twice the output's zero point, plus 1; else see below */
    int32_t act_min;    /* clamp of the output byte */
    int32_t act_max;
} tc_depthwise_ternary_params;

/* At most 256 taps. padding: in_c bytes, the input's zero point. out: [end - begin, out_c], row segment `cols`.
 * scratch: 8 bytes for each tap and 32; for each four of a group 80 and 8 for each tap. */
void tc_depthwise_conv2d_ternary_s8_scalar(const tc_depthwise_ternary_params *p, const int8_t *const *rows,
                                           const tc_span *cols, const uint16_t *pairs, const int32_t *channels,
                                           const uint8_t *magnitudes, const uint8_t *rests, const int32_t *padding,
                                           int8_t *out, void *scratch);

/* The same by lines: a byte is (sum * slope + offset) >> shift, saturated, in 32 bits; `sum` is that of x + 128 for
 * each weight of 1 and 127 - x for each of -1. channels: [out_c] times slope and offset, the lowest byte of which is
 * the shift, in [0, 24]. magnitudes: NULL. scratch: 8 bytes for each tap and 32; for each four of a group 8 for each
 * tap. */
void tc_depthwise_conv2d_ternary_line_s8_scalar(const tc_depthwise_ternary_params *p, const int8_t *const *rows,
                                                const tc_span *cols, const uint16_t *pairs, const int32_t *channels,
                                                const uint8_t *magnitudes, const uint8_t *rests, const int32_t *padding,
                                                int8_t *out, void *scratch);

/* The same by lines of two sides: level = sum * slope + offset, slope < 0; a byte is zero - ((level - (level >> 20
 * without a sign)) >> shift), saturated, `zero` being the output's zero point less 1. */
void tc_depthwise_conv2d_ternary_sided_line_s8_scalar(const tc_depthwise_ternary_params *p, const int8_t *const *rows,
                                                      const tc_span *cols, const uint16_t *pairs,
                                                      const int32_t *channels, const uint8_t *magnitudes,
                                                      const uint8_t *rests, const int32_t *padding, int8_t *out,
                                                      void *scratch);

/* As by lines of one side, whose bytes are clamped as they are made; faster where the clamp is not all of int8. */
void tc_depthwise_conv2d_ternary_clamped_line_s8_scalar(const tc_depthwise_ternary_params *p, const int8_t *const *rows,
                                                        const tc_span *cols, const uint16_t *pairs,
                                                        const int32_t *channels, const uint8_t *magnitudes,
                                                        const uint8_t *rests, const int32_t *padding, int8_t *out,
                                                        void *scratch);

/* The same by lines, of one side or two, eight pixels at a time, one output per input channel; see scalar/eights.h.
 * `sum` is that of bytes times -1, 0 and 1, or, on Armv6-M, of x + 128 for a byte x, and what it starts from. A kernel
 * row is one code of up to three weights, or two, the first of three. weights: 24 bits each, the highest byte first,
 * are a fraction of 2^24 that has the codes of `fraction_rows` rows of a kernel, of one channel after the other, as
 * digits, the first the most significant. */
typedef struct {
    int32_t out_c;         /* channels, of the input as well */
    int32_t in_w;          /* columns of the input image */
    int32_t kernel_h;      /* rows of the kernel: length of `rows` */
    int32_t pad_left;      /* columns of padding before the image */
    int32_t columns;       /* that eight pixels need: kernel_w and seven times the stride */
    int32_t radix;         /* of a row's first code: 3, 9 or 27 */
    int32_t other_radix;   /* of its second code, 0 where there is none */
    int32_t fraction_rows; /* rows of a kernel that a fraction has the codes of */
    int32_t first_rows;    /* the same of the first fraction, 0 where that is like the others */
    int32_t first_bytes;   /* of such a first fraction, the highest ones */
    int32_t start;         /* what sums start from */
    int32_t sided;         /* whether lines have two sides */
    int32_t below;         /* of such lines, the output's zero point less 1 */
    int32_t act_min;       /* clamp of the output byte */
    int32_t act_max;
} tc_depthwise_eights_params;

/* Stride 1 along a row. padding: 4 bytes, the input's zero point. scratch: 32 bytes, and for each row of the kernel 4
 * for each of `columns` and 12, of 32 bits. */
void tc_depthwise_conv2d_ternary_s8_rv32(const tc_depthwise_eights_params *p, const int8_t *const *rows,
                                         const tc_span *cols, const uint8_t *weights, const int32_t *channels,
                                         const int32_t *padding, int8_t *out, void *scratch);

/* The same of stride 2. */
void tc_depthwise_conv2d_ternary_2_s8_rv32(const tc_depthwise_eights_params *p, const int8_t *const *rows,
                                           const tc_span *cols, const uint8_t *weights, const int32_t *channels,
                                           const int32_t *padding, int8_t *out, void *scratch);

/* Stride 1; at most 128 taps. */
void tc_depthwise_conv2d_ternary_s8_armv6m(const tc_depthwise_eights_params *p, const int8_t *const *rows,
                                           const tc_span *cols, const uint8_t *weights, const int32_t *channels,
                                           const int32_t *padding, int8_t *out, void *scratch);

/* Armv7E-M SIMD: weights are unpacked for the kernels of depthwise_conv2d.h, which compute. See dsp/unpack.h.
 * weights: digits of four weights each, in the order of those kernels' streams, of 3x3 kernels for every two pairs:
 * four words of the first, the word with those of row 2 of column 2 of both, and four of the second. shifts: [channels]
 * of the requantization, less 1; magnitudes: [channels] of what a trit counts, NULL where `magnitude` has it. Channels
 * are in the order of the streams, some of them twice. padding, out: as there. scratch: as there, and a group's stream.
 */
typedef struct {
    tc_depthwise_conv2d_3x3_dsp_params layer;
    int32_t group;     /* pairs of channels that are unpacked together, an even number, or all */
    int32_t magnitude; /* what a trit counts, where that is the same for all channels; else 0 */
    int32_t first;     /* digits of the first fraction */
} tc_depthwise_3x3_ternary_dsp_params;

/* channels: for each pair, where the sums start, twice the multipliers. */
void tc_depthwise_conv2d_3x3_ternary_s8_dsp(const tc_depthwise_3x3_ternary_dsp_params *p, const int8_t *const *rows,
                                            const tc_span *cols, const uint8_t *weights, const int32_t *channels,
                                            const uint8_t *shifts, const uint8_t *magnitudes, const int8_t *padding,
                                            int8_t *out, void *scratch);

typedef struct {
    tc_depthwise_conv2d_dsp_params layer;
    int32_t group;     /* fours of channels that are unpacked together */
    int32_t magnitude; /* what a trit counts, where that is the same for all channels; else 0 */
    int32_t first;     /* digits of the first fraction */
} tc_depthwise_ternary_dsp_params;

/* channels: for each four, where the sums start, twice the multipliers. */
void tc_depthwise_conv2d_ternary_s8_dsp(const tc_depthwise_ternary_dsp_params *p, const int8_t *const *rows,
                                        const tc_span *cols, const uint8_t *weights, const int32_t *channels,
                                        const uint8_t *shifts, const uint8_t *magnitudes, const int8_t *padding,
                                        int8_t *out, void *scratch);

/* Helium: as tc_depthwise_conv2d_s8_mve, for whose blocks weights are unpacked, 16 channels at a time.
 * codes: of each group of channels the weights in the order [channels / 16, taps, 16], as a line of
 * mve/ternary_quads.h; the last channels, where they are fewer than 16, [taps, channels]. channels: bias, multiplier,
 * offset, left of every four as in mve/matmul.h; magnitudes: [channels], rounded up to a multiple of 16, of what a trit
 * counts, NULL where `magnitude` has it. scratch: as there, then four blocks of weights, and the bytes of a group and
 * 20 more. */
typedef struct {
    tc_depthwise_mve_params layer;
    int32_t together;  /* channels whose weights are unpacked together, a multiple of 16 */
    int32_t magnitude; /* what a trit counts, where that is the same for all channels; else 0 */
    int32_t blocks;    /* bytes from the start of scratch to the blocks of weights */
} tc_depthwise_ternary_mve_params;

void tc_depthwise_conv2d_ternary_s8_mve(const tc_depthwise_ternary_mve_params *p, const int8_t *const *rows,
                                        const tc_span *cols, const int8_t *codes, const int32_t *channels,
                                        const uint8_t *magnitudes, const uint32_t *taps, const int8_t *padding,
                                        int8_t *out, void *scratch);

/* FULLY_CONNECTED. in: [vectors, in_n], out: [vectors, out_n]. Kernels round twice, as TFLite's fixed-point arithmetic
 * does, or, named `once`, a single time.
 *
 * Twice: channels: [out_n] times a start, the bias less the input's zero point times the sum of the weights, and a
 * multiplier, Q31. scales: [out_n] shifts of the requantization, in [1, 23]; where `magnitude` is 0 then [out_n] of
 * what a trit counts.
 *
 * Once: a byte is ((sum << left) * slope / 2^32, rounded down, + offset) >> shift, saturated, `sum` being that of
 * inputs times -1, 0 and 1. channels: [out_n] times a slope, in [0, 2^31), and an offset, below 2^30 in magnitude.
 * scales: NULL.
 */
typedef struct {
    int32_t in_n;      /* length of one input vector */
    int32_t out_n;     /* length of one output vector */
    int32_t magnitude; /* twice: what a trit counts, where that is the same for all outputs; else 0 */
    int32_t zero;      /* twice: twice the output's zero point, plus 1 */
    int32_t left;      /* once: of sums, which then fit 32 bits; 16 where they fit 16 */
    int32_t shift;     /* once: in [0, 30] */
    int32_t act_min;   /* clamp of the output byte */
    int32_t act_max;
} tc_ternary_vector;

/* For many outputs. Weights are bytes of five inputs of one output; see scalar/sums.h. They lie in the order [groups of
 * outputs, parts, outputs of the group, codes of the part], a part being TC_SUMS_TABLES codes or the last ones. */
typedef struct {
    tc_ternary_vector vector;
    int32_t codes; /* bytes of weights of an output; its last may have inputs beyond the vector, which are 0 */
    int32_t rest;  /* inputs of an output that are in no byte but in `rests`, in [0, 4] */
    int32_t group; /* outputs whose sums are in scratch together */
} tc_fully_connected_ternary_params;

/* Rounds twice. scratch: 496 bytes for each code of a part and 4 for each output of a group. */
void tc_fully_connected_ternary_s8_scalar(const tc_fully_connected_ternary_params *p, const int8_t *in,
                                          const uint8_t *codes, const int32_t *channels, const uint8_t *scales,
                                          const uint8_t *rests, int8_t *out, int32_t vectors, void *scratch);

/* The same, but rounds once. */
void tc_fully_connected_ternary_once_s8_scalar(const tc_fully_connected_ternary_params *p, const int8_t *in,
                                               const uint8_t *codes, const int32_t *channels, const uint8_t *scales,
                                               const uint8_t *rests, int8_t *out, int32_t vectors, void *scratch);

/* For few outputs. Weights as above, in the order [codes, out_n], and their numbers are those of scalar/split.h. The
 * last code is one of the last five inputs, but where there is a rest. At least five inputs.
 * `group` is at least out_n + 10. Rounds twice. scratch: 4 * group bytes and 76 for each code, up to 26 of them. */
void tc_fully_connected_ternary_few_s8_scalar(const tc_fully_connected_ternary_params *p, const int8_t *in,
                                              const uint8_t *codes, const int32_t *channels, const uint8_t *scales,
                                              const uint8_t *rests, int8_t *out, int32_t vectors, void *scratch);

/* The same, but rounds once. */
void tc_fully_connected_ternary_few_once_s8_scalar(const tc_fully_connected_ternary_params *p, const int8_t *in,
                                                   const uint8_t *codes, const int32_t *channels, const uint8_t *scales,
                                                   const uint8_t *rests, int8_t *out, int32_t vectors, void *scratch);

/* RISC-V, for few outputs. Weights are bytes of five inputs, as above, in the order [blocks of up to TC_JUMPS_BLOCK
 * outputs, codes, outputs of the block]; see rv32/ternary_vector.h. In a block of fewer outputs four codes of an output
 * lie together, from the end of the whole ones on. The last code is one of the last five inputs, but where there is a
 * rest. `group` is at least out_n + 12. At least five inputs, one vector. Rounds twice. scratch: 4 * group bytes, and
 * 54 where there is a rest. */
void tc_fully_connected_ternary_s8_rv32(const tc_fully_connected_ternary_params *p, const int8_t *in,
                                        const uint8_t *codes, const int32_t *channels, const uint8_t *scales,
                                        const uint8_t *rests, int8_t *out, int32_t vectors, void *scratch);

/* The same, but rounds once. scratch: where there is no rest, any. */
void tc_fully_connected_ternary_once_s8_rv32(const tc_fully_connected_ternary_params *p, const int8_t *in,
                                             const uint8_t *codes, const int32_t *channels, const uint8_t *scales,
                                             const uint8_t *rests, int8_t *out, int32_t vectors, void *scratch);

/* Thumb-2, for few outputs. Weights are bytes of five outputs of one input, see thumb2/lanes.h: [out_n / 10, in_n, 2],
 * then [in_n] where five outputs or more are left; then, for up to four outputs, those of five inputs, for each part of
 * the inputs: [inputs / 5 rounded up, out_n % 5]. At least five inputs. */
typedef struct {
    tc_ternary_vector vector;
    int32_t part; /* inputs whose sums fit their lanes: all, or a multiple of five; at most 255 */
} tc_fully_connected_ternary_thumb2_params;

/* Rounds twice. */
void tc_fully_connected_ternary_s8_thumb2(const tc_fully_connected_ternary_thumb2_params *p, const int8_t *in,
                                          const int8_t *codes, const int32_t *channels, const uint8_t *scales,
                                          int8_t *out, int32_t vectors);

/* The same, but rounds once. */
void tc_fully_connected_ternary_once_s8_thumb2(const tc_fully_connected_ternary_thumb2_params *p, const int8_t *in,
                                               const int8_t *codes, const int32_t *channels, const uint8_t *scales,
                                               int8_t *out, int32_t vectors);

/* Armv6-M, for up to five outputs, or ten. Weights are codes of scalar/digits.h: of five outputs of one input, [in_n,
 * out_n / 5]; of fewer outputs those of five inputs of each, for each part of TC_DIGITS_INPUTS inputs: [inputs / 5
 * rounded up, out_n]. At least five inputs. Rounds twice. */
void tc_fully_connected_ternary_s8_armv6m(const tc_ternary_vector *p, const int8_t *in, const uint8_t *codes,
                                          const int32_t *channels, const uint8_t *scales, int8_t *out, int32_t vectors);

/* The same, but rounds once. */
void tc_fully_connected_ternary_once_s8_armv6m(const tc_ternary_vector *p, const int8_t *in, const uint8_t *codes,
                                               const int32_t *channels, const uint8_t *scales, int8_t *out,
                                               int32_t vectors);

/* Armv7E-M SIMD. Weights are words of twenty, ten inputs of two outputs each; see dsp/ternary_vector.h. They lie in the
 * order [parts of up to TC_FOURS_STEPS words, blocks of eight outputs, words of the part, 4], behind the blocks [pairs
 * of outputs left, words of the part], the last output paired with none where their number is odd. Behind all, five to
 * a word, the fours of the inputs that are in no word: [pairs of outputs, pairs of inputs]. So it is for each group of
 * outputs. */
typedef struct {
    tc_ternary_vector vector;
    int32_t words; /* of an output; the last may have inputs beyond the vector, which are 0 */
    int32_t group; /* outputs whose sums are in scratch together, a multiple of 40, or all */
} tc_fully_connected_ternary_dsp_params;

/* Rounds twice. scratch: 4 bytes for each output of a group, their number rounded up to a multiple of ten. */
void tc_fully_connected_ternary_s8_dsp(const tc_fully_connected_ternary_dsp_params *p, const int8_t *in,
                                       const uint32_t *codes, const int32_t *channels, const uint8_t *scales,
                                       int8_t *out, int32_t vectors, void *scratch);

/* The same, but rounds once. */
void tc_fully_connected_ternary_once_s8_dsp(const tc_fully_connected_ternary_dsp_params *p, const int8_t *in,
                                            const uint32_t *codes, const int32_t *channels, const uint8_t *scales,
                                            int8_t *out, int32_t vectors, void *scratch);

/* Helium. Weights are bytes of five outputs of one input, [fives, in_n], and behind them those of the outputs left
 * over, [run] for each of these; see mve/ternary_vector.h. channels: [2, out_n], as above; shifts are negative. At
 * least one vector; where outputs are left over, in_n is 4 * run at least. */
typedef struct {
    tc_ternary_vector vector;
    int32_t fives; /* of outputs */
    int32_t run;   /* in_n / 5, rounded up */
} tc_fully_connected_ternary_mve_params;

/* Rounds twice. */
void tc_fully_connected_ternary_s8_mve(const tc_fully_connected_ternary_mve_params *p, const int8_t *in,
                                       const int8_t *codes, const int32_t *channels, const int8_t *scales, int8_t *out,
                                       int32_t vectors);

/* The same, but rounds once. */
void tc_fully_connected_ternary_once_s8_mve(const tc_fully_connected_ternary_mve_params *p, const int8_t *in,
                                            const int8_t *codes, const int32_t *channels, const int8_t *scales,
                                            int8_t *out, int32_t vectors);

/* CONV_2D for few pixels. Weights are bytes of five outputs of one input, [fives, in_n], and behind them those of all
 * outputs left over, one output after the other: of five weights i, i + run, ... i + 4 run of these, [run], 0 for what
 * is behind them. channels and scales are those of FULLY_CONNECTED. */
typedef struct {
    tc_ternary_vector vector;
    int32_t fives;   /* of outputs */
    int32_t run;     /* 0 where no output is left over */
    int32_t pitch;   /* bytes from the inputs of a pixel, side by side, to those of the next */
    int32_t is_once; /* 1: rounds once, which gives the bytes of rounding twice; scales are NULL then */
} tc_ternary_fives_mve;

/* 1x1 kernel, stride 1, no padding. in: [pixels, in_n], out: [pixels, out_n]. scratch: 400 bytes, 4 for each of up to
 * 100 outputs and 16 more, and 5 * run. */
void tc_conv2d_1x1_ternary_fives_s8_mve(const tc_ternary_fives_mve *p, const int8_t *in, const int8_t *codes,
                                        const int32_t *channels, const int8_t *scales, int8_t *out, int32_t pixels,
                                        void *scratch);

typedef struct {
    tc_ternary_fives_mve product; /* taps in the order [kernel_w, kernel_h, in_c] */
    tc_ternary_window_mve columns;
} tc_conv2d_ternary_fives_mve_params;

/* Any kernel. out: [end - begin, out_n], row segment `cols`. Columns that are apart, of a multiple of 16 channels, are
 * read where they lie, by fives of outputs alone. scratch: that of a 1x1 kernel, and then 8 bytes for each tap and in_c
 * bytes, else that of tc_conv2d_ternary_s8_mve without that of weights. */
void tc_conv2d_ternary_fives_s8_mve(const tc_conv2d_ternary_fives_mve_params *params, const int8_t *const *rows,
                                    const tc_span *cols, const int8_t *codes, const int32_t *channels,
                                    const int8_t *scales, int8_t *out, void *scratch);

#endif

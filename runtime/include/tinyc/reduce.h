#ifndef TINYC_REDUCE_H
#define TINYC_REDUCE_H

#include "tinyc/kernel.h"

/* An image is reduced to one pixel, row by row: row 0 clears the sums, the last row writes the output. */
typedef struct {
    int32_t rows;     /* of the image */
    int32_t width;    /* columns of the image */
    int32_t channels; /* of input and output */
} tc_reduce_image;

typedef struct {
    tc_reduce_image image;
    int32_t act_min; /* clamp of the output byte */
    int32_t act_max;
} tc_reduce_average_params;

typedef struct {
    tc_reduce_image image;
    int32_t bias;       /* added to the sum of bytes: -zero point * number of bytes */
    int32_t multiplier; /* Q31, with the division by the number of bytes in it */
    int32_t shift;      /* in [-31, 30], positive to the left */
    int32_t out_zp;     /* zero point of the output, added to it */
} tc_reduce_mean_params;

/* AVERAGE_POOL_2D over the whole image: mean of the bytes, halves away from zero.
 * row: [width, channels], the y-th; out: [channels], written when y is the last; sums: [channels], kept by the caller
 * from row to row. Portable. */
void tc_reduce_average_s8_ref(const tc_reduce_average_params *p, const int8_t *row, int32_t y, int8_t *out,
                              int32_t *sums);

/* MEAN over rows and columns; arguments as above. Portable. */
void tc_reduce_mean_s8_ref(const tc_reduce_mean_params *p, const int8_t *row, int32_t y, int8_t *out, int32_t *sums);

/* The same for Armv7E-M SIMD. */
void tc_reduce_average_s8_dsp(const tc_reduce_average_params *p, const int8_t *row, int32_t y, int8_t *out,
                              int32_t *sums);
void tc_reduce_mean_s8_dsp(const tc_reduce_mean_params *p, const int8_t *row, int32_t y, int8_t *out, int32_t *sums);

/* The same for Helium. */
void tc_reduce_average_s8_mve(const tc_reduce_average_params *p, const int8_t *row, int32_t y, int8_t *out,
                              int32_t *sums);
void tc_reduce_mean_s8_mve(const tc_reduce_mean_params *p, const int8_t *row, int32_t y, int8_t *out, int32_t *sums);

static inline void tc_reduce_add(const tc_reduce_image *p, const int8_t *row, int32_t y, int32_t *sums)
{
    for (int32_t c = 0; c < p->channels; c++) {
        int32_t sum = y == 0 ? 0 : sums[c];
        for (int32_t x = 0; x < p->width; x++) {
            sum += row[x * p->channels + c];
        }
        sums[c] = sum;
    }
}

/* The output byte of one channel's sum. */
static inline int8_t tc_reduce_mean_one(const tc_reduce_mean_params *p, int32_t sum)
{
    const int32_t mean = tc_requant(sum + p->bias, p->multiplier, p->shift) + p->out_zp;
    return (int8_t)tc_clamp(mean, INT8_MIN, INT8_MAX);
}

#endif

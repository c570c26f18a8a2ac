#ifndef TINYC_MAX_H
#define TINYC_MAX_H

#include "tinyc/kernel.h"

enum { TC_MAX_RANK = 4 };

/* Dimensions that are not needed are 1. Strides in elements of the input. The output is dense, in order of `keep`. */
typedef struct {
    int32_t keep[TC_MAX_RANK]; /* dimensions that stay, outermost first */
    int32_t keep_stride[TC_MAX_RANK];
    int32_t reduce[TC_MAX_RANK]; /* dimensions of which the largest or smallest element is taken */
    int32_t reduce_stride[TC_MAX_RANK];
} tc_max_params;

/* REDUCE_MAX and REDUCE_MIN over any axes. Portable. */
void tc_max_s8_ref(const tc_max_params *p, const int8_t *in, int8_t *out);
void tc_min_s8_ref(const tc_max_params *p, const int8_t *in, int8_t *out);

/* An image is reduced to one pixel, row by row. */
typedef struct {
    int32_t rows;     /* of the image */
    int32_t width;    /* columns of the image */
    int32_t channels; /* of input and output */
} tc_max_rows_params;

/* REDUCE_MAX and REDUCE_MIN over rows and columns, and MAX_POOL_2D of the whole image.
 * row: [width, channels], the y-th; out: [channels], written when y is the last; most: [channels], kept by the caller
 * from row to row, cleared by row 0. Portable. */
void tc_max_rows_s8_ref(const tc_max_rows_params *p, const int8_t *row, int32_t y, int8_t *out, int8_t *most);
void tc_min_rows_s8_ref(const tc_max_rows_params *p, const int8_t *row, int32_t y, int8_t *out, int8_t *most);

/* The same for Armv7E-M SIMD. */
void tc_max_rows_s8_dsp(const tc_max_rows_params *p, const int8_t *row, int32_t y, int8_t *out, int8_t *most);
void tc_min_rows_s8_dsp(const tc_max_rows_params *p, const int8_t *row, int32_t y, int8_t *out, int8_t *most);

/* The same for Helium. */
void tc_max_rows_s8_mve(const tc_max_rows_params *p, const int8_t *row, int32_t y, int8_t *out, int8_t *most);
void tc_min_rows_s8_mve(const tc_max_rows_params *p, const int8_t *row, int32_t y, int8_t *out, int8_t *most);

typedef struct {
    int32_t depth; /* bytes of which the largest or smallest is taken, side by side */
} tc_max_vectors_params;

/* REDUCE_MAX and REDUCE_MIN over the last dimensions. in: [vectors, depth]; out: [vectors]. Portable. */
void tc_max_vectors_s8_ref(const tc_max_vectors_params *p, const int8_t *in, int8_t *out, int32_t vectors);
void tc_min_vectors_s8_ref(const tc_max_vectors_params *p, const int8_t *in, int8_t *out, int32_t vectors);

/* What the kernels share: pick is tc_max or tc_min. */
TC_INLINE int8_t tc_most(const tc_max_params *p, const int8_t *in, int32_t (*pick)(int32_t, int32_t))
{
    const int32_t *r = p->reduce;
    const int32_t *t = p->reduce_stride;
    int32_t most = *in;
    for (int32_t a = 0; a < r[0]; a++) {
        for (int32_t b = 0; b < r[1]; b++) {
            for (int32_t c = 0; c < r[2]; c++) {
                const int8_t *x = in + a * t[0] + b * t[1] + c * t[2];
                for (int32_t d = 0; d < r[3]; d++) {
                    most = pick(most, x[d * t[3]]);
                }
            }
        }
    }
    return (int8_t)most;
}

TC_INLINE void tc_most_of_axes(const tc_max_params *p, const int8_t *in, int8_t *out, int32_t (*pick)(int32_t, int32_t))
{
    const int32_t *k = p->keep;
    const int32_t *s = p->keep_stride;
    for (int32_t a = 0; a < k[0]; a++) {
        for (int32_t b = 0; b < k[1]; b++) {
            for (int32_t c = 0; c < k[2]; c++) {
                for (int32_t d = 0; d < k[3]; d++) {
                    *out++ = tc_most(p, in + a * s[0] + b * s[1] + c * s[2] + d * s[3], pick);
                }
            }
        }
    }
}

TC_INLINE void tc_most_of_rows(const tc_max_rows_params *p, const int8_t *row, int32_t y, int8_t *out, int8_t *most,
                               int32_t (*pick)(int32_t, int32_t))
{
    for (int32_t c = 0; c < p->channels; c++) {
        int32_t found = y == 0 ? row[c] : most[c];
        for (int32_t x = 0; x < p->width; x++) {
            found = pick(found, row[x * p->channels + c]);
        }
        most[c] = (int8_t)found;
        if (y == p->rows - 1) {
            out[c] = (int8_t)found;
        }
    }
}

TC_INLINE void tc_most_of_vectors(const tc_max_vectors_params *p, const int8_t *in, int8_t *out, int32_t vectors,
                                  int32_t (*pick)(int32_t, int32_t))
{
    for (int32_t v = 0; v < vectors; v++, in += p->depth) {
        int32_t most = in[0];
        for (int32_t c = 1; c < p->depth; c++) {
            most = pick(most, in[c]);
        }
        out[v] = (int8_t)most;
    }
}

#endif

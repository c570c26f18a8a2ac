#ifndef TINYC_REDUCE_F32_H
#define TINYC_REDUCE_F32_H

#include "tinyc/float_math.h"

enum { TC_REDUCE_F32_RANK = 4 };

/* Dimensions that are not needed are 1. Strides in elements of the input. The output is dense, in order of `keep`.
 * Elements are taken in row-major order, so that a kernel that takes an image row by row does the same. */
typedef struct {
    int32_t keep[TC_REDUCE_F32_RANK]; /* dimensions that stay, outermost first */
    int32_t keep_stride[TC_REDUCE_F32_RANK];
    int32_t reduce[TC_REDUCE_F32_RANK]; /* dimensions that go */
    int32_t reduce_stride[TC_REDUCE_F32_RANK];
    float divisor; /* of the result: their elements for a mean, else 1 */
} tc_reduce_f32_params;

/* The sum, the product, the largest and the smallest over any axes. Portable. */
void tc_reduce_sum_f32_ref(const tc_reduce_f32_params *p, const float *in, float *out);
void tc_reduce_prod_f32_ref(const tc_reduce_f32_params *p, const float *in, float *out);
void tc_reduce_max_f32_ref(const tc_reduce_f32_params *p, const float *in, float *out);
void tc_reduce_min_f32_ref(const tc_reduce_f32_params *p, const float *in, float *out);

/* An image is reduced to one pixel, row by row. */
typedef struct {
    int32_t rows;     /* of the image */
    int32_t width;    /* columns of the image */
    int32_t channels; /* of input and output */
    float divisor;    /* of the result: pixels of the image for a mean, else 1 */
} tc_reduce_rows_f32_params;

/* The same over rows and columns.
 * row: [width, channels], the y-th; out: [channels], written when y is the last; state: [channels], kept by the caller
 * from row to row, cleared by row 0. Portable. */
void tc_reduce_sum_rows_f32_ref(const tc_reduce_rows_f32_params *p, const float *row, int32_t y, float *out,
                                float *state);
void tc_reduce_max_rows_f32_ref(const tc_reduce_rows_f32_params *p, const float *row, int32_t y, float *out,
                                float *state);
void tc_reduce_min_rows_f32_ref(const tc_reduce_rows_f32_params *p, const float *row, int32_t y, float *out,
                                float *state);

typedef struct {
    int32_t depth; /* elements that are taken together, side by side */
    float divisor; /* of the result: depth for a mean, else 1 */
} tc_reduce_vectors_f32_params;

/* The same over the last dimensions. in: [vectors, depth]; out: [vectors]. Portable. */
void tc_reduce_sum_vectors_f32_ref(const tc_reduce_vectors_f32_params *p, const float *in, float *out, int32_t vectors);
void tc_reduce_prod_vectors_f32_ref(const tc_reduce_vectors_f32_params *p, const float *in, float *out,
                                    int32_t vectors);
void tc_reduce_max_vectors_f32_ref(const tc_reduce_vectors_f32_params *p, const float *in, float *out, int32_t vectors);
void tc_reduce_min_vectors_f32_ref(const tc_reduce_vectors_f32_params *p, const float *in, float *out, int32_t vectors);

/* What the kernels share: join brings one more element to what was found. */
TC_INLINE float tc_reduced_f32(const tc_reduce_f32_params *p, const float *in, float found, float (*join)(float, float))
{
    const int32_t *r = p->reduce;
    const int32_t *t = p->reduce_stride;
    for (int32_t a = 0; a < r[0]; a++) {
        for (int32_t b = 0; b < r[1]; b++) {
            for (int32_t c = 0; c < r[2]; c++) {
                const float *x = in + a * t[0] + b * t[1] + c * t[2];
                for (int32_t d = 0; d < r[3]; d++, x += t[3]) {
                    found = join(found, *x);
                }
            }
        }
    }
    return found / p->divisor;
}

/* first: what a sum or a product starts with; NULL for an extreme, which starts with its first element. */
TC_INLINE void tc_reduce_axes_f32(const tc_reduce_f32_params *p, const float *in, float *out, const float *first,
                                  float (*join)(float, float))
{
    const int32_t *k = p->keep;
    const int32_t *s = p->keep_stride;
    for (int32_t a = 0; a < k[0]; a++) {
        for (int32_t b = 0; b < k[1]; b++) {
            for (int32_t c = 0; c < k[2]; c++) {
                const float *x = in + a * s[0] + b * s[1] + c * s[2];
                for (int32_t d = 0; d < k[3]; d++, x += s[3]) {
                    *out++ = tc_reduced_f32(p, x, first == NULL ? *x : *first, join);
                }
            }
        }
    }
}

TC_INLINE void tc_reduce_row_f32(const tc_reduce_rows_f32_params *p, const float *row, int32_t y, float *out,
                                 float *state, const float *first, float (*join)(float, float))
{
    for (int32_t c = 0; c < p->channels; c++) {
        float found = y > 0 ? state[c] : first == NULL ? row[c] : *first;
        for (int32_t x = 0; x < p->width; x++) {
            found = join(found, row[x * p->channels + c]);
        }
        state[c] = found;
        if (y == p->rows - 1) {
            out[c] = found / p->divisor;
        }
    }
}

/* first: as above. */
TC_INLINE void tc_reduce_last_f32(const tc_reduce_vectors_f32_params *p, const float *in, float *out, int32_t vectors,
                                  const float *first, float (*join)(float, float))
{
    for (int32_t v = 0; v < vectors; v++, in += p->depth) {
        float found = first == NULL ? in[0] : *first;
        for (int32_t c = 0; c < p->depth; c++) {
            found = join(found, in[c]);
        }
        out[v] = found / p->divisor;
    }
}

#endif

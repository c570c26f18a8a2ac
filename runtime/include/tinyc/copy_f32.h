#ifndef TINYC_COPY_F32_H
#define TINYC_COPY_F32_H

#include "tinyc/copy.h"

/* As the kernels of copy.h move bytes; sizes, pitches and offsets count elements. Portable. */
void tc_copy_f32_ref(const tc_copy_params *p, const float *in, float *out);
void tc_pieces_f32_ref(const tc_pieces_params *p, const float *in, float *out, int32_t units);
void tc_gather_f32_ref(const tc_gather_params *p, const float *in, const int32_t *indices, float *out);
void tc_slice_f32_ref(const tc_slice_params *p, const float *const *rows, const tc_span *cols, float *out);
void tc_depth_to_space_f32_ref(const tc_depth_to_space_params *p, const float *const *rows, const tc_span *cols,
                               int32_t y, float *out);
void tc_space_to_depth_f32_ref(const tc_space_to_depth_params *p, const float *const *rows, const tc_span *cols,
                               float *out);
void tc_shuffle_f32_ref(const tc_shuffle_params *p, const float *in, float *out, int32_t units);

/* An image inside a border. */
typedef struct {
    int32_t in_w;   /* columns of the input */
    int32_t in_c;   /* channels of the input */
    int32_t left;   /* columns of the border on the left; the span says how many there are on the right */
    int32_t before; /* channels of the border before and after those of the input */
    int32_t after;
    float value; /* what fills it */
} tc_pad_f32_params;

/* One row of the padded image. rows: one pointer, [in_w, in_c]; out: [end - begin, before + in_c + after]. Portable. */
void tc_pad_f32_ref(const tc_pad_f32_params *p, const float *const *rows, const tc_span *cols, float *out);

typedef struct {
    float value;
    int32_t n; /* how often */
} tc_fill_f32_params;

/* out[0 .. n) = value. Portable. */
void tc_fill_f32_ref(const tc_fill_f32_params *p, float *out);

static inline float *tc_put_floats(float *out, const float *in, int32_t n)
{
    for (; n > 0; n--) {
        *out++ = *in++;
    }
    return out;
}

static inline float *tc_put_float(float *out, float value, int32_t n)
{
    for (; n > 0; n--) {
        *out++ = value;
    }
    return out;
}

#endif

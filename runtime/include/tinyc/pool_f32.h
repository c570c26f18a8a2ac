#ifndef TINYC_POOL_F32_H
#define TINYC_POOL_F32_H

#include "tinyc/kernel.h"
#include "tinyc/matmul_f32.h"

typedef struct {
    int32_t in_w;     /* columns of the input image */
    int32_t channels; /* of input and output */
    int32_t kernel_h; /* rows of the window: length of `rows` */
    int32_t kernel_w; /* columns of the window */
    int32_t stride_w; /* input columns between two outputs */
    int32_t pad_left; /* columns of padding before the image */
    float act_min;    /* clamp of the output */
    float act_max;
} tc_pool_f32_params;

/* Mean of the window's pixels inside the image: their sum, row by row, divided by their number.
 * out: [end - begin, channels]. Portable. */
void tc_average_pool2d_f32_ref(const tc_pool_f32_params *p, const float *const *rows, const tc_span *cols, float *out);

/* Largest of the window's pixels inside the image. out: [end - begin, channels]. Portable. */
void tc_max_pool2d_f32_ref(const tc_pool_f32_params *p, const float *const *rows, const tc_span *cols, float *out);

/* The same where the window is the whole image, which comes row by row.
 * row: [in_w, channels], the y-th of kernel_h; out: [channels], written when y is the last; state: [channels], kept by
 * the caller from row to row, cleared by row 0. The same bits. Portable. */
void tc_average_pool2d_rows_f32_ref(const tc_pool_f32_params *p, const float *row, int32_t y, float *out, float *state);
void tc_max_pool2d_rows_f32_ref(const tc_pool_f32_params *p, const float *row, int32_t y, float *out, float *state);

/* What all share: join(a, x) of the pixels that a window sees of one channel after `start`. */
TC_INLINE float tc_pool_one_f32(const tc_pool_f32_params *p, const float *const *rows, const tc_span *cols, int32_t ix,
                                int32_t channel, float start, float (*join)(float, float))
{
    const int32_t begin = tc_max(ix, 0);
    const int32_t end = tc_min(ix + p->kernel_w, p->in_w);
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        if (rows[ky] == NULL) {
            continue;
        }
        const float *x = rows[ky] + ((begin - cols->origin) * p->channels + channel);
        for (int32_t n = begin; n < end; n++, x += p->channels) {
            start = join(start, *x);
        }
    }
    return start;
}

/* The same of four channels. */
TC_INLINE tc_four_f32 tc_pool_four_f32(const tc_pool_f32_params *p, const float *const *rows, const tc_span *cols,
                                       int32_t ix, int32_t channel, float start, float (*join)(float, float))
{
    const int32_t begin = tc_max(ix, 0);
    const int32_t end = tc_min(ix + p->kernel_w, p->in_w);
    tc_four_f32 found = {start, start, start, start};
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        if (rows[ky] == NULL) {
            continue;
        }
        const float *x = rows[ky] + ((begin - cols->origin) * p->channels + channel);
        for (int32_t n = begin; n < end; n++, x += p->channels) {
            found.a = join(found.a, x[0]);
            found.b = join(found.b, x[1]);
            found.c = join(found.c, x[2]);
            found.d = join(found.d, x[3]);
        }
    }
    return found;
}

/* How many pixels of the image a window sees. */
static inline int32_t tc_pool_count_f32(const tc_pool_f32_params *p, const float *const *rows, int32_t ix)
{
    int32_t count = 0;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        count += rows[ky] == NULL ? 0 : tc_min(ix + p->kernel_w, p->in_w) - tc_max(ix, 0);
    }
    return count;
}

/* A row segment. divide: 1 where a sum becomes a mean. */
TC_INLINE void tc_pool_f32(const tc_pool_f32_params *p, const float *const *rows, const tc_span *cols, float *out,
                           float start, float (*join)(float, float), const int32_t divide)
{
    const tc_clamp_to_f32 to = {p->act_min, p->act_max};
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const int32_t ix = ox * p->stride_w - p->pad_left;
        const float count = divide ? (float)tc_pool_count_f32(p, rows, ix) : 1.0f;
        int32_t c = 0;
        for (; c + 4 <= p->channels; c += 4, out += 4) {
            tc_four_f32 found = tc_pool_four_f32(p, rows, cols, ix, c, start, join);
            if (divide) {
                found.a /= count;
                found.b /= count;
                found.c /= count;
                found.d /= count;
            }
            tc_finish_four_f32(to, found, NULL, out);
        }
        for (; c < p->channels; c++) {
            const float found = tc_pool_one_f32(p, rows, cols, ix, c, start, join);
            *out++ = tc_clamp_f32(divide ? found / count : found, p->act_min, p->act_max);
        }
    }
}

/* One row of the whole image. */
TC_INLINE void tc_pool_row_f32(const tc_pool_f32_params *p, const float *row, int32_t y, float *out, float *state,
                               float start, float (*join)(float, float), const int32_t divide)
{
    const float count = divide ? (float)(p->kernel_h * p->in_w) : 1.0f;
    for (int32_t c = 0; c < p->channels; c++) {
        float found = y == 0 ? start : state[c];
        for (int32_t x = 0; x < p->in_w; x++) {
            found = join(found, row[x * p->channels + c]);
        }
        state[c] = found;
        if (y == p->kernel_h - 1) {
            out[c] = tc_clamp_f32(divide ? found / count : found, p->act_min, p->act_max);
        }
    }
}

#endif

#include "tinyc/transpose_conv_f32.h"

/* What pixels see that lie stride_w columns apart: the same kernel columns, of input columns side by side. */
typedef struct {
    int32_t ky;    /* kernel row that input row rows[p->rows - 1] adds to the output row */
    int32_t kx;    /* kernel column that input column ix adds to the first pixel */
    int32_t ix;    /* the last input column whose window begins before it */
    int32_t begin; /* kernel columns kx + k * stride_w, k in [begin, end), read input column ix - k inside the image */
    int32_t end;
} view;

/* Products of every input row and column that a pixel sees, rows and columns rising; of four output channels. */
TC_INLINE void add_taps(const tc_transpose_conv_f32_params *p, const float *const *rows, const tc_span *cols,
                        const view *v, const float *weights, tc_four_f32 *sums, const int32_t pixels)
{
    for (int32_t row = 0, ky = v->ky + (p->rows - 1) * p->stride_h; row < p->rows; row++, ky -= p->stride_h) {
        if (rows[row] == NULL || ky >= p->kernel_h) {
            continue;
        }
        for (int32_t k = v->end - 1; k >= v->begin; k--) {
            const float *const x = rows[row] + (v->ix - k - cols->origin) * p->in_c;
            const float *const w = weights + 4 * (ky * p->kernel_w + v->kx + k * p->stride_w) * p->in_c;
            tc_add_products_f32(sums, tc_pixels_apart_f32(x, p->in_c, pixels), w, p->in_c, pixels);
        }
    }
}

TC_INLINE void four(const tc_transpose_conv_f32_params *p, const float *const *rows, const tc_span *cols, const view *v,
                    const float *weights, const float *bias, float *out, const int32_t pixels)
{
    const tc_clamp_to_f32 to = {p->act_min, p->act_max};
    tc_four_f32 sums[4] = {{0.0f, 0.0f, 0.0f, 0.0f}};
    add_taps(p, rows, cols, v, weights, sums, pixels);
    tc_finish_pixels_f32(to, sums, bias, out, p->stride_w * p->out_c, pixels);
}

static float one(const tc_transpose_conv_f32_params *p, const float *const *rows, const tc_span *cols, const view *v,
                 const float *weights)
{
    float sum = 0.0f;
    for (int32_t row = 0, ky = v->ky + (p->rows - 1) * p->stride_h; row < p->rows; row++, ky -= p->stride_h) {
        for (int32_t k = v->end - 1; k >= v->begin && rows[row] != NULL && ky < p->kernel_h; k--) {
            const float *const x = rows[row] + (v->ix - k - cols->origin) * p->in_c;
            const float *const w = weights + (ky * p->kernel_w + v->kx + k * p->stride_w) * p->in_c;
            sum = tc_add_product_f32(sum, x, w, p->in_c);
        }
    }
    return sum;
}

/* All output channels of pixels stride_w apart. */
static void channels_of(const tc_transpose_conv_f32_params *p, const float *const *rows, const tc_span *cols,
                        const view *v, const float *weights, const float *bias, float *out, int32_t pixels)
{
    const tc_clamp_to_f32 to = {p->act_min, p->act_max};
    const int32_t taps = p->kernel_h * p->kernel_w * p->in_c;
    int32_t oc = 0;
    for (; oc + 4 <= p->out_c; oc += 4, weights += 4 * taps) {
        const float *const b = bias ? bias + oc : NULL;
        if (pixels == 4) {
            four(p, rows, cols, v, weights, b, out + oc, 4);
        } else if (pixels == 2) {
            four(p, rows, cols, v, weights, b, out + oc, 2);
        } else {
            four(p, rows, cols, v, weights, b, out + oc, 1);
        }
    }
    for (; oc < p->out_c; oc++, weights += taps) {
        view at = *v;
        for (int32_t i = 0; i < pixels; i++, at.ix++) {
            const float sum = one(p, rows, cols, &at, weights);
            out[i * p->stride_w * p->out_c + oc] = tc_finished_f32(to, sum, bias ? bias + oc : NULL);
        }
    }
}

TC_KERNEL void tc_transpose_conv_f32_ref(const tc_transpose_conv_f32_params *p, const float *const *rows,
                                         const tc_span *cols, int32_t y, const float *weights, const float *bias,
                                         float *out)
{
    const int32_t last = tc_min(cols->begin + p->stride_w, cols->end);
    view v = {.ky = (y + p->pad_top) % p->stride_h};
    for (int32_t phase = cols->begin; phase < last; phase++) {
        v.kx = (phase + p->pad_left) % p->stride_w;
        v.ix = (phase + p->pad_left) / p->stride_w;
        const int32_t taps = v.kx < p->kernel_w ? (p->kernel_w - v.kx - 1) / p->stride_w + 1 : 0;
        int32_t pixels;
        for (int32_t ox = phase; ox < cols->end; ox += pixels * p->stride_w, v.ix += pixels) {
            pixels = tc_together_f32((cols->end - ox + p->stride_w - 1) / p->stride_w);
            if (v.ix - taps + 1 < 0 || v.ix + pixels - 1 >= p->in_w) {
                pixels = 1;
            }
            v.begin = tc_max(0, v.ix - p->in_w + 1);
            v.end = tc_min(taps, v.ix + 1);
            channels_of(p, rows, cols, &v, weights, bias, out + (ox - cols->begin) * p->out_c, pixels);
        }
    }
}

#include "tinyc/conv2d_f32.h"

/* The part of a window that lies inside the image, for pixels side by side. */
typedef struct {
    int32_t at;       /* where kernel column 0 of the first pixel lies in a row, in elements */
    int32_t step;     /* elements between two pixels */
    int32_t begin;    /* kernel columns [begin, end) lie inside */
    int32_t end;      /* of all pixels */
    int32_t together; /* how many of these lie side by side in rows and weights */
} view;

TC_INLINE void add_taps(const tc_conv2d_f32_params *p, const float *const *rows, const view *v, const float *weights,
                        tc_four_f32 *sums, const int32_t pixels)
{
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        if (rows[ky] == NULL) {
            continue;
        }
        for (int32_t kx = v->begin; kx < v->end; kx += v->together) {
            const float *const x = rows[ky] + (v->at + kx * p->dilation_w * p->in_c);
            const float *const w = weights + 4 * (ky * p->kernel_w + kx) * p->group_c;
            tc_add_products_f32(sums, tc_pixels_apart_f32(x, v->step, pixels), w, v->together * p->group_c, pixels);
        }
    }
}

/* Output channels four by four of `pixels` pixels; out: the first of them. */
TC_INLINE void four(const tc_conv2d_f32_params *p, const float *const *rows, const view *v, const float *weights,
                    const float *bias, float *out, const int32_t pixels)
{
    const tc_clamp_to_f32 to = {p->act_min, p->act_max};
    tc_four_f32 sums[4] = {{0.0f, 0.0f, 0.0f, 0.0f}};
    add_taps(p, rows, v, weights, sums, pixels);
    tc_finish_pixels_f32(to, sums, bias, out, p->out_c, pixels);
}

/* One output channel of one pixel. */
static float one(const tc_conv2d_f32_params *p, const float *const *rows, const view *v, const float *weights)
{
    float sum = 0.0f;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        if (rows[ky] == NULL) {
            continue;
        }
        for (int32_t kx = v->begin; kx < v->end; kx += v->together) {
            const float *const x = rows[ky] + (v->at + kx * p->dilation_w * p->in_c);
            const float *const w = weights + (ky * p->kernel_w + kx) * p->group_c;
            sum = tc_add_product_f32(sum, x, w, v->together * p->group_c);
        }
    }
    return sum;
}

/* All channels of one group. */
static void group_of(const tc_conv2d_f32_params *p, const float *const *rows, const view *v, const float *weights,
                     const float *bias, float *out, int32_t pixels)
{
    const int32_t channels = p->out_c / (p->in_c / p->group_c);
    const int32_t taps = p->kernel_h * p->kernel_w * p->group_c;
    int32_t oc = 0;
    for (; oc + 4 <= channels; oc += 4, weights += 4 * taps, bias += bias ? 4 : 0, out += 4) {
        if (pixels == 4) {
            four(p, rows, v, weights, bias, out, 4);
        } else if (pixels == 2) {
            four(p, rows, v, weights, bias, out, 2);
        } else {
            four(p, rows, v, weights, bias, out, 1);
        }
    }
    for (; oc < channels; oc++, weights += taps, bias += bias ? 1 : 0, out++) {
        view at = *v;
        for (int32_t i = 0; i < pixels; i++, at.at += at.step) {
            const tc_clamp_to_f32 to = {p->act_min, p->act_max};
            out[i * p->out_c] = tc_finished_f32(to, one(p, rows, &at, weights), bias);
        }
    }
}

TC_KERNEL void tc_conv2d_f32_ref(const tc_conv2d_f32_params *p, const float *const *rows, const tc_span *cols,
                                 const float *weights, const float *bias, float *out)
{
    const int32_t groups = p->in_c / p->group_c;
    const int32_t channels = p->out_c / groups;
    const int32_t group_weights = channels * p->kernel_h * p->kernel_w * p->group_c;
    const int32_t reach = (p->kernel_w - 1) * p->dilation_w;
    for (int32_t ox = cols->begin; ox < cols->end;) {
        const int32_t ix = ox * p->stride_w - p->pad_left;
        int32_t pixels = tc_together_f32(cols->end - ox);
        if (ix < 0 || ix + (pixels - 1) * p->stride_w + reach >= p->in_w) {
            pixels = 1;
        }
        const int32_t begin = tc_max(0, -ix + p->dilation_w - 1) / p->dilation_w;
        const int32_t end = tc_min(p->kernel_w, (p->in_w - ix + p->dilation_w - 1) / p->dilation_w);
        view v = {(ix - cols->origin) * p->in_c, p->stride_w * p->in_c, begin, end, 1};
        if (p->dilation_w == 1 && groups == 1) {
            v.together = end - begin;
        }
        for (int32_t g = 0; g < groups; g++, v.at += p->group_c) {
            group_of(p, rows, &v, weights + g * group_weights, bias ? bias + g * channels : NULL, out + g * channels,
                     pixels);
        }
        out += pixels * p->out_c;
        ox += pixels;
    }
}

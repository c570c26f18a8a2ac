#include "tinyc/depthwise_conv2d_f32.h"

/* The part of a window that lies inside the image, for pixels side by side. */
typedef struct {
    int32_t at;    /* where kernel column 0 of the first pixel lies in a row, in elements */
    int32_t begin; /* kernel columns [begin, end) lie inside */
    int32_t end;
} view;

TC_INLINE tc_four_f32 mac(tc_four_f32 sum, tc_four_f32 w, const float *x)
{
    sum.a += w.a * x[0];
    sum.b += w.b * x[1];
    sum.c += w.c * x[2];
    sum.d += w.d * x[3];
    return sum;
}

/* Four channels of `pixels` pixels; weights, bias, out: of the first channel. */
TC_INLINE void four(const tc_depthwise_conv2d_f32_params *p, const float *const *rows, const view *v, int32_t channel,
                    const float *weights, const float *bias, float *out, const int32_t pixels)
{
    const int32_t step = p->stride_w * p->channels;
    const int32_t apart = p->dilation_w * p->channels;
    const tc_clamp_to_f32 to = {p->act_min, p->act_max};
    tc_four_f32 sums[4] = {{0.0f, 0.0f, 0.0f, 0.0f}};
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        if (rows[ky] == NULL) {
            continue;
        }
        const float *x = rows[ky] + (v->at + v->begin * apart + channel);
        const float *w = weights + (ky * p->kernel_w + v->begin) * p->channels;
        for (int32_t kx = v->begin; kx < v->end; kx++, x += apart, w += p->channels) {
            const tc_pixels_f32 at = tc_pixels_apart_f32(x, step, pixels);
            const tc_four_f32 tap = tc_four_at_f32(w);
            sums[0] = mac(sums[0], tap, at.a);
            if (pixels > 1) {
                sums[1] = mac(sums[1], tap, at.b);
            }
            if (pixels > 2) {
                sums[2] = mac(sums[2], tap, at.c);
                sums[3] = mac(sums[3], tap, at.d);
            }
        }
    }
    tc_finish_pixels_f32(to, sums, bias, out, p->channels, pixels);
}

static float one(const tc_depthwise_conv2d_f32_params *p, const float *const *rows, const view *v, int32_t channel,
                 const float *weights)
{
    float sum = 0.0f;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        for (int32_t kx = v->begin; kx < v->end && rows[ky] != NULL; kx++) {
            sum += weights[(ky * p->kernel_w + kx) * p->channels] *
                   rows[ky][v->at + kx * p->dilation_w * p->channels + channel];
        }
    }
    return sum;
}

TC_KERNEL void tc_depthwise_conv2d_f32_ref(const tc_depthwise_conv2d_f32_params *p, const float *const *rows,
                                           const tc_span *cols, const float *weights, const float *bias, float *out)
{
    const tc_clamp_to_f32 to = {p->act_min, p->act_max};
    const int32_t reach = (p->kernel_w - 1) * p->dilation_w;
    int32_t pixels;
    for (int32_t ox = cols->begin; ox < cols->end; ox += pixels, out += pixels * p->channels) {
        const int32_t ix = ox * p->stride_w - p->pad_left;
        pixels = tc_together_f32(cols->end - ox);
        if (ix < 0 || ix + (pixels - 1) * p->stride_w + reach >= p->in_w) {
            pixels = 1;
        }
        view v = {
            (ix - cols->origin) * p->channels,
            tc_max(0, -ix + p->dilation_w - 1) / p->dilation_w,
            tc_min(p->kernel_w, (p->in_w - ix + p->dilation_w - 1) / p->dilation_w),
        };
        int32_t c = 0;
        for (; c + 4 <= p->channels; c += 4) {
            const float *const b = bias ? bias + c : NULL;
            if (pixels == 4) {
                four(p, rows, &v, c, weights + c, b, out + c, 4);
            } else if (pixels == 2) {
                four(p, rows, &v, c, weights + c, b, out + c, 2);
            } else {
                four(p, rows, &v, c, weights + c, b, out + c, 1);
            }
        }
        for (; c < p->channels; c++) {
            view at = v;
            for (int32_t i = 0; i < pixels; i++, at.at += p->stride_w * p->channels) {
                const float sum = one(p, rows, &at, c, weights + c);
                out[i * p->channels + c] = tc_finished_f32(to, sum, bias ? bias + c : NULL);
            }
        }
    }
}

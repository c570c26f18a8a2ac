#include "tinyc/dsp/depthwise.h"

/* All channels of `pixels` pixels from `base` on. */
static void compute(const tc_depthwise_conv2d_dsp_params *p, const int32_t *taps, const int8_t *base,
                    const int32_t *weights, int8_t *out, int32_t pixels)
{
    const int32_t count = p->kernel_h * p->kernel_w;
    const int32_t groups = p->channels >> 2;
    const int32_t rest = p->channels & 3;
    const int32_t step = p->stride_w * p->channels;
    const int32_t words = 9 + count;
    const int32_t *const stop = weights + groups * words;
    const uint32_t skipped = count > 1 ? (uint32_t) - (count >> 1) & 3u : 4u;
    tc_run r = {taps,
                taps + count,
                weights,
                stop,
                base,
                out,
                step - 4 * groups,
                p->channels - 4 * groups,
                pixels,
                skipped,
                (uint32_t)count & 1u,
                p->in_pairs ? (p->zero + 256) * 0x10001 : p->zero};
    if (p->in_pairs) {
        tc_run_in_pairs(TC_RUN_FIELDS(r));
    } else {
        tc_run_one_by_one(TC_RUN_FIELDS(r));
    }
    if (rest) {
        r.weights = stop;
        r.stop = stop + words;
        r.base = base + p->channels - 4;
        r.out = out + p->channels - 4;
        r.base_step = step - 4;
        r.out_step = p->channels - 4;
        if (p->in_pairs) {
            tc_run_in_pairs(TC_RUN_FIELDS(r));
        } else {
            tc_run_one_by_one(TC_RUN_FIELDS(r));
        }
    }
}

TC_KERNEL void tc_depthwise_conv2d_s8_dsp(const tc_depthwise_conv2d_dsp_params *p, const int8_t *const *rows,
                                          const tc_span *cols, const int32_t *weights, const int8_t *padding,
                                          int8_t *out, void *scratch)
{
    int32_t *const taps = scratch;
    int8_t *const first = out;
    const int32_t extent = (p->kernel_w - 1) * p->dilation_w;
    int32_t whole = 1;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        whole &= rows[ky] != NULL;
    }
    for (int32_t ox = cols->begin; ox < cols->end;) {
        const int32_t ix0 = ox * p->stride_w - p->pad_left;
        int32_t pixels = 1;
        if (whole && ix0 >= 0 && ix0 + extent < p->in_w) {
            const int32_t fit = (p->in_w - 1 - extent - ix0) / p->stride_w + 1;
            pixels = tc_min(fit, cols->end - ox);
        }
        int32_t *tap = taps;
        for (int32_t ky = 0; ky < p->kernel_h; ky++) {
            const int8_t *row = rows[ky];
            int32_t ix = ix0;
            for (int32_t kx = 0; kx < p->kernel_w; kx++, ix += p->dilation_w) {
                const int32_t inside = row && (uint32_t)ix < (uint32_t)p->in_w;
                const int8_t *x = inside ? row + (ix - cols->origin) * p->channels : padding;
                *tap++ = (int32_t)((uintptr_t)x - (uintptr_t)padding);
            }
        }
        compute(p, taps, padding, weights, out, pixels);
        out += pixels * p->channels;
        ox += pixels;
    }
    tc_clamp_bytes_dsp(first, (cols->end - cols->begin) * p->channels, p->act_min, p->act_max);
}

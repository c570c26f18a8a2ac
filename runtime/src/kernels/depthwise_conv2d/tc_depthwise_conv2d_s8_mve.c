#include "tinyc/mve/depthwise.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_depthwise_conv2d_s8_mve(const tc_depthwise_mve_params *p,
                                                              const int8_t *const *rows, const tc_span *cols,
                                                              const int32_t *weights, const uint32_t *taps,
                                                              const int8_t *padding, int8_t *out, void *scratch)
{
    const int32_t all = p->channels;
    const int32_t group = p->group;
    const int32_t narrow = group < LANES;
    const int32_t extent = (p->kernel_w - 1) * p->dilation_w + 1;
    const uint32_t *const words = scratch;
    tc_plane planes[MAX_ROWS / ROWS];
    for (int32_t ox = cols->begin; ox < cols->end;) {
        const int32_t n = tc_min(cols->end - ox, p->block);
        const int32_t ix = ox * p->stride_w - p->pad_left;
        const int32_t count = (n - 1) * p->stride_w + extent;
        const int32_t before = tc_min(tc_max(-ix, 0), count);
        const int32_t inside = tc_max(tc_min(p->in_w - ix, count), before) - before;
        tc_depthwise_find_rows(planes, rows, p->kernel_h, padding, (ix + before - cols->origin) * all,
                               narrow ? LANES : all);
        uint32_t *const first = (uint32_t *)scratch + before * group;
        tc_source source = {all, 0, inside, 0, planes, first};
        if (narrow) {
            source = (tc_source){inside * group, LANES, (inside * group + LANES - 1) / LANES, 0, planes, first};
        } else if (inside < count) {
            tc_depthwise_fill_padding(p, scratch, before, inside, count);
        }
        tc_channels_mve pair = {words, words + p->stride_w * group, out, out + all, all, weights, taps};
        for (int32_t c = 0; c < all; c += LANES) {
            if (inside > 0) {
                tc_depthwise_interleave(&source, p->kernel_h, p->plane);
            }
            if (narrow && inside < count) {
                tc_depthwise_fill_padding(p, scratch, before, inside, count);
            }
            pair.left = tc_min(all - c, LANES);
            tc_depthwise_finish_group(p, &pair, n);
            source.channel += LANES;
            source.left -= LANES;
            pair.out0 += LANES;
            pair.out1 += LANES;
            pair.weights += 4 * p->block_words;
        }
        if (p->clamp) {
            const tc_matmul_mve m = {0, all, 0, 1, p->act_min, p->act_max};
            tc_clamp_mve(&m, out, n * all);
        }
        ox += n;
        out += n * all;
    }
}

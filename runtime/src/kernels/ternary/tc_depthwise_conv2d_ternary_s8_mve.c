#include "tinyc/mve/depthwise.h"
#include "tinyc/mve/ternary_quads.h"
#include "tinyc/ternary.h"

/* Blocks of 16 channels, as the kernel for int8 weights reads them; bytes that no tap has stay as they are.
 * places: bytes from the first channel's weights to those of channels 0, 2, 4, ...; line: [taps, count];
 * channel: 16 words for every four channels. */
static inline void unpack(const tc_depthwise_mve_params *p, int32_t *blocks, uint16x8_t places, const int8_t *line,
                          int32_t count, const int32_t *channel, int8x16_t magnitudes)
{
    const int32_t bytes = LANES * p->vectors;
    int8_t *row = (int8_t *)blocks;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        int8_t *to = row;
        for (int32_t kx = p->kernel_w; kx > 0; kx--, to += ROWS, line += count) {
            const int8x16_t w = vmulq_s8(vldrbq_s8(line), magnitudes);
            vstrbq_scatter_offset_s16(to, places, vmovlbq_s8(w));
            vstrbq_scatter_offset_s16(to + bytes, places, vmovltq_s8(w));
        }
        row = (ky + 1) % ROWS ? row + 1 : to - (ROWS - 1);
    }
    int32_t *ends = blocks + bytes;
    for (int32_t i = count; i > 0; i -= 4, channel += 16, ends += p->block_words) {
        vstrwq_s32(ends, vldrwq_s32(channel));
        vstrwq_s32(ends + 4, vldrwq_s32(channel + 4));
        vstrwq_s32(ends + 8, vldrwq_s32(channel + 8));
        vstrwq_s32(ends + 12, vldrwq_s32(channel + 12));
    }
}

TC_KERNEL TC_NO_FRAME_POINTER void tc_depthwise_conv2d_ternary_s8_mve(const tc_depthwise_ternary_mve_params *p,
                                                                      const int8_t *const *rows, const tc_span *cols,
                                                                      const int8_t *codes, const int32_t *channels,
                                                                      const uint8_t *magnitudes, const uint32_t *taps,
                                                                      const int8_t *padding, int8_t *out, void *scratch)
{
    const tc_depthwise_mve_params *const layer = &p->layer;
    const int32_t all = layer->channels;
    const int32_t group = layer->group;
    const int32_t narrow = group < LANES;
    const int32_t count = layer->kernel_h * layer->kernel_w;
    const int32_t extent = (layer->kernel_w - 1) * layer->dilation_w + 1;
    int32_t *const blocks = (int32_t *)(void *)((int8_t *)scratch + p->blocks);
    int8_t *const unpacked = (int8_t *)(blocks + 4 * layer->block_words);
    const uint32_t *const words = scratch;
    int8x16_t times = vdupq_n_s8((int8_t)p->magnitude);
    tc_plane planes[MAX_ROWS / ROWS];
    uint16_t at[LANES / 2];
    for (int32_t i = 0; i < LANES / 2; i++) {
        at[i] = (uint16_t)((i >> 1) * 4 * layer->block_words + (i & 1) * 2 * LANES * layer->vectors);
    }
    const uint16x8_t places = vldrhq_u16(at);
    tc_depthwise_fill_words((uint32_t *)blocks, 0, 4 * layer->block_words);
    for (int32_t ox = cols->begin; ox < cols->end;) {
        const int32_t n = tc_min(cols->end - ox, layer->block);
        const int32_t ix = ox * layer->stride_w - layer->pad_left;
        const int32_t columns = (n - 1) * layer->stride_w + extent;
        const int32_t before = tc_min(tc_max(-ix, 0), columns);
        const int32_t inside = tc_max(tc_min(layer->in_w - ix, columns), before) - before;
        tc_depthwise_find_rows(planes, rows, layer->kernel_h, padding, (ix + before - cols->origin) * all,
                               narrow ? LANES : all);
        uint32_t *const first = (uint32_t *)scratch + before * group;
        tc_source source = {all, 0, inside, 0, planes, first};
        if (narrow) {
            source = (tc_source){inside * group, LANES, (inside * group + LANES - 1) / LANES, 0, planes, first};
        } else if (inside < columns) {
            tc_depthwise_fill_padding(layer, scratch, before, inside, columns);
        }
        tc_channels_mve pair = {words, words + layer->stride_w * group, out, out + all, all, blocks, taps};
        const int8_t *code = codes;
        const int8_t *line = unpacked;
        int32_t end = 0; /* of the channels that are unpacked */
        for (int32_t c = 0; c < all; c += LANES, line += LANES * count) {
            if (c == end) {
                end = tc_min(c + p->together, all);
                const int32_t run = ((end - c) * count + 4) / 5;
                tc_unpack_mve(unpacked, code, run);
                code += run;
                line = unpacked;
            }
            if (magnitudes) {
                times = vldrbq_s8((const int8_t *)magnitudes + c);
            }
            pair.left = tc_min(all - c, LANES);
            unpack(layer, blocks, places, line, pair.left, channels + 4 * c, times);
            if (inside > 0) {
                tc_depthwise_interleave(&source, layer->kernel_h, layer->plane);
            }
            if (narrow && inside < columns) {
                tc_depthwise_fill_padding(layer, scratch, before, inside, columns);
            }
            tc_depthwise_finish_group(layer, &pair, n);
            source.channel += LANES;
            source.left -= LANES;
            pair.out0 += LANES;
            pair.out1 += LANES;
        }
        if (layer->clamp) {
            const tc_matmul_mve m = {0, all, 0, 1, layer->act_min, layer->act_max};
            tc_clamp_mve(&m, out, n * all);
        }
        ox += n;
        out += n * all;
    }
}

#include "tinyc/dsp/depthwise.h"
#include "tinyc/dsp/unpack.h"
#include "tinyc/ternary.h"

#ifdef TC_MANY_REGISTERS
#define FOUR_CHANNELS                                                                                                  \
    TC_UNPACK_START_DSP                                                                                                \
    "pkhbt r8, r11, r11, lsl #16\n\t"                                                                                  \
    "pkhtb r12, r11, r11, asr #16\n\t" TC_UNPACK_COPIED_DSP TC_UNPACK_COPIED_DSP "ldrd r9, r10, [r0, #40]\n\t"         \
    "cmp r9, #0\n\t"                                                                                                   \
    "beq 2f\n\t" TC_UNPACK_STORED_DSP("r11") "ldr r10, [r0, #44]\n\t"                                                  \
                                             "2:\n\t"                                                                  \
                                             "add r10, r10, r1\n\t"                                                    \
                                             "str r10, [r0, #48]\n\t"                                                  \
                                             "b 4f\n\t"                                                                \
                                             "3:\n\t" TC_UNPACK_STORED_DSP("r8") TC_UNPACK_STORED_DSP(                 \
                                                 "r12") "4:\n\t"                                                       \
                                                        "ldr r10, [r0, #48]\n\t"                                       \
                                                        "cmp r1, r10\n\t"                                              \
                                                        "bne 3b\n\t" TC_UNPACK_COPIED_DSP TC_UNPACK_COPIED_DSP         \
                                                        "ldr r10, [r0, #20]\n\t"                                       \
                                                        "ldr r9, [r10], #4\n\t"                                        \
                                                        "str r10, [r0, #20]\n\t"                                       \
                                                        "str r9, [r1], #4\n\t" TC_UNPACK_COUNT_DSP "bne 1b\n\t"
#endif

/* Blocks of `groups` groups of four channels, as the kernel for int8 weights reads them. */
TC_NO_FRAME_POINTER static __attribute__((noinline)) void unpack(int32_t *block, int32_t taps, int32_t groups,
                                                                 tc_packed_dsp *from, const int32_t *channel,
                                                                 const uint8_t *shifts, const uint8_t *each,
                                                                 int32_t all)
{
#ifdef TC_MANY_REGISTERS
    tc_unpack_dsp u = {
        block,  from->next,   from->left, from->digits,    channel, shifts, each, (uint32_t)all * 0x01010101u,
        groups, tc_signs_dsp, taps & 1,   8 * (taps >> 1), NULL};
    TC_UNPACK_DSP(u, FOUR_CHANNELS)
    const tc_packed_dsp packed = {u.next, u.digits, u.left};
    *from = packed;
#else
    tc_packed_dsp packed = *from;
    for (; groups > 0; groups--, channel += 8, shifts += 4) {
        const uint32_t k = tc_magnitudes_dsp(each, all);
        const uint32_t lower = tc_lower_two_dsp(k);
        const uint32_t upper = tc_upper_two_dsp(k);
        memcpy(block, channel, 16);
        block += 4;
        if (taps & 1) {
            *block++ = (int32_t)tc_word_dsp(&packed, k);
        }
        for (int32_t i = taps >> 1; i > 0; i--) {
            *block++ = (int32_t)tc_word_dsp(&packed, lower);
            *block++ = (int32_t)tc_word_dsp(&packed, upper);
        }
        memcpy(block, channel + 4, 16);
        memcpy(block + 4, shifts, 4);
        block += 5;
        if (each) {
            each += 4;
        }
    }
    *from = packed;
#endif
}

TC_INLINE void run_one(const tc_depthwise_conv2d_dsp_params *p, tc_run r)
{
    if (p->in_pairs) {
        tc_run_in_pairs(TC_RUN_FIELDS(r));
    } else {
        tc_run_one_by_one(TC_RUN_FIELDS(r));
    }
}

/* `groups` groups of four channels of `pixels` pixels, from base and out on. */
static __attribute__((noinline)) void compute(const tc_depthwise_conv2d_dsp_params *p, const int32_t *taps,
                                              const int8_t *base, const int32_t *blocks, int8_t *out, int32_t groups,
                                              int32_t pixels)
{
    const int32_t count = p->kernel_h * p->kernel_w;
    const uint32_t skipped = count > 1 ? (uint32_t) - (count >> 1) & 3u : 4u;
    tc_run r = {taps,
                taps + count,
                blocks,
                blocks + groups * (9 + count),
                base,
                out,
                p->stride_w * p->channels - 4 * groups,
                p->channels - 4 * groups,
                pixels,
                skipped,
                (uint32_t)count & 1u,
                p->in_pairs ? (p->zero + 256) * 0x10001 : p->zero};
    run_one(p, r);
}

TC_KERNEL void tc_depthwise_conv2d_ternary_s8_dsp(const tc_depthwise_ternary_dsp_params *p, const int8_t *const *rows,
                                                  const tc_span *cols, const uint8_t *weights, const int32_t *channels,
                                                  const uint8_t *shifts, const uint8_t *magnitudes,
                                                  const int8_t *padding, int8_t *out, void *scratch)
{
    const tc_depthwise_conv2d_dsp_params *const layer = &p->layer;
    const int32_t all = layer->channels;
    const int32_t count = layer->kernel_h * layer->kernel_w;
    int32_t *const taps = scratch;
    int32_t *const blocks = taps + count;
    const int32_t extent = (layer->kernel_w - 1) * layer->dilation_w;
    int32_t whole = 1;
    for (int32_t ky = 0; ky < layer->kernel_h; ky++) {
        whole &= rows[ky] != NULL;
    }
    tc_packed_dsp packed = tc_open_dsp(weights, p->first);
    int32_t groups = 0;
    for (int32_t first = 0; 4 * first < all; first += groups) {
        groups = tc_min((all + 3) / 4 - first, p->group);
        unpack(blocks, count, groups, &packed, channels + 8 * first, shifts + 4 * first,
               magnitudes ? magnitudes + 4 * first : NULL, p->magnitude);
        /* the last group is the last four channels */
        const int32_t apart = 4 * (first + groups) > all;
        int8_t *to = out;
        for (int32_t ox = cols->begin; ox < cols->end;) {
            const int32_t ix0 = ox * layer->stride_w - layer->pad_left;
            int32_t pixels = 1;
            if (whole && ix0 >= 0 && ix0 + extent < layer->in_w) {
                const int32_t fit = (layer->in_w - 1 - extent - ix0) / layer->stride_w + 1;
                pixels = tc_min(fit, cols->end - ox);
            }
            int32_t *tap = taps;
            for (int32_t ky = 0; ky < layer->kernel_h; ky++) {
                const int8_t *row = rows[ky];
                int32_t ix = ix0;
                for (int32_t kx = 0; kx < layer->kernel_w; kx++, ix += layer->dilation_w) {
                    const int32_t inside = row && (uint32_t)ix < (uint32_t)layer->in_w;
                    const int8_t *x = inside ? row + (ix - cols->origin) * all : padding;
                    *tap++ = (int32_t)((uintptr_t)x - (uintptr_t)padding);
                }
            }
            if (groups > apart) {
                compute(layer, taps, padding + 4 * first, blocks, to + 4 * first, groups - apart, pixels);
            }
            if (apart) {
                const int32_t c = all - 4;
                compute(layer, taps, padding + c, blocks + (groups - 1) * (9 + count), to + c, 1, pixels);
            }
            to += pixels * all;
            ox += pixels;
        }
    }
    tc_clamp_bytes_dsp(out, (cols->end - cols->begin) * all, layer->act_min, layer->act_max);
}

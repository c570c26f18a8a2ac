#include "tinyc/dsp/depthwise_3x3.h"
#include "tinyc/dsp/unpack.h"
#include "tinyc/ternary.h"

#ifdef TC_MANY_REGISTERS
/* Of one pair: its starts and four words, then its shifts and multipliers. */
#define STARTS_AND_WORDS                                                                                               \
    TC_UNPACK_COPIED_DSP TC_UNPACK_STORED_DSP("r8") TC_UNPACK_STORED_DSP("r8") TC_UNPACK_STORED_DSP("r8")              \
        TC_UNPACK_STORED_DSP("r8")
#define SHIFTS_AND_MULTIPLIERS(last)                                                                                   \
    "ldr r10, [r0, #20]\n\t"                                                                                           \
    "ldrh r9, [r10], #2\n\t"                                                                                           \
    "str r10, [r0, #20]\n\t"                                                                                           \
    "pkhbt r9, r9, " last "\n\t"                                                                                       \
    "str r9, [r1], #4\n\t" TC_UNPACK_COPIED_DSP TC_UNPACK_COUNT_DSP
#define TWO_PAIRS                                                                                                      \
    TC_UNPACK_START_DSP                                                                                                \
    "pkhbt r8, r11, r11, lsl #16\n\t" STARTS_AND_WORDS TC_UNPACK_WORD_DSP(                                             \
        "r11") "mov r12, r9\n\t" SHIFTS_AND_MULTIPLIERS("r12, lsl #16") "beq 2f\n\t"                                   \
                                                                        "pkhtb r8, r11, "                              \
                                                                        "r11, asr "                                    \
                                                                        "#16\n\t" STARTS_AND_WORDS                     \
                                                                            SHIFTS_AND_MULTIPLIERS("r12") "bne 1b\n\t" \
                                                                                                          "2:\n\t"
#endif

/* Blocks of `pairs` pairs of channels, as the kernel for int8 weights reads them. */
TC_NO_FRAME_POINTER static __attribute__((noinline)) void unpack(int32_t *block, int32_t pairs, tc_packed_dsp *from,
                                                                 const int32_t *channel, const uint8_t *shifts,
                                                                 const uint8_t *each, int32_t all)
{
#ifdef TC_MANY_REGISTERS
    tc_unpack_dsp u = {
        block,        from->next, from->left, from->digits, channel, shifts, each, (uint32_t)all * 0x01010101u, pairs,
        tc_signs_dsp, 0,          0,          NULL};
    TC_UNPACK_DSP(u, TWO_PAIRS)
    const tc_packed_dsp packed = {u.next, u.digits, u.left};
    *from = packed;
#else
    tc_packed_dsp packed = *from;
    for (; pairs > 0; pairs -= 2) {
        const uint32_t k = tc_magnitudes_dsp(each, all);
        uint32_t two = tc_lower_two_dsp(k);
        uint32_t last = 0;
        for (int32_t i = 0; i < tc_min(pairs, 2); i++) {
            block[0] = channel[0];
            block[1] = channel[1];
            block[2] = (int32_t)tc_word_dsp(&packed, two);
            block[3] = (int32_t)tc_word_dsp(&packed, two);
            block[4] = (int32_t)tc_word_dsp(&packed, two);
            block[5] = (int32_t)tc_word_dsp(&packed, two);
            if (i == 0) {
                last = tc_word_dsp(&packed, k);
            }
            block[6] = (int32_t)(shifts[0] | (uint32_t)shifts[1] << 8 | last << 16);
            block[7] = channel[2];
            block[8] = channel[3];
            block += PAIR_WORDS;
            channel += 4;
            shifts += 2;
            last >>= 16;
            two = tc_upper_two_dsp(k);
        }
        if (each) {
            each += 4;
        }
    }
    *from = packed;
#endif
}

TC_KERNEL void tc_depthwise_conv2d_3x3_ternary_s8_dsp(const tc_depthwise_3x3_ternary_dsp_params *p,
                                                      const int8_t *const *rows, const tc_span *cols,
                                                      const uint8_t *weights, const int32_t *channels,
                                                      const uint8_t *shifts, const uint8_t *magnitudes,
                                                      const int8_t *padding, int8_t *out, void *scratch)
{
    const tc_depthwise_conv2d_3x3_dsp_params *const layer = &p->layer;
    const int32_t all = layer->channels;
    const int32_t whole = rows[0] != NULL && rows[1] != NULL && rows[2] != NULL;
    int32_t *const blocks_of = (int32_t *)scratch + 3 * (layer->stride_w + 3);
    tc_packed_dsp packed = tc_open_dsp(weights, p->first);
    int32_t pairs = 0;
    for (int32_t first = 0; 2 * first < all; first += pairs) {
        pairs = tc_min((all + 1) / 2 - first, p->group);
        unpack(blocks_of, pairs, &packed, channels + 4 * first, shifts + 2 * first,
               magnitudes ? magnitudes + 2 * first : NULL, p->magnitude);
        const int32_t odd = 2 * (first + pairs) > all;
        const int32_t at = 2 * first;
        int8_t *to = out;
        for (int32_t ox = cols->begin; ox < cols->end;) {
            const int32_t ix0 = ox * layer->stride_w - layer->pad_left;
            const int32_t pixels = tc_min(cols->end - ox, 2);
            const int32_t columns = (pixels - 1) * layer->stride_w + 3;
            int32_t blocks = 1;
            if (whole && ix0 >= 0 && ix0 + columns <= layer->in_w) {
                blocks =
                    tc_min((layer->in_w - columns - ix0) / (pixels * layer->stride_w) + 1, (cols->end - ox) / pixels);
            }
            tc_3x3_find_taps(layer, rows, cols->origin, ix0, columns, padding, scratch);
            if (pairs > odd) {
                tc_3x3_some_channels(layer, scratch, padding + at, blocks_of, to + at, pixels, blocks, pairs - odd);
            }
            if (odd) {
                const int32_t c = all - 2;
                tc_3x3_some_channels(layer, scratch, padding + c, blocks_of + PAIR_WORDS * (pairs - 1), to + c, pixels,
                                     blocks, 1);
            }
            to += blocks * pixels * all;
            ox += blocks * pixels;
        }
    }
    tc_clamp_bytes_dsp(out, (cols->end - cols->begin) * all, layer->act_min, layer->act_max);
}

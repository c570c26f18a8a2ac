/* Packed weights for the blocks of mve/matmul.h. */
#ifndef TINYC_MVE_PACKED_H
#define TINYC_MVE_PACKED_H

#include "tinyc/mve/blocks.h"
#include "tinyc/packed.h"

/* Channels some at a time. */
typedef struct {
    tc_matmul_mve product;  /* of those that are unpacked; bytes are not clamped */
    const int32_t *weights; /* packed, of the next */
    int32_t *unpacked;
    int32_t left; /* channels that are still packed */
} tc_some_mve;

static inline tc_some_mve tc_open_packed_mve(const tc_matmul_mve *p, const int32_t *weights, void *scratch)
{
    const tc_some_mve s = {
        {p->depth, 0, p->is_signed, 0, p->act_min, p->act_max}, weights, (int32_t *)scratch, p->out_c};
    return s;
}

/* Words of weights of four channels. */
static inline int32_t tc_body_mve(const tc_matmul_mve *p) { return (p->depth + 15) & ~15; }

/* Bytes of scratch for unpacked weights. */
static inline int32_t tc_line_mve(const tc_matmul_mve *p, const tc_levels *levels)
{
    return 4 * levels->together * (tc_body_mve(p) + 16) + 16;
}

TC_INLINE uint32x4_t tc_level_words_mve(const tc_levels *p, uint32x4_t digits)
{
    return veorq_u32(vaddq_u32(vmulq_n_u32(digits, p->step), vdupq_n_u32(p->add)), vdupq_n_u32(p->flip));
}

/* `blocks` blocks of `body` words of weights, a multiple of 16, and 16 words. Returns the packed weights of the next.
 */
static __attribute__((noinline)) const int32_t *tc_unpack_levels_mve(const tc_levels *levels, const int32_t *weights,
                                                                     int32_t *unpacked, int32_t body, int32_t blocks)
{
    const tc_levels p = *levels;
    const uint32_t *from = (const uint32_t *)weights;
    uint32_t *to = (uint32_t *)unpacked;
    for (; blocks > 0; blocks--) {
        uint32_t *const end = to + body;
        if (p.bits == 4) {
            const uint32x4_t mask = vdupq_n_u32(0x0F0F0F0Fu);
            for (; to != end; from += 4, to += 8) {
                const uint32x4_t digits = vldrwq_u32(from);
                uint32x4x2_t words;
                words.val[0] = tc_level_words_mve(&p, vandq_u32(digits, mask));
                words.val[1] = tc_level_words_mve(&p, vandq_u32(vshrq_n_u32(digits, 4), mask));
                vst2q_u32(to, words);
            }
        } else {
            const uint32x4_t mask = vdupq_n_u32(0x03030303u);
            for (; to != end; from += 4, to += 16) {
                const uint32x4_t digits = vldrwq_u32(from);
                uint32x4x4_t words;
                words.val[0] = tc_level_words_mve(&p, vandq_u32(digits, mask));
                words.val[1] = tc_level_words_mve(&p, vandq_u32(vshrq_n_u32(digits, 2), mask));
                words.val[2] = tc_level_words_mve(&p, vandq_u32(vshrq_n_u32(digits, 4), mask));
                words.val[3] = tc_level_words_mve(&p, vandq_u32(vshrq_n_u32(digits, 6), mask));
                vst4q_u32(to, words);
            }
        }
        for (int32_t i = 0; i < 16; i += 4, from += 4, to += 4) {
            vstrwq_u32(to, vldrwq_u32(from));
        }
    }
    return (const int32_t *)from;
}

/* Unpacks the next channels. */
static inline void tc_next_mve(tc_some_mve *s, const tc_levels *levels)
{
    const int32_t channels = tc_min(s->left, 4 * levels->together);
    s->weights = tc_unpack_levels_mve(levels, s->weights, s->unpacked, tc_body_mve(&s->product), (channels + 3) >> 2);
    s->product.out_c = channels;
    s->left -= channels;
}

/* The unpacked channels of n pixels, the inputs of which lie `depth` bytes apart. out: of the first pixel; out_c: bytes
 * from pixel to pixel there; bytes: scratch for all outputs. */
TC_INLINE void tc_some_pixels_mve(const tc_some_mve *s, const int8_t *x, int8_t *bytes, int8_t *out, int32_t out_c,
                                  int32_t n)
{
    const int32_t channels = s->product.out_c;
    tc_pixels_mve(&s->product, x, s->product.depth, s->unpacked, bytes, n);
    for (; n > 0; n--, bytes += channels, out += out_c) {
        for (int32_t c = 0; c < channels; c += 16) {
            const mve_pred16_t lanes = vctp8q((uint32_t)(channels - c));
            vstrbq_p_s8(out + c, vldrbq_z_s8(bytes + c, lanes), lanes);
        }
    }
}

static inline void tc_clamp_packed_mve(const tc_matmul_mve *p, int8_t *out, int32_t n)
{
    if (p->clamp) {
        tc_clamp_mve(p, out, n);
    }
}

/* All outputs of `vectors` vectors. */
TC_INLINE void tc_packed_vectors_mve(const tc_matmul_mve *p, const tc_levels *levels, const int8_t *in,
                                     const int32_t *weights, int8_t *out, int32_t vectors, void *scratch,
                                     tc_rounding_mve rounding)
{
    tc_some_mve some = tc_open_packed_mve(p, weights, scratch);
    for (int8_t *first = out; some.left > 0; first += some.product.out_c) {
        tc_next_mve(&some, levels);
        for (int32_t v = 0; v < vectors; v++) {
            tc_pixel_mve(&some.product, in + v * p->depth, some.unpacked, first + v * p->out_c, rounding);
        }
    }
    tc_clamp_packed_mve(p, out, vectors * p->out_c);
}

#endif

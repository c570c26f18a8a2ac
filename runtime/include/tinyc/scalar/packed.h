/* Packed weights for the blocks of scalar/matmul.h. */
#ifndef TINYC_SCALAR_PACKED_H
#define TINYC_SCALAR_PACKED_H

#include "tinyc/levels.h"
#include "tinyc/scalar/blocks.h"

/* Channels some at a time. */
typedef struct {
    tc_matmul_scalar product; /* of those that are unpacked; bytes are not clamped */
    const int32_t *weights;   /* packed, of the next */
    int32_t *unpacked;
    int32_t left; /* channels that are still packed */
} tc_some_scalar;

static inline tc_some_scalar tc_open_packed_scalar(const tc_matmul_scalar *p, const int32_t *weights, void *scratch)
{
    const tc_some_scalar s = {
        {p->depth, 0, p->pitch, p->zero, INT8_MIN, INT8_MAX}, weights, (int32_t *)scratch, p->out_c};
    return s;
}

/* Bytes of scratch for unpacked weights. */
static inline int32_t tc_line_scalar(const tc_matmul_scalar *p, const tc_levels *levels)
{
    return 4 * levels->together * (p->depth + 9) + 16;
}

/* Unpacks the next channels. */
static inline void tc_next_scalar(tc_some_scalar *s, const tc_levels *levels)
{
    const int32_t depth = s->product.depth;
    const int32_t channels = tc_min(s->left, 4 * levels->together);
    const int32_t fours = channels >> 2;
    const int32_t *from = tc_unpack_levels(levels, s->weights, s->unpacked, 4, depth, 5, fours);
    int32_t *const others = s->unpacked + fours * (depth + 9);
    s->weights = tc_unpack_levels(levels, from, others, 1, (depth + 3) >> 2, 2, channels & 3);
    s->product.out_c = channels;
    s->left -= channels;
}

/* All channels of `pixels` pixels, the inputs of which lie one after the other. */
TC_INLINE void tc_packed_pixels_scalar(const tc_matmul_scalar *p, const tc_levels *levels, const int8_t *in,
                                       const int32_t *weights, int8_t *out, int32_t pixels, void *scratch,
                                       int32_t twice)
{
    tc_some_scalar some = tc_open_packed_scalar(p, weights, scratch);
    for (int8_t *to = out; some.left > 0; to += some.product.out_c) {
        tc_next_scalar(&some, levels);
        tc_pixels_scalar(&some.product, in, p->depth, some.unpacked, to, pixels, twice);
    }
    tc_clamp_bytes_scalar(out, pixels * p->pitch, p->act_min, p->act_max);
}

#endif

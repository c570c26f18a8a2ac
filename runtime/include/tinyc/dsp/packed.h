/* Packed weights for the blocks of dsp/matmul.h and dsp/vector.h. */
#ifndef TINYC_DSP_PACKED_H
#define TINYC_DSP_PACKED_H

#include "tinyc/dsp/blocks.h"
#include "tinyc/levels.h"

/* Pairs of channels some at a time. */
typedef struct {
    tc_matmul_dsp product;  /* of those that are unpacked */
    const int32_t *weights; /* packed, of the next */
    int32_t *unpacked;
    int32_t left;    /* pairs that are still packed */
    int32_t odd;     /* 1: the first of them shares a channel with the second */
    int32_t advance; /* channels to the next that are packed */
} tc_some_dsp;

static inline tc_some_dsp tc_open_packed_dsp(const tc_matmul_dsp *p, const int32_t *weights, void *scratch)
{
    const tc_some_dsp s = {{p->depth, 0, p->is_signed}, weights,      (int32_t *)scratch,
                           (p->out_c + 1) >> 1,         p->out_c & 1, 0};
    return s;
}

/* Bytes of scratch for unpacked weights. */
static inline int32_t tc_line_dsp(const tc_matmul_dsp *p, const tc_levels *levels)
{
    return levels->together * (2 * p->depth + 20) + 16;
}

/* Unpacks the next channels. */
static inline void tc_next_dsp(tc_some_dsp *s, const tc_levels *levels)
{
    const int32_t pairs = tc_min(s->left, levels->together);
    s->weights = tc_unpack_levels(levels, s->weights, s->unpacked, 2, s->product.depth >> 1, 3, pairs);
    s->advance = 2 * pairs - s->odd;
    s->product.out_c = tc_max(s->advance, 2);
    s->odd = 0;
    s->left -= pairs;
}

#endif

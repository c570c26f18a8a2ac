/* Vectors through ternary weights by Thumb-2's long multiplication. */
#ifndef TINYC_THUMB2_TERNARY_VECTOR_H
#define TINYC_THUMB2_TERNARY_VECTOR_H

#include "tinyc/thumb2/lanes.h"

/* The sums of `count` outputs over all parts. sums: room for 20. */
static inline void tc_lanes_parts(tc_lanes_block *b, const tc_fully_connected_ternary_thumb2_params *p, int32_t *sums,
                                  int32_t count)
{
    const int8_t *const x = b->x;
    b->sums = sums;
    for (int32_t at = 0; at < p->vector.in_n; at += p->part) {
        b->x = x + at;
        b->n = tc_min(p->vector.in_n - at, p->part);
        if (count == 10) {
            tc_lanes_ten(b);
        } else if (count == 5) {
            tc_lanes_five(b);
        } else {
            tc_lanes_rest(b, count);
        }
        if (at > 0) {
            for (int32_t i = 0; i < count; i++) {
                sums[i] += sums[10 + i];
            }
        }
        b->sums = sums + 10;
    }
    b->x = x;
}

/* All outputs, of which no sums are kept. */
static inline void tc_lanes_outputs(tc_lanes_block *b, int32_t left)
{
    for (; left >= 10; left -= 10) {
        tc_lanes_ten(b);
    }
    if (left >= 5) {
        tc_lanes_five(b);
        left -= 5;
    }
    if (left > 0) {
        tc_lanes_rest(b, left);
    }
}

/* twice: 1 where requantization rounds twice; a constant at every call. */
TC_INLINE void tc_ternary_vectors_thumb2(const tc_fully_connected_ternary_thumb2_params *p, const int8_t *in,
                                         const int8_t *codes, const int32_t *channels, const uint8_t *scales,
                                         int8_t *out, int32_t vectors, int32_t twice)
{
    const tc_ternary_vector *const to = &p->vector;
    for (int8_t *const end = out + vectors * to->out_n; out != end; in += to->in_n, out += to->out_n) {
        tc_lanes_block b = {in, to->in_n, codes, NULL, to->left, to->shift, channels, out};
        if (!twice && to->in_n <= p->part) {
            tc_lanes_outputs(&b, to->out_n);
        } else {
            int32_t count = 0;
            for (int32_t left = to->out_n; left > 0; left -= count) {
                int32_t sums[20];
                count = left >= 10 ? 10 : left >= 5 ? 5 : left;
                tc_lanes_parts(&b, p, sums, count);
                tc_ternary_bytes(to, sums, to->out_n - left, count, channels, scales, out, twice);
            }
        }
        tc_clamp_bytes_scalar(out, to->out_n, to->act_min, to->act_max);
    }
}

#endif

/* Vectors through ternary weights by Thumb-2's long multiplication. */
#ifndef TINYC_THUMB2_TERNARY_VECTOR_H
#define TINYC_THUMB2_TERNARY_VECTOR_H

#include "tinyc/scalar/ternary_bytes.h"
#include "tinyc/thumb2/lanes.h"

/* The sums of `count` outputs, 10, 5 or fewer, of n inputs. Returns their weights' end. */
static inline const int8_t *tc_lanes_sums(const int8_t *x, int32_t n, const int8_t *w, int32_t *sums, int32_t count)
{
    if (count == 10) {
        tc_lanes_ten(x, n, w, sums);
        return w + 2 * n;
    }
    if (count == 5) {
        tc_lanes_five(x, n, w, sums);
        return w + n;
    }
    tc_lanes_rest(x, n, w, sums, count);
    return w + (n + 4) / 5 * count;
}

/* twice: 1 where requantization rounds twice; a constant at every call. */
TC_INLINE void tc_ternary_vectors_thumb2(const tc_ternary_vector *p, const int8_t *in, const int8_t *codes,
                                         const int32_t *channels, const uint8_t *scales, int8_t *out, int32_t vectors,
                                         int32_t twice)
{
    for (int32_t v = 0; v < vectors; v++, in += p->in_n, out += p->out_n) {
        const int8_t *w = codes;
        int32_t count = 0;
        for (int32_t first = 0; first < p->out_n; first += count) {
            const int32_t left = p->out_n - first;
            count = left >= 10 ? 10 : left >= 5 ? 5 : left;
            int32_t sums[10];
            w = tc_lanes_sums(in, tc_min(p->in_n, TC_LANES_INPUTS), w, sums, count);
            for (int32_t at = TC_LANES_INPUTS; at < p->in_n; at += TC_LANES_INPUTS) {
                int32_t more[10];
                w = tc_lanes_sums(in + at, tc_min(p->in_n - at, TC_LANES_INPUTS), w, more, count);
                for (int32_t i = 0; i < count; i++) {
                    sums[i] += more[i];
                }
            }
            tc_ternary_bytes(p, sums, first, count, channels, scales, out, twice);
        }
        tc_clamp_bytes_scalar(out, p->out_n, p->act_min, p->act_max);
    }
}

#endif

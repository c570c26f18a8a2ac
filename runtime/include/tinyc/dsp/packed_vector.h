/* Packed weights for the groups of dsp/vector.h. */
#ifndef TINYC_DSP_PACKED_VECTOR_H
#define TINYC_DSP_PACKED_VECTOR_H

#include "tinyc/dsp/clamp.h"
#include "tinyc/dsp/vector.h"
#include "tinyc/levels.h"

/* All outputs of `vectors` vectors by one of the functions of dsp/vector.h. */
TC_INLINE void tc_packed_vectors_dsp(const tc_fully_connected_dsp_params *p, const tc_levels *levels, const int8_t *in,
                                     const int32_t *weights, int8_t *out, int32_t vectors, int32_t *scratch,
                                     tc_groups_dsp *groups)
{
    tc_fully_connected_dsp_params some = *p;
    for (int32_t first = 0; first < p->out_n; first += some.out_n) {
        some.out_n = tc_min(p->out_n - first, 4 * levels->together);
        weights = tc_unpack_levels(levels, weights, scratch, 4, (p->in_n + 3) & ~3, 5, (some.out_n + 3) >> 2);
        for (int32_t i = 0; i < vectors; i++) {
            tc_vector_all_dsp(&some, in + i * p->in_n, scratch, out + i * p->out_n + first, groups);
        }
    }
    tc_clamp_bytes_dsp(out, vectors * p->out_n, p->act_min, p->act_max);
}

#endif

#include "tinyc/dsp/packed_vector.h"
#include "tinyc/packed.h"

TC_KERNEL void tc_fully_connected_packed_s8_dsp(const tc_fully_connected_dsp_params *p, const tc_levels *levels,
                                                const int8_t *in, const int32_t *weights, int8_t *out, int32_t vectors,
                                                void *scratch)
{
    if (p->is_signed) {
        tc_packed_vectors_dsp(p, levels, in, weights, out, vectors, scratch, tc_vector_signed_dsp);
    } else {
        tc_packed_vectors_dsp(p, levels, in, weights, out, vectors, scratch, tc_vector_twice_dsp);
    }
}

#include "tinyc/dsp/clamp.h"
#include "tinyc/dsp/vector.h"
#include "tinyc/fully_connected.h"

TC_KERNEL void tc_fully_connected_s8_dsp(const tc_fully_connected_dsp_params *p, const int8_t *in,
                                         const int32_t *weights, int8_t *out, int32_t vectors)
{
    int8_t *const first = out;
    for (int32_t i = 0; i < vectors; i++, in += p->in_n, out += p->out_n) {
        if (p->is_signed) {
            tc_vector_all_dsp(p, in, weights, out, tc_vector_signed_dsp);
        } else {
            tc_vector_all_dsp(p, in, weights, out, tc_vector_twice_dsp);
        }
    }
    tc_clamp_bytes_dsp(first, vectors * p->out_n, p->act_min, p->act_max);
}

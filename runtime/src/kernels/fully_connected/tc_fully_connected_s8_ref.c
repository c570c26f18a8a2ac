#include "tinyc/fully_connected.h"

TC_KERNEL void tc_fully_connected_s8_ref(const tc_fully_connected_params *p, const int8_t *in, const int8_t *weights,
                                         const int32_t *bias, int8_t *out, int32_t vectors)
{
    for (int32_t v = 0; v < vectors; v++, in += p->in_n) {
        for (int32_t o = 0; o < p->out_n; o++) {
            const int32_t acc = tc_fully_connected_dot(p, in, weights + o * p->in_n, bias ? bias[o] : 0);
            const int32_t q = p->per_channel ? o : 0;
            const int32_t scaled = tc_requant(acc, p->multipliers[q], p->shifts[q]);
            *out++ = (int8_t)tc_clamp(scaled + p->out_zp, p->act_min, p->act_max);
        }
    }
}

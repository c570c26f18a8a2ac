#include "tinyc/unsigned.h"

TC_KERNEL void tc_l2_norm_u8_ref(const tc_l2_norm_params *p, const int8_t *in, int8_t *out, int32_t vectors)
{
    for (int32_t v = 0; v < vectors; v++, in += p->depth, out += p->depth) {
        int32_t sum = 0;
        for (int32_t c = 0; c < p->depth; c++) {
            const int32_t diff = in[c] - p->in_zp;
            sum += diff * diff;
        }
        int32_t shift;
        const int32_t multiplier = tc_inverse_sqrt(sum, &shift);
        for (int32_t c = 0; c < p->depth; c++) {
            out[c] = (int8_t)tc_clamp(tc_requant(128 * (in[c] - p->in_zp), multiplier, shift), INT8_MIN, INT8_MAX);
        }
    }
}

#include "tinyc/fixed_point.h"
#include "tinyc/softmax.h"

enum { SUM_INTEGER_BITS = 12 };

TC_KERNEL void tc_softmax_s8_ref(const tc_softmax_params *p, const int8_t *in, const int32_t *exps, int8_t *out,
                                 int32_t vectors)
{
    for (int32_t v = 0; v < vectors; v++, in += p->depth, out += p->depth) {
        int32_t largest = INT8_MIN;
        for (int32_t c = 0; c < p->depth; c++) {
            largest = tc_max(largest, in[c]);
        }
        int32_t sum = 0;
        for (int32_t c = 0; c < p->depth; c++) {
            const int32_t below = largest - in[c];
            sum += below < p->levels ? tc_divide_pot(exps[below], SUM_INTEGER_BITS) : 0;
        }
        const int32_t headroom = tc_leading_zeros((uint32_t)sum);
        const int32_t scale = tc_reciprocal_of_one_plus((int32_t)(((uint32_t)sum << headroom) - (1u << 31)));
        const int32_t exponent = tc_min(SUM_INTEGER_BITS - headroom + 31 - 8, 31);
        for (int32_t c = 0; c < p->depth; c++) {
            const int32_t below = largest - in[c];
            const int32_t exp = below < p->levels ? exps[below] : 0;
            out[c] = (int8_t)tc_clamp(tc_divide_pot(tc_high_mul(scale, exp), exponent) + INT8_MIN, INT8_MIN, INT8_MAX);
        }
    }
}

#include "tinyc/softmax_f32.h"

TC_KERNEL void tc_log_softmax_f32_ref(const tc_log_softmax_f32_params *p, const float *in, float *out, int32_t vectors)
{
    for (int32_t v = 0; v < vectors; v++, in += p->depth, out += p->depth) {
        const float largest = tc_largest_f32(in, p->depth);
        float sum = 0.0f;
        for (int32_t c = 0; c < p->depth; c++) {
            const float below = in[c] - largest;
            out[c] = below;
            sum += tc_exp_of_negative(below);
        }
        const float log_sum = (float)tc_log_of(sum);
        for (int32_t c = 0; c < p->depth; c++) {
            out[c] -= log_sum;
        }
    }
}

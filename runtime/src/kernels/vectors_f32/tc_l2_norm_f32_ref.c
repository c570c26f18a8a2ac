#include "tinyc/vectors_f32.h"

TC_KERNEL void tc_l2_norm_f32_ref(const tc_vectors_f32_params *p, const float *in, float *out, int32_t vectors)
{
    for (int32_t v = 0; v < vectors; v++, in += p->depth, out += p->depth) {
        float sum = 0.0f;
        for (int32_t c = 0; c < p->depth; c++) {
            const float square = in[c] * in[c];
            sum += square;
        }
        const float length = tc_max_f32(tc_sqrt_f32(sum), 1e-6f);
        for (int32_t c = 0; c < p->depth; c++) {
            out[c] = in[c] / length;
        }
    }
}

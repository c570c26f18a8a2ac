#include "tinyc/mean.h"

TC_KERNEL void tc_mean_vectors_s8_ref(const tc_mean_vectors_params *p, const int8_t *in, int8_t *out, int32_t vectors)
{
    for (int32_t v = 0; v < vectors; v++, in += p->depth) {
        int32_t sum = p->bias;
        for (int32_t c = 0; c < p->depth; c++) {
            sum += in[c];
        }
        out[v] = tc_mean_vector(p, sum);
    }
}

#include "tinyc/neg.h"

TC_KERNEL void tc_neg_f32_ref(const float *in, float *out, int32_t n)
{
    for (int32_t i = 0; i < n; i++) {
        out[i] = -in[i];
    }
}

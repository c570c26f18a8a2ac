#include "tinyc/reduce_f32.h"

TC_KERNEL void tc_reduce_min_vectors_f32_ref(const tc_reduce_vectors_f32_params *p, const float *in, float *out,
                                             int32_t vectors)
{
    tc_reduce_last_f32(p, in, out, vectors, NULL, tc_min_f32);
}

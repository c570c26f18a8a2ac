#include "tinyc/reduce_f32.h"

static inline float join(float found, float x) { return found * x; }

TC_KERNEL void tc_reduce_prod_vectors_f32_ref(const tc_reduce_vectors_f32_params *p, const float *in, float *out,
                                              int32_t vectors)
{
    static const float first = 1.0f;
    tc_reduce_last_f32(p, in, out, vectors, &first, join);
}

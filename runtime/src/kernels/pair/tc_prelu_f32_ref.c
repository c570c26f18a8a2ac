#include "tinyc/pair.h"

static inline float pick(float a, float b) { return a < 0.0f ? a * b : a; }

TC_KERNEL void tc_prelu_f32_ref(const tc_pair *s, const float *x, const float *alpha, float *out, int32_t n)
{
    tc_pair_pick_f32(NULL, s, x, alpha, out, n, pick);
}

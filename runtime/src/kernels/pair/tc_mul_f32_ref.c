#include "tinyc/pair.h"

static inline float pick(float a, float b) { return a * b; }

TC_KERNEL void tc_mul_f32_ref(const tc_limits *p, const tc_pair *s, const float *a, const float *b, float *out,
                              int32_t n)
{
    tc_pair_pick_f32(p, s, a, b, out, n, pick);
}

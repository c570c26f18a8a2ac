#include "tinyc/pair.h"

static inline float pick(float a, float b)
{
    const float apart = a - b;
    return apart * apart;
}

TC_KERNEL void tc_squared_difference_f32_ref(const tc_pair *s, const float *a, const float *b, float *out, int32_t n)
{
    tc_pair_pick_f32(NULL, s, a, b, out, n, pick);
}

#include "tinyc/float_division.h"
#include "tinyc/pair.h"

TC_KERNEL void tc_fmod_f32_ref(const tc_pair *s, const float *a, const float *b, float *out, int32_t n)
{
    tc_pair_pick_f32(NULL, s, a, b, out, n, tc_fmod_f32);
}

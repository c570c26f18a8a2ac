#include "tinyc/pair.h"

TC_KERNEL void tc_minimum_s8_ref(const tc_pair *s, const int8_t *a, const int8_t *b, int8_t *out, int32_t n)
{
    tc_pair_pick(s, a, b, out, n, tc_min);
}

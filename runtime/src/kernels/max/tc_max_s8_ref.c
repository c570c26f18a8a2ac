#include "tinyc/max.h"

TC_KERNEL void tc_max_s8_ref(const tc_max_params *p, const int8_t *in, int8_t *out)
{
    tc_most_of_axes(p, in, out, tc_max);
}

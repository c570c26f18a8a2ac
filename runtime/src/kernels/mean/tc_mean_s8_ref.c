#include "tinyc/mean.h"

TC_KERNEL void tc_mean_s8_ref(const tc_mean_params *p, const int8_t *in, int8_t *out)
{
    tc_mean_of_axes(p, in, out, 0);
}

#include "tinyc/arg_max.h"

TC_KERNEL void tc_arg_max_f32_s32_ref(const tc_arg_max_params *p, const float *in, int32_t *out, int32_t units)
{
    for (int32_t u = 0; u < units; u++, in += p->count * p->inner) {
        for (int32_t c = 0; c < p->inner; c++) {
            *out++ = tc_arg_max_f32(p, in + c);
        }
    }
}

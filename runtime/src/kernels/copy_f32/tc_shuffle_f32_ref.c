#include "tinyc/copy_f32.h"

TC_KERNEL void tc_shuffle_f32_ref(const tc_shuffle_params *p, const float *in, float *out, int32_t units)
{
    for (; units > 0; units--, in += p->groups * p->group_c) {
        for (int32_t c = 0; c < p->group_c; c++) {
            for (int32_t g = 0; g < p->groups; g++) {
                *out++ = in[g * p->group_c + c];
            }
        }
    }
}

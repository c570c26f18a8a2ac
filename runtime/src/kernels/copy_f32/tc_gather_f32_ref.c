#include "tinyc/copy_f32.h"

TC_KERNEL void tc_gather_f32_ref(const tc_gather_params *p, const float *in, const int32_t *indices, float *out)
{
    for (int32_t u = 0; u < p->units; u++, in += p->in_pitch) {
        for (int32_t i = 0; i < p->count; i++, out += p->size) {
            tc_put_floats(out, in + indices[i] * p->size, p->size);
        }
    }
}

#include "tinyc/copy.h"

TC_KERNEL void tc_gather_s8_ref(const tc_gather_params *p, const int8_t *in, const int32_t *indices, int8_t *out)
{
    for (int32_t u = 0; u < p->units; u++, in += p->in_pitch) {
        for (int32_t i = 0; i < p->count; i++, out += p->size) {
            tc_put_bytes(out, in + indices[i] * p->size, p->size);
        }
    }
}

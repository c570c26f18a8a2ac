#include "tinyc/copy.h"

TC_KERNEL void tc_fill_s8_ref(const tc_fill_params *p, int8_t *out)
{
    for (int32_t i = 0; i < p->n; i++) {
        out[i] = (int8_t)p->value;
    }
}

#include "tinyc/copy.h"

TC_KERNEL void tc_slice_s8_ref(const tc_slice_params *p, const int8_t *const *rows, const tc_span *cols, int8_t *out)
{
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const int32_t ix = p->first_x + ox * p->step_x - cols->origin;
        const int8_t *in = rows[0] + ix * p->in_c + p->first_c;
        if (p->step_c == 1) {
            out = tc_put_bytes(out, in, p->out_c);
            continue;
        }
        for (int32_t c = 0; c < p->out_c; c++, in += p->step_c) {
            *out++ = *in;
        }
    }
}

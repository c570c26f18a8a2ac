#include "tinyc/copy_f32.h"

TC_KERNEL void tc_slice_f32_ref(const tc_slice_params *p, const float *const *rows, const tc_span *cols, float *out)
{
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const int32_t ix = p->first_x + ox * p->step_x - cols->origin;
        const float *in = rows[0] + ix * p->in_c + p->first_c;
        if (p->step_c == 1) {
            out = tc_put_floats(out, in, p->out_c);
            continue;
        }
        for (int32_t c = 0; c < p->out_c; c++, in += p->step_c) {
            *out++ = *in;
        }
    }
}

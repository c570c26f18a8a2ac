#include "tinyc/copy_f32.h"

TC_KERNEL void tc_pieces_f32_ref(const tc_pieces_params *p, const float *in, float *out, int32_t units)
{
    in += p->in_offset;
    out += p->out_offset;
    for (; units > 0; units--, in += p->in_pitch, out += p->out_pitch) {
        tc_put_floats(out, in, p->size);
    }
}

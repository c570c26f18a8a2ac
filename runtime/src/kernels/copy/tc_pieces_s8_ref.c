#include "tinyc/copy.h"

TC_KERNEL void tc_pieces_s8_ref(const tc_pieces_params *p, const int8_t *in, int8_t *out, int32_t units)
{
    in += p->in_offset;
    out += p->out_offset;
    for (; units > 0; units--, in += p->in_pitch, out += p->out_pitch) {
        tc_put_bytes(out, in, p->size);
    }
}

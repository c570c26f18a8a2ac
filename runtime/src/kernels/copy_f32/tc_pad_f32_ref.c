#include "tinyc/copy_f32.h"

TC_KERNEL void tc_pad_f32_ref(const tc_pad_f32_params *p, const float *const *rows, const tc_span *cols, float *out)
{
    const int32_t out_c = p->before + p->in_c + p->after;
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const int32_t ix = ox - p->left;
        if (rows[0] == NULL || ix < 0 || ix >= p->in_w) {
            out = tc_put_float(out, p->value, out_c);
        } else {
            out = tc_put_float(out, p->value, p->before);
            out = tc_put_floats(out, rows[0] + (ix - cols->origin) * p->in_c, p->in_c);
            out = tc_put_float(out, p->value, p->after);
        }
    }
}

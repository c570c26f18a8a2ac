#include "tinyc/copy_f32.h"

TC_KERNEL void tc_space_to_depth_f32_ref(const tc_space_to_depth_params *p, const float *const *rows,
                                         const tc_span *cols, float *out)
{
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const int32_t at = (ox * p->block - cols->origin) * p->in_c;
        for (int32_t y = 0; y < p->block; y++) {
            out = tc_put_floats(out, rows[y] + at, p->block * p->in_c);
        }
    }
}

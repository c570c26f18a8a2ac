#include "tinyc/copy_f32.h"

TC_KERNEL void tc_depth_to_space_f32_ref(const tc_depth_to_space_params *p, const float *const *rows,
                                         const tc_span *cols, int32_t y, float *out)
{
    const int32_t line = p->in_c / p->block;
    const int32_t channels = line / p->block;
    int32_t part = cols->begin % p->block;
    const float *in = rows[0] + (cols->begin / p->block - cols->origin) * p->in_c + y % p->block * line;
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        out = tc_put_floats(out, in + part * channels, channels);
        if (++part == p->block) {
            part = 0;
            in += p->in_c;
        }
    }
}

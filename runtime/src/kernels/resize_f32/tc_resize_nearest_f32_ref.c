#include "tinyc/resize_f32.h"

TC_KERNEL void tc_resize_nearest_f32_ref(const tc_resize_params *p, const float *const *rows, const tc_span *cols,
                                         const uint16_t *columns, float *out)
{
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const float *x = rows[0] + (columns[ox] - cols->origin) * p->channels;
        for (int32_t c = 0; c < p->channels; c++) {
            *out++ = x[c];
        }
    }
}

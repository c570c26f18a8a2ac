#include "tinyc/resize.h"

TC_KERNEL void tc_resize_nearest_s8_ref(const tc_resize_params *p, const int8_t *const *rows, const tc_span *cols,
                                        const uint16_t *columns, int8_t *out)
{
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const int8_t *x = rows[0] + (columns[ox] - cols->origin) * p->channels;
        for (int32_t c = 0; c < p->channels; c++) {
            *out++ = x[c];
        }
    }
}

#include "tinyc/resize_f32.h"

static inline float between(float a, float b, float weight)
{
    const float part = (b - a) * weight;
    return a + part;
}

TC_KERNEL void tc_resize_bilinear_f32_ref(const tc_resize_params *p, const float *const *rows, const tc_span *cols,
                                          int32_t y, const uint8_t *row_pairs, const float *row_weights,
                                          const uint16_t *columns, const float *column_weights, float *out)
{
    const float *const last = rows[p->kernel_h - 1];
    const float *const first = row_pairs[y] ? rows[0] : last;
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const int32_t left = (columns[2 * ox] - cols->origin) * p->channels;
        const int32_t right = (columns[2 * ox + 1] - cols->origin) * p->channels;
        for (int32_t c = 0; c < p->channels; c++) {
            const float low = between(first[left + c], last[left + c], row_weights[y]);
            const float high = between(first[right + c], last[right + c], row_weights[y]);
            *out++ = between(low, high, column_weights[ox]);
        }
    }
}

#include "tinyc/unsigned.h"

TC_KERNEL void tc_resize_bilinear_f32_u8_ref(const tc_resize_params *p, const int8_t *const *rows, const tc_span *cols,
                                             int32_t y, const uint8_t *row_pairs, const float *row_weights,
                                             const uint16_t *columns, const float *column_weights, int8_t *out)
{
    const float low = row_weights[y];
    const int8_t *below = rows[p->kernel_h - 1];
    const int8_t *above = row_pairs[y] ? rows[0] : below;
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const float right = column_weights[ox];
        const int32_t first = (columns[2 * ox] - cols->origin) * p->channels;
        const int32_t last = (columns[2 * ox + 1] - cols->origin) * p->channels;
        for (int32_t c = 0; c < p->channels; c++) {
            const float a0 = (float)(above[first + c] + 128);
            const float b0 = (float)(below[first + c] + 128);
            const float a1 = (float)(above[last + c] + 128);
            const float b1 = (float)(below[last + c] + 128);
            const float sum = a0 * (1.0f - low) * (1.0f - right) + b0 * low * (1.0f - right) +
                              a1 * (1.0f - low) * right + b1 * low * right + 0.5f;
            *out++ = (int8_t)((int32_t)sum - 128);
        }
    }
}

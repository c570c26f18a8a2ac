#include "tinyc/unsigned.h"

#define ONE 1024

TC_KERNEL void tc_resize_bilinear_u8_ref(const tc_resize_params *p, const int8_t *const *rows, const tc_span *cols,
                                         int32_t y, const uint16_t *row_weights, const uint16_t *columns,
                                         const uint16_t *column_weights, int8_t *out)
{
    const int32_t low = row_weights[y];
    const int8_t *below = rows[p->kernel_h - 1];
    const int8_t *above = low < ONE ? rows[0] : below;
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const int32_t right = column_weights[ox];
        const int32_t next = right > 0 ? p->channels : 0;
        const int32_t at = (columns[ox] - cols->origin) * p->channels;
        const int8_t *a = above + at;
        const int8_t *b = below + at;
        const int32_t w00 = (ONE - low) * (ONE - right);
        const int32_t w01 = (ONE - low) * right;
        const int32_t w10 = low * (ONE - right);
        const int32_t w11 = low * right;
        for (const int8_t *end = out + p->channels; out != end; a++, b++) {
            *out++ = (int8_t)((w00 * a[0] + w01 * a[next] + w10 * b[0] + w11 * b[next] + (1 << 19)) >> 20);
        }
    }
}

#include "tinyc/resize.h"

#define ONE 1024

TC_KERNEL void tc_resize_bilinear_s8_ref(const tc_resize_params *p, const int8_t *const *rows, const tc_span *cols,
                                         int32_t y, const uint16_t *row_weights, const uint16_t *columns,
                                         const uint16_t *column_weights, int8_t *out)
{
    const int32_t low = row_weights[y];
    const int8_t *below = rows[p->kernel_h - 1];
    const int8_t *above = low < ONE ? rows[0] : below;
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const int32_t right = column_weights[ox];
        const int32_t at = (columns[ox] - cols->origin) * p->channels;
        const int32_t next = right > 0 ? at + p->channels : at;
        const int32_t w00 = (ONE - low) * (ONE - right);
        const int32_t w01 = (ONE - low) * right;
        const int32_t w10 = low * (ONE - right);
        const int32_t w11 = low * right;
        for (int32_t c = 0; c < p->channels; c++) {
            const int32_t sum =
                w00 * above[at + c] + w01 * above[next + c] + w10 * below[at + c] + w11 * below[next + c];
            *out++ = (int8_t)tc_divide_pot(sum, 20);
        }
    }
}

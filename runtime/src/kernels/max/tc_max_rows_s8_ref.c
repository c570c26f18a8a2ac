#include "tinyc/max.h"

TC_KERNEL void tc_max_rows_s8_ref(const tc_max_rows_params *p, const int8_t *row, int32_t y, int8_t *out, int8_t *most)
{
    for (int32_t c = 0; c < p->channels; c++) {
        int8_t largest = y == 0 ? row[c] : most[c];
        for (int32_t x = 0; x < p->width; x++) {
            const int8_t value = row[x * p->channels + c];
            largest = value > largest ? value : largest;
        }
        most[c] = largest;
        if (y == p->rows - 1) {
            out[c] = largest;
        }
    }
}

#include <arm_mve.h>

#include "tinyc/max.h"

TC_KERNEL void tc_min_rows_s8_mve(const tc_max_rows_params *p, const int8_t *row, int32_t y, int8_t *out, int8_t *most)
{
    int8_t *const to = y == p->rows - 1 ? out : most;
    for (int32_t c = 0; c < p->channels; c += 16) {
        const mve_pred16_t lanes = vctp8q((uint32_t)(p->channels - c));
        const int8_t *x = row + c;
        int8x16_t found = vldrbq_z_s8(y == 0 ? x : most + c, lanes);
        for (int32_t i = 0; i < p->width; i++, x += p->channels) {
            found = vminq_s8(found, vldrbq_z_s8(x, lanes));
        }
        vstrbq_p_s8(to + c, found, lanes);
    }
}

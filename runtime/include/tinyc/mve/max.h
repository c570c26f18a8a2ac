/* Extremes of 16 channels at a time for Helium. */
#ifndef TINYC_MVE_MAX_H
#define TINYC_MVE_MAX_H

#include <arm_mve.h>

#include "tinyc/max.h"

/* least: 1 for the smallest, 0 for the largest. */
TC_INLINE void tc_most_of_rows_mve(const tc_max_rows_params *p, const int8_t *row, int32_t y, int8_t *out, int8_t *most,
                                   const int32_t least)
{
    int8_t *const to = y == p->rows - 1 ? out : most;
    for (int32_t c = 0; c < p->channels; c += 16) {
        const mve_pred16_t lanes = vctp8q((uint32_t)(p->channels - c));
        const int8_t *x = row + c;
        int8x16_t found = vldrbq_z_s8(y == 0 ? x : most + c, lanes);
        for (int32_t i = 0; i < p->width; i++, x += p->channels) {
            const int8x16_t v = vldrbq_z_s8(x, lanes);
            found = least ? vminq_s8(found, v) : vmaxq_s8(found, v);
        }
        vstrbq_p_s8(to + c, found, lanes);
    }
}

#endif

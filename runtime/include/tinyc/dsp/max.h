/* Extremes of four channels at a time for Armv7E-M SIMD. */
#ifndef TINYC_DSP_MAX_H
#define TINYC_DSP_MAX_H

#include "tinyc/dsp/pool.h"
#include "tinyc/max.h"

/* least: 1 for the smallest, 0 for the largest. Bytes are taken as offsets from -128: a saturated difference is what
 * one of two has more. No SSUB8 and SEL: see dsp/clamp.h */
TC_INLINE void tc_most_of_rows_dsp(const tc_max_rows_params *p, const int8_t *row, int32_t y, int8_t *out, int8_t *most,
                                   const int32_t least)
{
    const uint32_t sign = 0x80808080u;
    int32_t c = 0;
    for (; c + 4 <= p->channels; c += 4) {
        const int8_t *x = row + c;
        uint32_t found = tc_four_dsp(y == 0 ? x : most + c) ^ sign;
        for (int32_t i = 0; i < p->width; i++, x += p->channels) {
            const uint32_t v = tc_four_dsp(x) ^ sign;
            found = least ? found - __uqsub8(found, v) : found + __uqsub8(v, found);
        }
        found ^= sign;
        memcpy((y == p->rows - 1 ? out : most) + c, &found, 4);
    }
    for (; c < p->channels; c++) {
        int32_t found = y == 0 ? row[c] : most[c];
        for (int32_t i = 0; i < p->width; i++) {
            const int32_t x = row[i * p->channels + c];
            found = least ? tc_min(found, x) : tc_max(found, x);
        }
        (y == p->rows - 1 ? out : most)[c] = (int8_t)found;
    }
}

#endif

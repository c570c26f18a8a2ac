/* What kernels for convolutions of ternary weights are given: pixels, and taps that make no code. */
#ifndef TINYC_SCALAR_TERNARY_WINDOW_H
#define TINYC_SCALAR_TERNARY_WINDOW_H

#include "tinyc/scalar/rests.h"
#include "tinyc/ternary.h"

/* Where a kernel's taps come from. rows: NULL for pixels one after the other. */
typedef struct {
    const int8_t *const *rows; /* [kernel_h] */
    const int8_t *padding;     /* the pixel outside the image */
    int32_t origin;            /* column of the image at rows[ky][0] */
    int32_t ix;                /* column of the image under the kernel's first, for the first pixel */
    int32_t n;                 /* pixels, 1 to 8 */
} tc_ternary_window;

/* Unpacks the first taps of all channels where they are in no code of their own. to: [out_c] codes. */
static inline void tc_ternary_firsts(const tc_ternary_params *p, const uint8_t *rests, uint8_t *to)
{
    if (p->rest == 0) {
        return;
    }
    uint32_t place = 1;
    for (int32_t i = p->rest; i < 5; i++) {
        place *= 3;
    }
    tc_rests rest = tc_rests_of(rests, p->rest, p->out_c);
    for (int32_t oc = 0; oc < p->out_c; oc++) {
        to[oc] = (uint8_t)(place * tc_rests_code(&rest));
    }
    if (p->rest > 3) {
        rest = tc_rests_of(rest.end, 2, p->out_c);
        for (int32_t oc = 0; oc < p->out_c; oc++) {
            to[oc] = (uint8_t)(to[oc] + 9 * place * tc_rests_code(&rest));
        }
    }
}

#endif

/* The matrix product of mve/matmul.h, of any number of pixels. */
#ifndef TINYC_MVE_BLOCKS_H
#define TINYC_MVE_BLOCKS_H

#include "tinyc/kernel.h"
#ifdef TC_MANY_REGISTERS
#include "tinyc/mve/blocks_assembly.h"
#else
#include "tinyc/mve/blocks_portable.h"
#endif

/* Bytes clamped in place. */
static inline void tc_clamp_mve(const tc_matmul_mve *m, int8_t *x, int32_t n)
{
    const int8x16_t low = vdupq_n_s8((int8_t)m->act_min), high = vdupq_n_s8((int8_t)m->act_max);
    for (; n > 0; n -= 16, x += 16) {
        const mve_pred16_t lanes = vctp8q((uint32_t)n);
        vstrbq_p_s8(x, vminq_s8(vmaxq_s8(vldrbq_z_s8(x, lanes), low), high), lanes);
    }
}

/* Pixels `pitch` bytes apart; out: [pixels, out_c]. */
TC_INLINE_MVE void tc_pixels_mve(const tc_matmul_mve *m, const int8_t *x, int32_t pitch, const int32_t *w, int8_t *out,
                                 int32_t pixels)
{
    const int32_t pairs = pixels >> 1;
    const int8_t *const last = x + (pixels - 1) * pitch;
    int8_t *const last_out = out + (pixels - 1) * m->out_c;
    if (m->is_signed) {
        if (pairs) {
            tc_pairs_signed_mve(m, x, pitch, w, out, pairs);
        }
        if (pixels & 1) {
            tc_pixel_mve(m, last, w, last_out, TC_SIGNED_MVE);
        }
    } else {
        if (pairs) {
            tc_pairs_positive_mve(m, x, pitch, w, out, pairs);
        }
        if (pixels & 1) {
            tc_pixel_mve(m, last, w, last_out, TC_POSITIVE_MVE);
        }
    }
    if (m->clamp) {
        tc_clamp_mve(m, out, pixels * m->out_c);
    }
}

#endif

/* Blocks of mve/matmul.h in intrinsics, for where assembly cannot have nearly all registers. */
#ifndef TINYC_MVE_BLOCKS_PORTABLE_H
#define TINYC_MVE_BLOCKS_PORTABLE_H

#include "tinyc/mve/finish.h"

/* All channels of one pixel. */
static inline void tc_pixel_mve(const tc_matmul_mve *m, const int8_t *x, const int32_t *w, int8_t *out,
                                tc_rounding_mve rounding)
{
    for (int32_t left = m->out_c; left > 0; left -= 4, out += 4) {
        int32_t sums[4] = {0, 0, 0, 0};
        for (int32_t k = 0; k < m->depth; k += 16, w += 16) {
            const int8_t *const weights = (const int8_t *)w;
            const int8x16_t v = vldrbq_z_s8(x + k, vctp8q((uint32_t)(m->depth - k)));
            for (int32_t c = 0; c < 4; c++) {
                sums[c] = vmladavaq_s8(sums[c], v, vldrbq_s8(weights + 16 * c));
            }
        }
        const int32x4_t acc = vaddq_s32(vldrwq_s32(sums), vldrwq_s32(w));
        vstrbq_p_s32(out, tc_bytes_of_four_mve(acc, w + 4, 4, rounding), vctp32q((uint32_t)left));
        w += 16;
    }
}

/* All channels of pairs of pixels, which are `pitch` bytes apart. */
static inline void tc_pairs_of_mve(const tc_matmul_mve *m, const int8_t *x, int32_t pitch, const int32_t *w,
                                   int8_t *out, int32_t pairs, tc_rounding_mve rounding)
{
    for (int32_t i = 0; i < 2 * pairs; i++) {
        tc_pixel_mve(m, x + i * pitch, w, out + i * m->out_c, rounding);
    }
}

static inline void tc_pairs_signed_mve(const tc_matmul_mve *m, const int8_t *x, int32_t pitch, const int32_t *w,
                                       int8_t *out, int32_t pairs)
{
    tc_pairs_of_mve(m, x, pitch, w, out, pairs, TC_SIGNED_MVE);
}

static inline void tc_pairs_positive_mve(const tc_matmul_mve *m, const int8_t *x, int32_t pitch, const int32_t *w,
                                         int8_t *out, int32_t pairs)
{
    tc_pairs_of_mve(m, x, pitch, w, out, pairs, TC_POSITIVE_MVE);
}

#endif

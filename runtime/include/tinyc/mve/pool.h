/* Sums of four channels at a time, and their means, for Helium. */
#ifndef TINYC_MVE_POOL_H
#define TINYC_MVE_POOL_H

#include <arm_mve.h>

#include "tinyc/kernel.h"
#include "tinyc/reduce.h"

/* Adds four channels, those in `lanes`, of n pixels, which are `pitch` bytes apart. */
static inline int32x4_t tc_add_four_mve(int32x4_t sum, const int8_t *x, int32_t n, int32_t pitch, mve_pred16_t lanes)
{
    for (int32_t i = 0; i < n; i++, x += pitch) {
        sum = vaddq_s32(sum, vldrbq_z_s32(x, lanes));
    }
    return sum;
}

enum { TC_MEAN_COUNT_MVE = 5000 };

/* sum / count, halves away from zero. |sum| <= 128 * count; count in [1, TC_MEAN_COUNT_MVE]: then
 * n * ceil(2^32 / count) / 2^32 is n / count, rounded down, for every n that comes up. */
static inline int32x4_t tc_mean_four_mve(int32x4_t sum, int32_t count)
{
    if (count == 1) {
        return sum;
    }
    const uint32x4_t n = vaddq_n_u32(vreinterpretq_u32_s32(vabsq_s32(sum)), (uint32_t)count / 2);
    const int32x4_t mean = vreinterpretq_s32_u32(vmulhq_u32(n, vdupq_n_u32(UINT32_MAX / (uint32_t)count + 1)));
    return vpselq_s32(mean, vnegq_s32(mean), vcmpgeq_n_s32(sum, 0));
}

/* Clamped to [low, high] and stored as bytes. */
static inline void tc_store_four_mve(int8_t *out, int32x4_t v, int32_t low, int32_t high, mve_pred16_t lanes)
{
    vstrbq_p_s32(out, vminq_s32(vmaxq_s32(v, vdupq_n_s32(low)), vdupq_n_s32(high)), lanes);
}

/* acc * multiplier * 2^(shift - 31) as TFLite rounds it, twice. */
static inline int32x4_t tc_requant_four_mve(int32x4_t acc, int32_t multiplier, int32_t shift)
{
    if (shift >= 0) {
        return vqrdmulhq_n_s32(vshlq_r_s32(acc, shift), multiplier);
    }
    const int32x4_t v = vqrdmulhq_n_s32(acc, multiplier);
    return vrshlq_n_s32(vaddq_s32(v, vshrq_n_s32(v, 31)), shift);
}

/* The row's bytes added to the sums; row 0 clears them first. */
static inline void tc_reduce_add_mve(const tc_reduce_image *p, const int8_t *row, int32_t y, int32_t *sums)
{
    for (int32_t c = 0; c < p->channels; c += 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)(p->channels - c));
        const int32x4_t sum = y == 0 ? vdupq_n_s32(0) : vldrwq_z_s32(sums + c, lanes);
        vstrwq_p_s32(sums + c, tc_add_four_mve(sum, row + c, p->width, p->channels, lanes), lanes);
    }
}

#endif

/* From accumulators to bytes, as mve/matmul.h says. */
#ifndef TINYC_MVE_FINISH_H
#define TINYC_MVE_FINISH_H

#include <arm_mve.h>

#include "tinyc/kernel.h"
#include "tinyc/mve/matmul.h"

#define TC_INLINE_MVE TC_INLINE

typedef enum { TC_POSITIVE_MVE = 0, TC_SIGNED_MVE = 1, TC_ONCE_MVE = 2 } tc_rounding_mve;

/* Four accumulators to output bytes, each in a word of its own. constants: words of multipliers, offsets and lefts that
 * are `step` apart. */
TC_INLINE int32x4_t tc_bytes_of_four_mve(int32x4_t acc, const int32_t *constants, int32_t step,
                                         tc_rounding_mve rounding)
{
    const int32x4_t multiplier = vldrwq_s32(constants);
    int32x4_t v = rounding == TC_ONCE_MVE ? vqdmulhq_s32(acc, multiplier) : vqrdmulhq_s32(acc, multiplier);
    if (rounding == TC_SIGNED_MVE) {
        v = vaddq_s32(v, vshrq_n_s32(v, 31));
    }
    v = vqshlq_s32(vaddq_s32(v, vldrwq_s32(constants + step)), vldrwq_s32(constants + 2 * step));
    return vshrq_n_s32(v, 24);
}

#endif

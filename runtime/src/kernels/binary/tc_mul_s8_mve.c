#include <arm_mve.h>

#include "tinyc/binary.h"

TC_KERNEL void tc_mul_s8_mve(const tc_mul_mve_params *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t n)
{
    const int32x4_t low = vdupq_n_s32(p->act_min), high = vdupq_n_s32(p->act_max);
    for (int32_t left = n; left > 0; left -= 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)left);
        const int32x4_t x = vsubq_n_s32(vldrbq_z_s32(a, lanes), p->a_zp);
        const int32x4_t y = vsubq_n_s32(vldrbq_z_s32(b, lanes), p->b_zp);
        int32x4_t v = vqrdmulhq_n_s32(vmulq_s32(x, y), p->multiplier);
        v = vaddq_n_s32(vaddq_s32(v, vshrq_n_s32(v, 31)), p->offset);
        v = vshrq_n_s32(vqshlq_r_s32(v, p->left), 24);
        vstrbq_p_s32(out, vminq_s32(vmaxq_s32(v, low), high), lanes);
        a += 4;
        b += 4;
        out += 4;
    }
}

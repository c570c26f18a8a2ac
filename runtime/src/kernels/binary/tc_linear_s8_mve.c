#include <arm_mve.h>

#include "tinyc/binary.h"

TC_KERNEL void tc_linear_s8_mve(const tc_linear_mve_params *p, const int8_t *a, const int8_t *b, int8_t *out, int32_t n)
{
    const int32x4_t factor = vdupq_n_s32(p->a);
    const int8_t *const begin = out;
    const int32_t bytes = n;
    if (n <= 0) {
        return;
    }
    __asm__ volatile("dlstp.32 lr, %[n]\n\t"
                     "1:\n\t"
                     "vldrb.s32 q0, [%[a]], #4\n\t"
                     "vldrb.s32 q1, [%[b]], #4\n\t"
                     "vmlas.s32 q0, %q[factor], %[offset]\n\t"
                     "vmla.s32 q0, q1, %[times]\n\t"
                     "vqshl.s32 q0, %[left]\n\t"
                     "vshr.s32 q0, q0, #24\n\t"
                     "vstrb.32 q0, [%[out]], #4\n\t"
                     "letp lr, 1b\n\t"
                     : [a] "+&l"(a), [b] "+&l"(b), [out] "+&l"(out)
                     : [n] "r"(n), [factor] "w"(factor), [offset] "r"(p->offset), [times] "r"(p->b), [left] "r"(p->left)
                     : "lr", "q0", "q1", "cc", "memory");
    if (p->clamp) {
        int8_t *x = (int8_t *)begin;
        for (int32_t left = bytes; left > 0; left -= 16, x += 16) {
            const mve_pred16_t lanes = vctp8q((uint32_t)left);
            const int8x16_t v = vmaxq_s8(vldrbq_z_s8(x, lanes), vdupq_n_s8((int8_t)p->act_min));
            vstrbq_p_s8(x, vminq_s8(v, vdupq_n_s8((int8_t)p->act_max)), lanes);
        }
    }
}

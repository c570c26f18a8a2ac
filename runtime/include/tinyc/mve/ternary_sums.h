/* Sums of ternary weights by Helium: five outputs at a time, of one vector of inputs. */
#ifndef TINYC_MVE_TERNARY_SUMS_H
#define TINYC_MVE_TERNARY_SUMS_H

#include "tinyc/mve/ternary.h"

/* Sums of `fives` times five outputs, at least one, of n inputs: [fives, n] codes. A function of its own, as it takes
 * all registers. */
#ifdef TC_MANY_REGISTERS
TC_NO_FRAME_POINTER TC_SHARED void tc_fives_mve(const int8_t *x, const int8_t *codes, int32_t n, int32_t *sums,
                                                int32_t fives)
{
    register const int8_t *r0 __asm__("r0") = x;
    register const int8_t *r1 __asm__("r1") = codes;
    register int32_t r2 __asm__("r2") = n;
    register int32_t *r3 __asm__("r3") = sums;
    __asm__ volatile("ldr r9, %[fives]\n\t"
                     "mov r11, #3\n\t"
                     "vmov.i8 q3, #85\n\t"
                     "1:\n\t"
                     "mov r5, r0\n\t"
                     "mov r7, r1\n\t"
                     "add r1, r1, r2\n\t"
                     "clrm {r4, r6, r8, r10, r12}\n\t"
                     "dlstp.8 lr, r2\n\t"
                     "2:\n\t"
                     "vldrb.u8 q0, [r5], #16\n\t"
                     "vldrb.u8 q1, [r7], #16\n\t"
                     "vrmulh.s8 q2, q1, q3\n\t"
                     "vmladava.s8 r4, q0, q1\n\t"
                     "vrmulh.s8 q1, q2, q3\n\t"
                     "vmladava.s8 r6, q0, q2\n\t"
                     "vrmulh.s8 q2, q1, q3\n\t"
                     "vmladava.s8 r8, q0, q1\n\t"
                     "vrmulh.s8 q1, q2, q3\n\t"
                     "vmladava.s8 r10, q0, q2\n\t"
                     "vmladava.s8 r12, q0, q1\n\t"
                     "letp lr, 2b\n\t"
                     "mls r4, r6, r11, r4\n\t"
                     "mls r6, r8, r11, r6\n\t"
                     "mls r8, r10, r11, r8\n\t"
                     "mls r10, r12, r11, r10\n\t"
                     "stmia r3!, {r4, r6, r8, r10, r12}\n\t"
                     "subs r9, r9, #1\n\t"
                     "bne 1b\n\t"
                     : "+r"(r1), "+r"(r3)
                     : "r"(r0), "r"(r2), [fives] "m"(fives)
                     : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2", "q3", "cc",
                       "memory");
}
#else
TC_SHARED void tc_fives_mve(const int8_t *x, const int8_t *codes, int32_t n, int32_t *sums, int32_t fives)
{
    const int8x16_t third = vdupq_n_s8(TC_THIRD_MVE);
    for (; fives > 0; fives--, codes += n, sums += 5) {
        int32_t s[5] = {0, 0, 0, 0, 0};
        for (int32_t i = 0; i < n; i += 16) {
            const mve_pred16_t lanes = vctp8q((uint32_t)(n - i));
            const int8x16_t input = vldrbq_z_s8(x + i, lanes);
            int8x16_t code = vldrbq_z_s8(codes + i, lanes);
            for (int32_t k = 0; k < 5; k++) {
                s[k] = vmladavaq_s8(s[k], input, code);
                code = vrmulhq_s8(code, third);
            }
        }
        for (int32_t k = 0; k < 5; k++) {
            sums[k] = k < 4 ? s[k] - 3 * s[k + 1] : s[k];
        }
    }
}
#endif

#endif

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
    const int8x16_t third = vdupq_n_s8(TC_THIRD_MVE);
    const int8_t *input;
    const int8_t *code;
    __asm__ volatile(
        "1:\n\t"
        "mov %[input], %[x]\n\t"
        "mov %[code], %[codes]\n\t"
        "add %[codes], %[codes], %[n]\n\t"
        "clrm {r0, r2, r4, r6, r8}\n\t"
        "dlstp.8 lr, %[n]\n\t"
        "2:\n\t"
        "vldrb.u8 q0, [%[input]], #16\n\t"
        "vldrb.u8 q1, [%[code]], #16\n\t"
        "vrmulh.s8 q2, q1, %q[third]\n\t"
        "vmladava.s8 r0, q0, q1\n\t"
        "vrmulh.s8 q3, q2, %q[third]\n\t"
        "vmladava.s8 r2, q0, q2\n\t"
        "vrmulh.s8 q1, q3, %q[third]\n\t"
        "vmladava.s8 r4, q0, q3\n\t"
        "vrmulh.s8 q2, q1, %q[third]\n\t"
        "vmladava.s8 r6, q0, q1\n\t"
        "vmladava.s8 r8, q0, q2\n\t"
        "letp lr, 2b\n\t"
        "mls r0, r2, %[three], r0\n\t"
        "mls r2, r4, %[three], r2\n\t"
        "mls r4, r6, %[three], r4\n\t"
        "mls r6, r8, %[three], r6\n\t"
        "stmia %[sums]!, {r0, r2, r4, r6, r8}\n\t"
        "subs %[fives], %[fives], #1\n\t"
        "bne 1b\n\t"
        : [codes] "+&r"(codes), [sums] "+&r"(sums), [fives] "+&r"(fives), [input] "=&r"(input), [code] "=&r"(code)
        : [x] "r"(x), [n] "r"(n), [three] "r"(3), [third] "w"(third)
        : "r0", "r2", "r4", "r6", "r8", "lr", "q0", "q1", "q2", "q3", "cc", "memory");
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

/* One vector times four outputs at a time for Armv7E-M SIMD. Weights, sums and bytes are as in dsp/matmul.h. */
#ifndef TINYC_DSP_VECTOR_H
#define TINYC_DSP_VECTOR_H

#include <string.h>

#include "tinyc/dsp/assembly.h"
#include "tinyc/fully_connected.h"

/* What groups of a vector are told.
 * end: after the vector; weights: of the next group; advance: inputs that the first four count for, 1 to 4; zero: 2 *
 * the output's zero point + 1; groups: to do, >= 1; entry: steps that the first turn of the unrolled loop leaves out,
 * then where it starts. */
#define TC_GROUPS_ARGUMENTS_DSP                                                                                        \
    TC_ARGUMENT_DSP const int8_t *in, TC_ARGUMENT_DSP const int8_t *end, TC_ARGUMENT_DSP const int32_t *weights,       \
        TC_ARGUMENT_DSP int8_t *out, TC_ARGUMENT_DSP int32_t advance, TC_ARGUMENT_DSP int32_t zero,                    \
        TC_ARGUMENT_DSP int32_t groups, TC_ARGUMENT_DSP uint32_t entry
typedef void tc_groups_dsp(TC_GROUPS_ARGUMENTS_DSP);
#define TC_GROUPS_IN TC_ARGUMENT_AT_DSP(0)
#define TC_GROUPS_END TC_ARGUMENT_AT_DSP(1)
#define TC_GROUPS_WEIGHTS TC_ARGUMENT_AT_DSP(2)
#define TC_GROUPS_OUT TC_ARGUMENT_AT_DSP(3)
#define TC_GROUPS_ADVANCE TC_ARGUMENT_AT_DSP(4)
#define TC_GROUPS_ZERO TC_ARGUMENT_AT_DSP(5)
#define TC_GROUPS_GROUPS TC_ARGUMENT_AT_DSP(6)
#define TC_GROUPS_ENTRY TC_ARGUMENT_AT_DSP(7)

/* Four inputs: r0 inputs, r1 weights, r5 r7 sums of a, r6 r8 sums of a + 256 * b. 16 instructions for 16 products. */
#define TC_VECTOR_STEP                                                                                                 \
    "ldr r2, [r0], #4\n\t"                                                                                             \
    "ldmia r1!, {r9, r10, r11, r12}\n\t"                                                                               \
    "sxtb16 r3, r2, ror #8\n\t"                                                                                        \
    "sxtb16 r2, r2\n\t"                                                                                                \
    "smlad r6, r2, r9, r6\n\t"                                                                                         \
    "smlad r6, r3, r10, r6\n\t"                                                                                        \
    "sxtb16 r9, r9\n\t"                                                                                                \
    "sxtb16 r10, r10\n\t"                                                                                              \
    "smlad r5, r2, r9, r5\n\t"                                                                                         \
    "smlad r5, r3, r10, r5\n\t"                                                                                        \
    "smlad r8, r2, r11, r8\n\t"                                                                                        \
    "smlad r8, r3, r12, r8\n\t"                                                                                        \
    "sxtb16 r11, r11\n\t"                                                                                              \
    "sxtb16 r12, r12\n\t"                                                                                              \
    "smlad r7, r2, r11, r7\n\t"                                                                                        \
    "smlad r7, r3, r12, r7\n\t"

/* From an accumulator to a byte. x: accumulator; m: multiplier, or twice that where rounding twice, as a signed word:
 * x * (2 * m - 2^32) / 2^32 + x is 2 * x * m / 2^32. r10: shift less 1; r11: 2 * the output's zero point + 1. */
#define TC_VECTOR_BYTE(x)                                                                                              \
    "asr " x ", " x ", r10\n\t"                                                                                        \
    "add " x ", " x ", r11\n\t"                                                                                        \
    "ssat " x ", #8, " x ", asr #1\n\t"
#define TC_VECTOR_ONCE(x, m) "smmul " x ", " x ", " m "\n\t" TC_VECTOR_BYTE(x)
#define TC_VECTOR_TWICE(x, m) "smmlar " x ", " x ", " m ", " x "\n\t" TC_VECTOR_BYTE(x)
#define TC_VECTOR_TWICE_SIGNED(x, m)                                                                                   \
    "add r12, " x ", " x ", asr #31\n\tsmmlar " x ", " x ", " m ", r12\n\t" TC_VECTOR_BYTE(x)

/* Four sums to a word of bytes in r5. */
#define TC_VECTOR_NEXT "lsr r10, r10, #8\n\t"
#define TC_VECTOR_BYTES(byte)                                                                                          \
    byte("r5", "r2") TC_VECTOR_NEXT byte("r6", "r3") TC_VECTOR_NEXT byte("r7", "r4")                                   \
        TC_VECTOR_NEXT byte("r8", "r9") "bfi r5, r6, #8, #8\n\t"                                                       \
                                        "bfi r5, r7, #16, #8\n\t"                                                      \
                                        "bfi r5, r8, #24, #8\n\t"

/* Groups of a vector. `byte`: accumulator to output byte. */
#define TC_DEFINE_VECTOR(name, byte)                                                                                   \
    TC_NAKED_DSP void name(TC_GROUPS_ARGUMENTS_DSP)                                                                    \
    {                                                                                                                  \
        __asm__ volatile(TC_ENTER_DSP                                                                                  \
                         "ldr r3, 9f\n\t"                                                                              \
                         "ldr r2, " TC_GROUPS_ENTRY "\n\t"                                                             \
                         "adr r4, 2f\n\t"                                                                              \
                         "mla r4, r2, r3, r4\n\t"                                                                      \
                         "orr r4, r4, #1\n\t"                                                                          \
                         "str r4, " TC_GROUPS_ENTRY "\n\t"                                                             \
                         "ldr r1, " TC_GROUPS_WEIGHTS "\n\t"                                                           \
                         "ldr lr, " TC_GROUPS_END "\n\t"                                                               \
                         "1:\n\t"                                                                                      \
                         "ldr r0, " TC_GROUPS_IN "\n\t"                                                                \
                         "ldmia r1!, {r5, r6, r7, r8}\n\t" TC_VECTOR_STEP "ldr r2, " TC_GROUPS_ADVANCE "\n\t"          \
                         "sub r0, r0, r2\n\t"                                                                          \
                         "ldr pc, " TC_GROUPS_ENTRY "\n\t"                                                             \
                         ".balign 4\n\t"                                                                               \
                         "9: .word (3f - 2f) / 4\n\t"                                                                  \
                         "2:\n\t" TC_VECTOR_STEP TC_VECTOR_STEP TC_VECTOR_STEP TC_VECTOR_STEP "3:\n\t"                 \
                         "cmp r0, lr\n\t"                                                                              \
                         "bne 2b\n\t"                                                                                  \
                         "sub r6, r6, r5\n\t"                                                                          \
                         "sub r8, r8, r7\n\t"                                                                          \
                         "asr r6, r6, #8\n\t"                                                                          \
                         "asr r8, r8, #8\n\t"                                                                          \
                         "ldmia r1!, {r2, r3, r4, r9, r10}\n\t"                                                        \
                         "ldr r11, " TC_GROUPS_ZERO "\n\t" TC_VECTOR_BYTES(byte) "ldr r2, " TC_GROUPS_OUT "\n\t"       \
                                                                                 "str r5, [r2], #4\n\t"                \
                                                                                 "str r2, " TC_GROUPS_OUT "\n\t"       \
                                                                                 "ldr r2, " TC_GROUPS_GROUPS "\n\t"    \
                                                                                 "subs r2, r2, #1\n\t"                 \
                                                                                 "str r2, " TC_GROUPS_GROUPS "\n\t"    \
                                                                                 "bne 1b\n\t" TC_LEAVE_DSP);           \
    }

TC_DEFINE_VECTOR(tc_vector_once_dsp, TC_VECTOR_ONCE)
TC_DEFINE_VECTOR(tc_vector_twice_dsp, TC_VECTOR_TWICE)
TC_DEFINE_VECTOR(tc_vector_signed_dsp, TC_VECTOR_TWICE_SIGNED)

/* All outputs of one vector by one of the functions above. */
TC_INLINE void tc_vector_all_dsp(const tc_fully_connected_dsp_params *p, const int8_t *in, const int32_t *weights,
                                 int8_t *out, tc_groups_dsp *groups)
{
    const int32_t rest = p->in_n & 3;
    const int32_t advance = rest ? 4 - rest : 0;
    const int32_t whole = p->out_n >> 2;
    const int32_t steps = (p->in_n - 1) >> 2;
    const uint32_t skipped = steps ? (uint32_t)-steps & 3u : 4u;
    const int8_t *const end = in + p->in_n;
    if (whole) {
        groups(in, end, weights, out, advance, p->zero, whole, skipped);
    }
    if (p->out_n & 3) {
        int8_t last[4];
        groups(in, end, weights + whole * (9 + ((p->in_n + 3) & ~3)), last, advance, p->zero, 1, skipped);
        memcpy(out + 4 * whole, last, (size_t)(p->out_n & 3));
    }
}

#endif

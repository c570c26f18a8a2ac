/* Blocks of the matrix product of dsp/matmul.h: a few pixels times two output channels at a time. */
#ifndef TINYC_DSP_BLOCKS_H
#define TINYC_DSP_BLOCKS_H

#include "tinyc/dsp/assembly.h"
#include "tinyc/dsp/matmul.h"
#include "tinyc/kernel.h"

/* What a block is told.
 * out: channel of the next pair, of the first pixel; stride: bytes from pixel to pixel of the output; columns: [depth /
 * 4][2][pixels][2], up to end; weights: of the next pair; pairs: to do, >= 1; entry: steps of the unrolled loop that
 * its first turn leaves out, then where it starts. */
#define TC_BLOCK_ARGUMENTS_DSP                                                                                         \
    TC_ARGUMENT_DSP int8_t *out, TC_ARGUMENT_DSP int32_t stride, TC_ARGUMENT_DSP const int16_t *columns,               \
        TC_ARGUMENT_DSP const int16_t *end, TC_ARGUMENT_DSP const int32_t *weights, TC_ARGUMENT_DSP int32_t pairs,     \
        TC_ARGUMENT_DSP uint32_t entry
#define TC_BLOCK_OUT TC_ARGUMENT_AT_DSP(0)
#define TC_BLOCK_STRIDE TC_ARGUMENT_AT_DSP(1)
#define TC_BLOCK_COLUMNS TC_ARGUMENT_AT_DSP(2)
#define TC_BLOCK_END TC_ARGUMENT_AT_DSP(3)
#define TC_BLOCK_WEIGHTS TC_ARGUMENT_AT_DSP(4)
#define TC_BLOCK_PAIRS TC_ARGUMENT_AT_DSP(5)
#define TC_BLOCK_ENTRY TC_ARGUMENT_AT_DSP(6)

/* Depth 4 of three pixels: r0 columns, r1 weights, r5 r6 r7 A, r8 r9 r10 S. 17 instructions for 24 products. */
#define TC_STEP_3X2                                                                                                    \
    "ldmia r0!, {r2, r3, r4}\n\t"                                                                                      \
    "ldmia r1!, {r11, r12}\n\t"                                                                                        \
    "smlad r8, r2, r11, r8\n\t"                                                                                        \
    "smlad r9, r3, r11, r9\n\t"                                                                                        \
    "smlad r10, r4, r11, r10\n\t"                                                                                      \
    "sxtb16 r11, r11\n\t"                                                                                              \
    "smlad r5, r2, r11, r5\n\t"                                                                                        \
    "smlad r6, r3, r11, r6\n\t"                                                                                        \
    "smlad r7, r4, r11, r7\n\t"                                                                                        \
    "ldmia r0!, {r2, r3, r4}\n\t"                                                                                      \
    "smlad r8, r2, r12, r8\n\t"                                                                                        \
    "smlad r9, r3, r12, r9\n\t"                                                                                        \
    "smlad r10, r4, r12, r10\n\t"                                                                                      \
    "sxtb16 r12, r12\n\t"                                                                                              \
    "smlad r5, r2, r12, r5\n\t"                                                                                        \
    "smlad r6, r3, r12, r6\n\t"                                                                                        \
    "smlad r7, r4, r12, r7\n\t"

/* The same of two pixels: r5 r6 A, r8 r9 S. 12 instructions for 16 products. */
#define TC_STEP_2X2                                                                                                    \
    "ldmia r0!, {r2, r3, r4, r10}\n\t"                                                                                 \
    "ldmia r1!, {r11, r12}\n\t"                                                                                        \
    "smlad r8, r2, r11, r8\n\t"                                                                                        \
    "smlad r9, r3, r11, r9\n\t"                                                                                        \
    "sxtb16 r11, r11\n\t"                                                                                              \
    "smlad r5, r2, r11, r5\n\t"                                                                                        \
    "smlad r6, r3, r11, r6\n\t"                                                                                        \
    "smlad r8, r4, r12, r8\n\t"                                                                                        \
    "smlad r9, r10, r12, r9\n\t"                                                                                       \
    "sxtb16 r12, r12\n\t"                                                                                              \
    "smlad r5, r4, r12, r5\n\t"                                                                                        \
    "smlad r6, r10, r12, r6\n\t"

/* a byte of r5..: x is the accumulator, doubled on the way. */
#define TC_BYTE_A(x)                                                                                                   \
    "lsl " x ", " x ", #1\n\t"                                                                                         \
    "smmlar " x ", " x ", r0, r2\n\t"                                                                                  \
    "asr " x ", " x ", r11\n\t"                                                                                        \
    "ssat " x ", #8, " x ", asr #1\n\t"

#define TC_BYTE_B(x)                                                                                                   \
    "asr " x ", " x ", #7\n\t"                                                                                         \
    "smmlar " x ", " x ", r3, r4\n\t"                                                                                  \
    "asr " x ", " x ", r11\n\t"                                                                                        \
    "ssat " x ", #8, " x ", asr #1\n\t"

/* With the correction for negative accumulators. */
#define TC_BYTE_A_SIGNED(x)                                                                                            \
    "add lr, r2, " x ", asr #31\n\t"                                                                                   \
    "lsl " x ", " x ", #1\n\t"                                                                                         \
    "smmlar " x ", " x ", r0, lr\n\t"                                                                                  \
    "asr " x ", " x ", r11\n\t"                                                                                        \
    "ssat " x ", #8, " x ", asr #1\n\t"

#define TC_BYTE_B_SIGNED(x)                                                                                            \
    "add lr, r4, " x ", asr #31\n\t"                                                                                   \
    "asr " x ", " x ", #7\n\t"                                                                                         \
    "smmlar " x ", " x ", r3, lr\n\t"                                                                                  \
    "asr " x ", " x ", r11\n\t"                                                                                        \
    "ssat " x ", #8, " x ", asr #1\n\t"

#define TC_START_3 "mov r6, r5\n\tmov r7, r5\n\tmov r9, r8\n\tmov r10, r8\n\t"
#define TC_START_2 "mov r6, r5\n\tmov r9, r8\n\t"

/* The pair's multipliers, offsets and shifts: r0 r2 of a, then r3 r4 of b; r11 has the shift, less 1, as its lowest
 * byte. */
#define TC_PAIR_A                                                                                                      \
    "ldmia r1!, {r0, r3, r11}\n\t"                                                                                     \
    "asr r4, r11, #16\n\t"                                                                                             \
    "lsl r2, r4, r11\n\t"
#define TC_PAIR_B                                                                                                      \
    "lsr r11, r11, #8\n\t"                                                                                             \
    "lsl r4, r4, r11\n\t"

/* Differences, then bytes. */
#define TC_FINISH_3(a, b)                                                                                              \
    "sub r8, r8, r5\n\tsub r9, r9, r6\n\tsub r10, r10, r7\n\t" TC_PAIR_A a("r5") a("r6") a("r7") TC_PAIR_B b("r8")     \
        b("r9") b("r10") "ldrd r0, lr, " TC_BLOCK_OUT "\n\t"                                                           \
                         "strb r5, [r0]\n\tstrb r8, [r0, #1]\n\tadd r2, r0, lr\n\t"                                    \
                         "strb r6, [r2]\n\tstrb r9, [r2, #1]\n\tadd r2, r2, lr\n\t"                                    \
                         "strb r7, [r2]\n\tstrb r10, [r2, #1]\n\t"
#define TC_FINISH_2(a, b)                                                                                              \
    "sub r8, r8, r5\n\tsub r9, r9, r6\n\t" TC_PAIR_A a("r5") a("r6") TC_PAIR_B b("r8")                                 \
        b("r9") "ldrd r0, lr, " TC_BLOCK_OUT "\n\t"                                                                    \
                "strb r5, [r0]\n\tstrb r8, [r0, #1]\n\tadd r2, r0, lr\n\t"                                             \
                "strb r6, [r2]\n\tstrb r9, [r2, #1]\n\t"

/* All pairs of a block; returns the weights of the next pair. start: spreads the first sums; step: depth 4; finish:
 * bytes of a pair, stored. The loop is unrolled four times; its first turn is entered in the middle so that the last
 * one ends with the depth. */
#define TC_DEFINE_BLOCK(name, start, step, finish, a, b)                                                               \
    TC_NAKED_DSP const int32_t *name(TC_BLOCK_ARGUMENTS_DSP)                                                           \
    {                                                                                                                  \
        __asm__ volatile(TC_ENTER_DSP "ldr r1, " TC_BLOCK_WEIGHTS "\n\t"                                               \
                                      "ldr r3, 9f\n\t"                                                                 \
                                      "ldr r2, " TC_BLOCK_ENTRY "\n\t"                                                 \
                                      "adr r4, 2f\n\t"                                                                 \
                                      "mla r4, r2, r3, r4\n\t"                                                         \
                                      "orr r4, r4, #1\n\t"                                                             \
                                      "str r4, " TC_BLOCK_ENTRY "\n\t"                                                 \
                                      "1:\n\t"                                                                         \
                                      "ldmia r1!, {r5, r8}\n\t" start "ldr r0, " TC_BLOCK_COLUMNS "\n\t"               \
                                      "ldr lr, " TC_BLOCK_END "\n\t"                                                   \
                                      "ldr pc, " TC_BLOCK_ENTRY "\n\t"                                                 \
                                      ".balign 4\n\t"                                                                  \
                                      "9: .word (3f - 2f) / 4\n\t"                                                     \
                                      "2:\n\t" step step step step "3:\n\t"                                            \
                                      "cmp r0, lr\n\t"                                                                 \
                                      "bne 2b\n\t" finish(a, b) "add r0, r0, #2\n\t"                                   \
                                                                "str r0, " TC_BLOCK_OUT "\n\t"                         \
                                                                "ldr r2, " TC_BLOCK_PAIRS "\n\t"                       \
                                                                "subs r2, r2, #1\n\t"                                  \
                                                                "str r2, " TC_BLOCK_PAIRS "\n\t"                       \
                                                                "bne 1b\n\t"                                           \
                                                                "mov r0, r1\n\t" TC_LEAVE_DSP);                        \
    }

TC_DEFINE_BLOCK(tc_block_3x2, TC_START_3, TC_STEP_3X2, TC_FINISH_3, TC_BYTE_A, TC_BYTE_B)
TC_DEFINE_BLOCK(tc_block_2x2, TC_START_2, TC_STEP_2X2, TC_FINISH_2, TC_BYTE_A, TC_BYTE_B)
TC_DEFINE_BLOCK(tc_block_3x2_signed, TC_START_3, TC_STEP_3X2, TC_FINISH_3, TC_BYTE_A_SIGNED, TC_BYTE_B_SIGNED)
TC_DEFINE_BLOCK(tc_block_2x2_signed, TC_START_2, TC_STEP_2X2, TC_FINISH_2, TC_BYTE_A_SIGNED, TC_BYTE_B_SIGNED)

/* `pairs` pairs of channels of 3 or 2 pixels, `stride` apart in the output. Returns the weights of the next pair. */
static inline const int32_t *tc_matmul_pairs_dsp(const tc_matmul_dsp *m, const int16_t *columns, const int32_t *weights,
                                                 int8_t *out, int32_t pixels, int32_t stride, int32_t pairs)
{
    const uint32_t skipped = (uint32_t) - (m->depth >> 2) & 3u;
    const int16_t *const end = columns + m->depth * pixels;
    if (pixels == 3) {
        return m->is_signed ? tc_block_3x2_signed(out, stride, columns, end, weights, pairs, skipped)
                            : tc_block_3x2(out, stride, columns, end, weights, pairs, skipped);
    }
    return m->is_signed ? tc_block_2x2_signed(out, stride, columns, end, weights, pairs, skipped)
                        : tc_block_2x2(out, stride, columns, end, weights, pairs, skipped);
}

/* All channels of 3 or 2 pixels. */
static inline void tc_matmul_block_dsp(const tc_matmul_dsp *m, const int16_t *columns, const int32_t *weights,
                                       int8_t *out, int32_t pixels, int32_t stride)
{
    if (m->out_c & 1) {
        weights = tc_matmul_pairs_dsp(m, columns, weights, out, pixels, stride, 1);
        out++;
    }
    tc_matmul_pairs_dsp(m, columns, weights, out, pixels, stride, m->out_c >> 1);
}

#endif

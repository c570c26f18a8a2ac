/* Depthwise convolution, four channels at a time, by Armv7E-M SIMD. */
#ifndef TINYC_DSP_DEPTHWISE_H
#define TINYC_DSP_DEPTHWISE_H

#include "tinyc/depthwise_conv2d.h"
#include "tinyc/dsp/assembly.h"
#include "tinyc/dsp/clamp.h"

/* A run of pixels whose taps lie alike. What the assembly has no registers for. */
typedef struct {
    const int32_t *taps;    /* per tap, bytes from `base` to its first channel */
    const int32_t *end;     /* after the taps */
    const int32_t *weights; /* of the first group */
    const int32_t *stop;    /* after the last group */
    const int8_t *base;     /* of the first pixel */
    int8_t *out;            /* of the first pixel */
    int32_t base_step;      /* bytes from the end of a pixel's groups to the next pixel's first group; then out_step */
    int32_t out_step;
    int32_t pixels;
    uint32_t skipped; /* pairs of taps that the first turn of the unrolled loop leaves out; then where it starts */
    uint32_t first;   /* 1: there is a single tap; then where a group starts */
    int32_t zero;     /* 2 * the output's zero point + 1; in pairs: that of the byte plus 128, in both halves */
} tc_run;

/* Its fields as arguments of the assembly, in the same order. */
#define TC_RUN_ARGUMENTS                                                                                               \
    TC_ARGUMENT_DSP const int32_t *taps, TC_ARGUMENT_DSP const int32_t *end, TC_ARGUMENT_DSP const int32_t *weights,   \
        TC_ARGUMENT_DSP const int32_t *stop, TC_ARGUMENT_DSP const int8_t *base, TC_ARGUMENT_DSP int8_t *out,          \
        TC_ARGUMENT_DSP int32_t base_step, TC_ARGUMENT_DSP int32_t out_step, TC_ARGUMENT_DSP int32_t pixels,           \
        TC_ARGUMENT_DSP uint32_t skipped, TC_ARGUMENT_DSP uint32_t first, TC_ARGUMENT_DSP int32_t zero
#define TC_RUN_FIELDS(r)                                                                                               \
    (r).taps, (r).end, (r).weights, (r).stop, (r).base, (r).out, (r).base_step, (r).out_step, (r).pixels, (r).skipped, \
        (r).first, (r).zero
#define TC_RUN_TAPS TC_ARGUMENT_AT_DSP(0)
#define TC_RUN_END TC_ARGUMENT_AT_DSP(1)
#define TC_RUN_WEIGHTS TC_ARGUMENT_AT_DSP(2)
#define TC_RUN_STOP TC_ARGUMENT_AT_DSP(3)
#define TC_RUN_BASE TC_ARGUMENT_AT_DSP(4)
#define TC_RUN_OUT TC_ARGUMENT_AT_DSP(5)
#define TC_RUN_BASE_STEP TC_ARGUMENT_AT_DSP(6)
#define TC_RUN_OUT_STEP TC_ARGUMENT_AT_DSP(7)
#define TC_RUN_PIXELS TC_ARGUMENT_AT_DSP(8)
#define TC_RUN_SKIPPED TC_ARGUMENT_AT_DSP(9)
#define TC_RUN_FIRST TC_ARGUMENT_AT_DSP(10)
#define TC_RUN_ZERO TC_ARGUMENT_AT_DSP(11)

/* Two taps of four channels: r0 base, r1 weights, r2 taps, r5 to r8 sums. */
#define TC_RUN_PAIR                                                                                                    \
    "ldrd r3, r4, [r2], #8\n\t"                                                                                        \
    "ldr r3, [r0, r3]\n\t"                                                                                             \
    "ldr r4, [r0, r4]\n\t"                                                                                             \
    "ldmia r1!, {r10, r11}\n\t"                                                                                        \
    "pkhbt r9, r3, r4, lsl #16\n\t"                                                                                    \
    "pkhtb r4, r4, r3, asr #16\n\t"                                                                                    \
    "sxtb16 r3, r9\n\t"                                                                                                \
    "sxtb16 r12, r10\n\t"                                                                                              \
    "smlad r5, r3, r12, r5\n\t"                                                                                        \
    "sxtb16 r9, r9, ror #8\n\t"                                                                                        \
    "sxtb16 r10, r10, ror #8\n\t"                                                                                      \
    "smlad r6, r9, r10, r6\n\t"                                                                                        \
    "sxtb16 r3, r4\n\t"                                                                                                \
    "sxtb16 r12, r11\n\t"                                                                                              \
    "smlad r7, r3, r12, r7\n\t"                                                                                        \
    "sxtb16 r4, r4, ror #8\n\t"                                                                                        \
    "sxtb16 r11, r11, ror #8\n\t"                                                                                      \
    "smlad r8, r4, r11, r8\n\t"

/* Sums to output bytes in r5. r3, r4, r9, r10: multipliers, doubled, as signed words: x * (2 * m - 2^32) / 2^32 + x is
 * 2 * x * m / 2^32; r11: shifts; r2: zero. */
#define TC_RUN_SCALE(x, multiplier) "smmlar " x ", " x ", " multiplier ", " x "\n\tasr " x ", " x ", r11\n\t"
#define TC_RUN_NEXT "lsr r11, r11, #8\n\t"
#define TC_RUN_BYTES_IN_PAIRS                                                                                          \
    TC_RUN_SCALE("r5", "r3")                                                                                           \
    TC_RUN_NEXT TC_RUN_SCALE("r6", "r4") TC_RUN_NEXT TC_RUN_SCALE("r7", "r9")                                          \
        TC_RUN_NEXT TC_RUN_SCALE("r8", "r10") "pkhbt r5, r5, r7, lsl #16\n\t"                                          \
                                              "pkhbt r6, r6, r8, lsl #16\n\t"                                          \
                                              "shadd16 r5, r5, r2\n\t"                                                 \
                                              "shadd16 r6, r6, r2\n\t"                                                 \
                                              "usat16 r5, #8, r5\n\t"                                                  \
                                              "usat16 r6, #8, r6\n\t"                                                  \
                                              "orr r5, r5, r6, lsl #8\n\t"                                             \
                                              "eor r5, r5, #0x80808080\n\t"

/* With the correction for negative accumulators. */
#define TC_RUN_BYTE(x, multiplier)                                                                                     \
    "add r12, " x ", " x ", asr #31\n\t"                                                                               \
    "smmlar " x ", " x ", " multiplier ", r12\n\t"                                                                     \
    "asr " x ", " x ", r11\n\t"                                                                                        \
    "add " x ", " x ", r2\n\t"                                                                                         \
    "ssat " x ", #8, " x ", asr #1\n\t"
#define TC_RUN_BYTES                                                                                                   \
    TC_RUN_BYTE("r5", "r3")                                                                                            \
    TC_RUN_NEXT TC_RUN_BYTE("r6", "r4") TC_RUN_NEXT TC_RUN_BYTE("r7", "r9")                                            \
        TC_RUN_NEXT TC_RUN_BYTE("r8", "r10") "bfi r5, r6, #8, #8\n\t"                                                  \
                                             "bfi r5, r7, #16, #8\n\t"                                                 \
                                             "bfi r5, r8, #24, #8\n\t"

#define TC_DEFINE_RUN(name, bytes)                                                                                     \
    TC_NAKED_DSP void name(TC_RUN_ARGUMENTS)                                                                           \
    {                                                                                                                  \
        __asm__ volatile(TC_ENTER_DSP "ldr r3, 9f\n\t"                                                                 \
                                      "ldr r2, " TC_RUN_SKIPPED "\n\t"                                                 \
                                      "adr r4, 3f\n\t"                                                                 \
                                      "mla r4, r2, r3, r4\n\t"                                                         \
                                      "orr r4, r4, #1\n\t"                                                             \
                                      "str r4, " TC_RUN_SKIPPED "\n\t"                                                 \
                                      "ldr r2, " TC_RUN_FIRST "\n\t"                                                   \
                                      "cmp r2, #0\n\t"                                                                 \
                                      "itt ne\n\t"                                                                     \
                                      "adrne r4, 8f\n\t"                                                               \
                                      "orrne r4, r4, #1\n\t"                                                           \
                                      "str r4, " TC_RUN_FIRST "\n\t"                                                   \
                                      "ldr r0, " TC_RUN_BASE "\n\t"                                                    \
                                      "ldr lr, " TC_RUN_OUT "\n\t"                                                     \
                                      "1:\n\t"                                                                         \
                                      "ldr r1, " TC_RUN_WEIGHTS "\n\t"                                                 \
                                      "2:\n\t"                                                                         \
                                      "ldmia r1!, {r5, r6, r7, r8}\n\t"                                                \
                                      "ldr r2, " TC_RUN_TAPS "\n\t"                                                    \
                                      "ldr pc, " TC_RUN_FIRST "\n\t"                                                   \
                                      ".balign 4\n\t"                                                                  \
                                      "9: .word (4f - 3f) / 4\n\t"                                                     \
                                      "8:\n\t"                                                                         \
                                      "ldr r3, [r2], #4\n\t"                                                           \
                                      "ldr r3, [r0, r3]\n\t"                                                           \
                                      "ldr r10, [r1], #4\n\t"                                                          \
                                      "sxtb16 r4, r3\n\t"                                                              \
                                      "sxtb16 r11, r10\n\t"                                                            \
                                      "smlabb r5, r4, r11, r5\n\t"                                                     \
                                      "smlatt r7, r4, r11, r7\n\t"                                                     \
                                      "sxtb16 r3, r3, ror #8\n\t"                                                      \
                                      "sxtb16 r10, r10, ror #8\n\t"                                                    \
                                      "smlabb r6, r3, r10, r6\n\t"                                                     \
                                      "smlatt r8, r3, r10, r8\n\t"                                                     \
                                      "ldr pc, " TC_RUN_SKIPPED "\n\t"                                                 \
                                      ".balign 4\n\t"                                                                  \
                                      "3:\n\t" TC_RUN_PAIR TC_RUN_PAIR TC_RUN_PAIR TC_RUN_PAIR "4:\n\t"                \
                                      "ldr r3, " TC_RUN_END "\n\t"                                                     \
                                      "cmp r2, r3\n\t"                                                                 \
                                      "bne 3b\n\t"                                                                     \
                                      "ldr r2, " TC_RUN_ZERO "\n\t"                                                    \
                                      "ldmia r1!, {r3, r4, r9, r10, r11}\n\t" bytes "str r5, [lr], #4\n\t"             \
                                      "add r0, r0, #4\n\t"                                                             \
                                      "ldr r3, " TC_RUN_STOP "\n\t"                                                    \
                                      "cmp r1, r3\n\t"                                                                 \
                                      "bne 2b\n\t"                                                                     \
                                      "ldrd r3, r4, " TC_RUN_BASE_STEP "\n\t"                                          \
                                      "add r0, r0, r3\n\t"                                                             \
                                      "add lr, lr, r4\n\t"                                                             \
                                      "ldr r3, " TC_RUN_PIXELS "\n\t"                                                  \
                                      "subs r3, r3, #1\n\t"                                                            \
                                      "str r3, " TC_RUN_PIXELS "\n\t"                                                  \
                                      "bne 1b\n\t" TC_LEAVE_DSP);                                                      \
    }

TC_DEFINE_RUN(tc_run_in_pairs, TC_RUN_BYTES_IN_PAIRS)
TC_DEFINE_RUN(tc_run_one_by_one, TC_RUN_BYTES)

#endif

/* Depthwise convolution by kernels of 3x3, two neighbouring pixels at a time, by Armv7E-M SIMD. */
#ifndef TINYC_DSP_DEPTHWISE_3X3_H
#define TINYC_DSP_DEPTHWISE_3X3_H

#include "tinyc/depthwise_conv2d.h"
#include "tinyc/dsp/assembly.h"
#include "tinyc/dsp/clamp.h"

/* Blocks of two neighbouring pixels, or of one, whose taps lie alike; two channels of a block at a time. What the
 * assembly has no registers for. */
typedef struct {
    const int32_t *taps;    /* in the order of `tc_3x3_order`, bytes from `base` to its first channel */
    const int32_t *weights; /* of the first pair of channels */
    const int32_t *stop;    /* after the last pair */
    const int8_t *base;     /* of the first block */
    int8_t *out;            /* of the next pair, of the block's first pixel; then `pitch`: loaded together */
    int32_t pitch;          /* bytes to the second pixel of the output */
    int32_t base_step;      /* bytes from the end of a block's pairs to the next block's first; then out_step */
    int32_t out_step;
    int32_t blocks; /* to do, >= 1 */
    int32_t zero;   /* 2 * the output's zero point + 1 */
} tc_run_3x3;

/* Its fields as arguments of the assembly, in the same order. */
#define TC_RUN_3X3_ARGUMENTS                                                                                           \
    TC_ARGUMENT_DSP const int32_t *taps, TC_ARGUMENT_DSP const int32_t *weights, TC_ARGUMENT_DSP const int32_t *stop,  \
        TC_ARGUMENT_DSP const int8_t *base, TC_ARGUMENT_DSP int8_t *out, TC_ARGUMENT_DSP int32_t pitch,                \
        TC_ARGUMENT_DSP int32_t base_step, TC_ARGUMENT_DSP int32_t out_step, TC_ARGUMENT_DSP int32_t blocks,           \
        TC_ARGUMENT_DSP int32_t zero
#define TC_RUN_3X3_FIELDS(r)                                                                                           \
    (r).taps, (r).weights, (r).stop, (r).base, (r).out, (r).pitch, (r).base_step, (r).out_step, (r).blocks, (r).zero
#define TC_RUN_3X3_TAPS TC_ARGUMENT_AT_DSP(0)
#define TC_RUN_3X3_WEIGHTS TC_ARGUMENT_AT_DSP(1)
#define TC_RUN_3X3_STOP TC_ARGUMENT_AT_DSP(2)
#define TC_RUN_3X3_BASE TC_ARGUMENT_AT_DSP(3)
#define TC_RUN_3X3_OUT TC_ARGUMENT_AT_DSP(4)
#define TC_RUN_3X3_PITCH TC_ARGUMENT_AT_DSP(5)
#define TC_RUN_3X3_BASE_STEP TC_ARGUMENT_AT_DSP(6)
#define TC_RUN_3X3_OUT_STEP TC_ARGUMENT_AT_DSP(7)
#define TC_RUN_3X3_BLOCKS TC_ARGUMENT_AT_DSP(8)
#define TC_RUN_3X3_ZERO TC_ARGUMENT_AT_DSP(9)

/* Rows 0 and 1 of the next column of taps, as (row 0, row 1): r3 of channel a, r4 of channel b. */
#define TC_3X3_COLUMN                                                                                                  \
    "ldmia r2!, {r3, r4}\n\t"                                                                                          \
    "ldrh r3, [r0, r3]\n\t"                                                                                            \
    "ldrh r4, [r0, r4]\n\t"                                                                                            \
    "pkhbt r4, r3, r4, lsl #16\n\t"                                                                                    \
    "sxtb16 r3, r4\n\t"                                                                                                \
    "sxtb16 r4, r4, ror #8\n\t"

/* Sums of pixel 0 are in r7 r8, of pixel 1 in r5 r6. Weights of kernel columns 0, 1 and 2, once unpacked, are in
 * r12 lr, r9 r10 and r12 r11. */
#define TC_3X3_UNPACK_0 "sxtb16 r12, r9\n\tsxtb16 lr, r9, ror #8\n\t"
#define TC_3X3_UNPACK_1 "sxtb16 r9, r10\n\tsxtb16 r10, r10, ror #8\n\t"
#define TC_3X3_UNPACK_2 "sxtb16 r12, r11\n\tsxtb16 r11, r11, ror #8\n\t"
#define TC_3X3_ADD(wa, wb, a, b) "smlad " a ", r3, " wa ", " a "\n\tsmlad " b ", r4, " wb ", " b "\n\t"
#define TC_3X3_FIRST_0 "smlad r7, r3, r12, r5\n\tsmlad r8, r4, lr, r6\n\t"
#define TC_3X3_FIRST_1 "smlad r5, r3, r12, r5\n\tsmlad r6, r4, lr, r6\n\t"
#define TC_3X3_ADD_0(wa, wb) TC_3X3_ADD(wa, wb, "r7", "r8")
#define TC_3X3_ADD_1(wa, wb) TC_3X3_ADD(wa, wb, "r5", "r6")

/* Row 2: pairs of columns in r3, then in r4 or r11; r9: weights of columns 0 and 1; r10: shifts, weights of column 2.
 * Leaves the shifts in r2 and r10. */
#define TC_3X3_ROW_2_STRIDE_1                                                                                          \
    "ldmia r2!, {r3, r4, r9, r10}\n\t"                                                                                 \
    "ldrh r3, [r0, r3]\n\t"                                                                                            \
    "ldrh r4, [r0, r4]\n\t"                                                                                            \
    "ldrh r9, [r0, r9]\n\t"                                                                                            \
    "ldrh r10, [r0, r10]\n\t"                                                                                          \
    "pkhbt r3, r3, r4, lsl #16\n\t"                                                                                    \
    "pkhbt r4, r9, r10, lsl #16\n\t"                                                                                   \
    "ldmia r1!, {r9, r10}\n\t"                                                                                         \
    "sxtb16 lr, r9\n\t"                                                                                                \
    "sxtb16 r2, r3\n\t"                                                                                                \
    "sxtb16 r12, r4\n\t"                                                                                               \
    "smlad r7, r2, lr, r7\n\t"                                                                                         \
    "pkhbt r2, r12, r2\n\t"                                                                                            \
    "smladx r5, r2, lr, r5\n\t"                                                                                        \
    "sxtb16 r2, r10\n\t"                                                                                               \
    "smlabt r7, r12, r2, r7\n\t"                                                                                       \
    "smlatt r5, r12, r2, r5\n\t"                                                                                       \
    "sxtb16 r9, r9, ror #8\n\t"                                                                                        \
    "sxtb16 r3, r3, ror #8\n\t"                                                                                        \
    "sxtb16 r4, r4, ror #8\n\t"                                                                                        \
    "smlad r8, r3, r9, r8\n\t"                                                                                         \
    "pkhbt r3, r4, r3\n\t"                                                                                             \
    "smladx r6, r3, r9, r6\n\t"                                                                                        \
    "sxtb16 r10, r10, ror #8\n\t"                                                                                      \
    "smlabt r8, r4, r10, r8\n\t"                                                                                       \
    "smlatt r6, r4, r10, r6\n\t"
#define TC_3X3_ROW_2_STRIDE_2                                                                                          \
    "ldmia r2!, {r3, r4, r9, r10, r11}\n\t"                                                                            \
    "ldrh r3, [r0, r3]\n\t"                                                                                            \
    "ldrh r4, [r0, r4]\n\t"                                                                                            \
    "ldrh r9, [r0, r9]\n\t"                                                                                            \
    "ldrh r10, [r0, r10]\n\t"                                                                                          \
    "ldrh r11, [r0, r11]\n\t"                                                                                          \
    "pkhbt r3, r3, r4, lsl #16\n\t"                                                                                    \
    "pkhbt r4, r9, r10, lsl #16\n\t"                                                                                   \
    "ldmia r1!, {r9, r10}\n\t"                                                                                         \
    "sxtb16 lr, r9\n\t"                                                                                                \
    "sxtb16 r2, r3\n\t"                                                                                                \
    "sxtb16 r12, r4\n\t"                                                                                               \
    "smlad r7, r2, lr, r7\n\t"                                                                                         \
    "smlad r5, r12, lr, r5\n\t"                                                                                        \
    "sxtb16 r2, r10\n\t"                                                                                               \
    "sxtb16 lr, r11\n\t"                                                                                               \
    "smlabt r7, r12, r2, r7\n\t"                                                                                       \
    "smlabt r5, lr, r2, r5\n\t"                                                                                        \
    "sxtb16 r9, r9, ror #8\n\t"                                                                                        \
    "sxtb16 r3, r3, ror #8\n\t"                                                                                        \
    "sxtb16 r4, r4, ror #8\n\t"                                                                                        \
    "smlad r8, r3, r9, r8\n\t"                                                                                         \
    "smlad r6, r4, r9, r6\n\t"                                                                                         \
    "sxtb16 r10, r10, ror #8\n\t"                                                                                      \
    "sxtb16 r11, r11, ror #8\n\t"                                                                                      \
    "smlabt r8, r4, r10, r8\n\t"                                                                                       \
    "smlabt r6, r11, r10, r6\n\t"
#define TC_3X3_ROW_2_SINGLE                                                                                            \
    "ldmia r2!, {r3, r4, r11}\n\t"                                                                                     \
    "ldrh r3, [r0, r3]\n\t"                                                                                            \
    "ldrh r4, [r0, r4]\n\t"                                                                                            \
    "ldrh r11, [r0, r11]\n\t"                                                                                          \
    "pkhbt r3, r3, r4, lsl #16\n\t"                                                                                    \
    "ldmia r1!, {r9, r10}\n\t"                                                                                         \
    "sxtb16 lr, r9\n\t"                                                                                                \
    "sxtb16 r4, r3\n\t"                                                                                                \
    "sxtb16 r12, r11\n\t"                                                                                              \
    "sxtb16 r2, r10\n\t"                                                                                               \
    "smlad r7, r4, lr, r7\n\t"                                                                                         \
    "smlabt r7, r12, r2, r7\n\t"                                                                                       \
    "sxtb16 r9, r9, ror #8\n\t"                                                                                        \
    "sxtb16 r3, r3, ror #8\n\t"                                                                                        \
    "sxtb16 r11, r11, ror #8\n\t"                                                                                      \
    "sxtb16 r10, r10, ror #8\n\t"                                                                                      \
    "smlad r8, r3, r9, r8\n\t"                                                                                         \
    "smlabt r8, r11, r10, r8\n\t"

#define TC_3X3_STRIDE_1                                                                                                \
    TC_3X3_UNPACK_0 TC_3X3_COLUMN TC_3X3_FIRST_0 TC_3X3_COLUMN TC_3X3_FIRST_1 TC_3X3_UNPACK_1 TC_3X3_ADD_0(            \
        "r9", "r10") TC_3X3_COLUMN TC_3X3_ADD_1("r9", "r10") TC_3X3_UNPACK_2 TC_3X3_ADD_0("r12", "r11")                \
        TC_3X3_COLUMN TC_3X3_ADD_1("r12", "r11") TC_3X3_ROW_2_STRIDE_1
#define TC_3X3_STRIDE_2                                                                                                \
    TC_3X3_UNPACK_0 TC_3X3_COLUMN TC_3X3_FIRST_0 TC_3X3_COLUMN TC_3X3_FIRST_1 TC_3X3_UNPACK_2 TC_3X3_ADD_0(            \
        "r12", "r11") TC_3X3_COLUMN TC_3X3_ADD_1("r12", "r11") TC_3X3_UNPACK_1 TC_3X3_COLUMN TC_3X3_ADD_0("r9", "r10") \
        TC_3X3_COLUMN TC_3X3_ADD_1("r9", "r10") TC_3X3_ROW_2_STRIDE_2
#define TC_3X3_SINGLE                                                                                                  \
    TC_3X3_UNPACK_0 TC_3X3_COLUMN TC_3X3_FIRST_0 TC_3X3_UNPACK_1 TC_3X3_COLUMN TC_3X3_ADD_0("r9", "r10")               \
        TC_3X3_UNPACK_2 TC_3X3_COLUMN TC_3X3_ADD_0("r12", "r11") TC_3X3_ROW_2_SINGLE

/* A sum to a byte. m: multiplier, doubled, as a signed word: x * (2 * m - 2^32) / 2^32 + x is 2 * x * m / 2^32;
 * r9: zero. */
#define TC_3X3_BYTE(x, m, shift)                                                                                       \
    "smmlar " x ", " x ", " m ", " x "\n\t"                                                                            \
    "asr " x ", " x ", " shift "\n\t"                                                                                  \
    "add " x ", " x ", r9\n\t"                                                                                         \
    "ssat " x ", #8, " x ", asr #1\n\t"

/* With the correction for negative accumulators. */
#define TC_3X3_BYTE_SIGNED(x, m, shift)                                                                                \
    "add r12, " x ", " x ", asr #31\n\t"                                                                               \
    "smmlar " x ", " x ", " m ", r12\n\t"                                                                              \
    "asr " x ", " x ", " shift "\n\t"                                                                                  \
    "add " x ", " x ", r9\n\t"                                                                                         \
    "ssat " x ", #8, " x ", asr #1\n\t"

/* Sums of a pair of channels to bytes in the output. */
#define TC_3X3_FINISH_2(byte)                                                                                          \
    byte("r7", "r3", "r2") byte("r8", "r4", "r10") byte("r5", "r3", "r2")                                              \
        byte("r6", "r4", "r10") "ldrd r11, r12, " TC_RUN_3X3_OUT "\n\t"                                                \
                                "bfi r7, r8, #8, #8\n\t"                                                               \
                                "bfi r5, r6, #8, #8\n\t"                                                               \
                                "strh r5, [r11, r12]\n\t"                                                              \
                                "strh r7, [r11], #2\n\t"
#define TC_3X3_FINISH_1(byte)                                                                                          \
    byte("r7", "r3", "r2") byte("r8", "r4", "r10") "ldr r11, " TC_RUN_3X3_OUT "\n\t"                                   \
                                                   "bfi r7, r8, #8, #8\n\t"                                            \
                                                   "strh r7, [r11], #2\n\t"

#define TC_DEFINE_RUN_3X3(name, taps_of, finish, byte)                                                                 \
    TC_NAKED_DSP void name(TC_RUN_3X3_ARGUMENTS)                                                                       \
    {                                                                                                                  \
        __asm__ volatile(TC_ENTER_DSP "ldr r0, " TC_RUN_3X3_BASE "\n\t"                                                \
                                      "1:\n\t"                                                                         \
                                      "ldr r1, " TC_RUN_3X3_WEIGHTS "\n\t"                                             \
                                      "2:\n\t"                                                                         \
                                      "ldr r2, " TC_RUN_3X3_TAPS "\n\t"                                                \
                                      "ldmia r1!, {r5, r6, r9, r10, r11}\n\t" taps_of "ldmia r1!, {r3, r4}\n\t"        \
                                      "ldr r9, " TC_RUN_3X3_ZERO                                                       \
                                      "\n\t" finish(byte) "str r11, " TC_RUN_3X3_OUT "\n\t"                            \
                                                          "ldr r3, " TC_RUN_3X3_STOP "\n\t"                            \
                                                          "add r0, r0, #2\n\t"                                         \
                                                          "cmp r1, r3\n\t"                                             \
                                                          "bne 2b\n\t"                                                 \
                                                          "ldrd r3, r4, " TC_RUN_3X3_BASE_STEP "\n\t"                  \
                                                          "add r0, r0, r3\n\t"                                         \
                                                          "add r11, r11, r4\n\t"                                       \
                                                          "str r11, " TC_RUN_3X3_OUT "\n\t"                            \
                                                          "ldr r3, " TC_RUN_3X3_BLOCKS "\n\t"                          \
                                                          "subs r3, r3, #1\n\t"                                        \
                                                          "str r3, " TC_RUN_3X3_BLOCKS "\n\t"                          \
                                                          "bne 1b\n\t" TC_LEAVE_DSP);                                  \
    }

TC_DEFINE_RUN_3X3(tc_run_stride_1, TC_3X3_STRIDE_1, TC_3X3_FINISH_2, TC_3X3_BYTE)
TC_DEFINE_RUN_3X3(tc_run_stride_2, TC_3X3_STRIDE_2, TC_3X3_FINISH_2, TC_3X3_BYTE)
TC_DEFINE_RUN_3X3(tc_run_single, TC_3X3_SINGLE, TC_3X3_FINISH_1, TC_3X3_BYTE)
TC_DEFINE_RUN_3X3(tc_run_stride_1_signed, TC_3X3_STRIDE_1, TC_3X3_FINISH_2, TC_3X3_BYTE_SIGNED)
TC_DEFINE_RUN_3X3(tc_run_stride_2_signed, TC_3X3_STRIDE_2, TC_3X3_FINISH_2, TC_3X3_BYTE_SIGNED)
TC_DEFINE_RUN_3X3(tc_run_single_signed, TC_3X3_SINGLE, TC_3X3_FINISH_1, TC_3X3_BYTE_SIGNED)

static inline void tc_3x3_compute(const tc_depthwise_conv2d_3x3_dsp_params *p, tc_run_3x3 r, int32_t pixels)
{
    if (pixels == 1) {
        if (p->is_signed) {
            tc_run_single_signed(TC_RUN_3X3_FIELDS(r));
        } else {
            tc_run_single(TC_RUN_3X3_FIELDS(r));
        }
    } else if (p->stride_w == 1) {
        if (p->is_signed) {
            tc_run_stride_1_signed(TC_RUN_3X3_FIELDS(r));
        } else {
            tc_run_stride_1(TC_RUN_3X3_FIELDS(r));
        }
    } else if (p->is_signed) {
        tc_run_stride_2_signed(TC_RUN_3X3_FIELDS(r));
    } else {
        tc_run_stride_2(TC_RUN_3X3_FIELDS(r));
    }
}

/* Words of the weights of a pair of channels. */
enum { PAIR_WORDS = 9 };

/* Columns of a block in the order in which the assembly takes rows 0 and 1; it takes row 2 from left to right. */
static const uint8_t tc_3x3_order[][5] = {{0, 1, 2}, {0, 1, 2, 3}, {0, 2, 4, 1, 3}};

/* Taps of a block that reads `columns` columns from ix0 on: bytes from the pixel of padding, 0 outside the image. */
__attribute__((noinline, unused)) static void tc_3x3_find_taps(const tc_depthwise_conv2d_3x3_dsp_params *p,
                                                               const int8_t *const *rows, int32_t origin, int32_t ix0,
                                                               int32_t columns, const int8_t *padding, int32_t *taps)
{
    const uint8_t *column = tc_3x3_order[columns - 3];
    int32_t *const lowest = taps + 2 * columns;
    for (int32_t *tap = taps; tap != lowest; tap += 2, column++) {
        const int32_t ix = ix0 + *column;
        const int32_t from = (ix - origin) * p->channels - (int32_t)(uintptr_t)padding;
        const int32_t inside = (uint32_t)ix < (uint32_t)p->in_w;
        tap[0] = inside && rows[0] ? (int32_t)(uintptr_t)rows[0] + from : 0;
        tap[1] = inside && rows[1] ? (int32_t)(uintptr_t)rows[1] + from : 0;
        lowest[*column] = inside && rows[2] ? (int32_t)(uintptr_t)rows[2] + from : 0;
    }
}

/* The first `pairs` pairs of channels of `blocks` blocks of `pixels` pixels from `base` on. */
static inline void tc_3x3_some_channels(const tc_depthwise_conv2d_3x3_dsp_params *p, const int32_t *taps,
                                        const int8_t *base, const int32_t *weights, int8_t *out, int32_t pixels,
                                        int32_t blocks, int32_t pairs)
{
    const int32_t out_step = pixels * p->channels;
    const tc_run_3x3 r = {taps,   weights,     weights + PAIR_WORDS * pairs,       base,
                          out,    p->channels, out_step * p->stride_w - 2 * pairs, out_step - 2 * pairs,
                          blocks, p->zero};
    tc_3x3_compute(p, r, pixels);
}

#endif

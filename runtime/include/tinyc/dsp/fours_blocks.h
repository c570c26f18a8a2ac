/* Blocks of a convolution of ternary weights: four, three or two pixels times two output channels at a time.
 *
 * Weights are those of dsp/fours.h, a pair of channels after the other: its fours in the order of the columns, as many
 * whole words as they make. Behind those of all pairs are what is left, by groups of pairs, each filled up to whole
 * words: first the fours that make no word, up to four a pair, then the inputs that make no four, up to two a pair, two
 * of them as a four. They are unpacked for all pixels, a word for each four and for each of these inputs. */
#ifndef TINYC_DSP_FOURS_BLOCKS_H
#define TINYC_DSP_FOURS_BLOCKS_H

#include "tinyc/dsp/assembly.h"
#include "tinyc/dsp/columns.h"
#include "tinyc/dsp/fours.h"
#include "tinyc/ternary.h"

enum {
    TC_FOURS_PART = 5, /* words of a pair whose sums fit, those of the rest included */
    TC_FOURS_REST = 6  /* words of the rest of a pair at most */
};

/* What a block is told. Pixels are columns as in dsp/matmul.h.
 * out: channel of the next pair, of the first pixel; stride: bytes from pixel to pixel of the output; columns: up to
 * end those of whole words, behind it those of the rest; codes, rests, channels, magnitudes: of the next pair, rests
 * unpacked; step: from the magnitudes of a pair to those of the next; zero: twice the output's zero point, plus 1, or a
 * line's shift; pairs: to do, >= 1; skipped: of TC_FOURS_PART words, which the first part leaves out, then where it
 * starts; missing: of TC_FOURS_REST words, which a pair leaves out, then where its rest starts; table: tc_fours; parts:
 * behind the first. */
#define TC_FOURS_ARGUMENTS                                                                                             \
    TC_ARGUMENT_DSP int8_t *out, TC_ARGUMENT_DSP int32_t stride, TC_ARGUMENT_DSP const int16_t *columns,               \
        TC_ARGUMENT_DSP const int16_t *end, TC_ARGUMENT_DSP const uint32_t *codes,                                     \
        TC_ARGUMENT_DSP const uint32_t *rests, TC_ARGUMENT_DSP const int32_t *channels,                                \
        TC_ARGUMENT_DSP const uint8_t *magnitudes, TC_ARGUMENT_DSP int32_t step, TC_ARGUMENT_DSP int32_t zero,         \
        TC_ARGUMENT_DSP int32_t pairs, TC_ARGUMENT_DSP uint32_t skipped, TC_ARGUMENT_DSP uint32_t missing,             \
        TC_ARGUMENT_DSP const uint32_t *table, TC_ARGUMENT_DSP int32_t parts
/* Four words on the stack below the arguments are the sums of the first channel. */
#define TC_FOURS_ARGUMENT_AT(n) "[sp, #16 + 36 + 4 * " #n "]"
#define TC_FOURS_OUT TC_FOURS_ARGUMENT_AT(0)
#define TC_FOURS_COLUMNS TC_FOURS_ARGUMENT_AT(2)
#define TC_FOURS_END TC_FOURS_ARGUMENT_AT(3)
#define TC_FOURS_CODES TC_FOURS_ARGUMENT_AT(4)
#define TC_FOURS_RESTS TC_FOURS_ARGUMENT_AT(5)
#define TC_FOURS_CHANNELS TC_FOURS_ARGUMENT_AT(6)
#define TC_FOURS_STEP TC_FOURS_ARGUMENT_AT(8)
#define TC_FOURS_ZERO TC_FOURS_ARGUMENT_AT(9)
#define TC_FOURS_PAIRS TC_FOURS_ARGUMENT_AT(10)
#define TC_FOURS_SKIPPED TC_FOURS_ARGUMENT_AT(11)
#define TC_FOURS_MISSING TC_FOURS_ARGUMENT_AT(12)
#define TC_FOURS_TABLE TC_FOURS_ARGUMENT_AT(13)
#define TC_FOURS_PARTS TC_FOURS_ARGUMENT_AT(14)

/* For each pixel: its sum of both channels, and a register for its column, or for its sum of the first channel. */
#define TC_FOURS_EACH_2(use) use("r5", "r2") use("r6", "r3")
#define TC_FOURS_EACH_3(use) TC_FOURS_EACH_2(use) use("r7", "r12")
#define TC_FOURS_EACH_4(use) TC_FOURS_EACH_3(use) use("r8", "lr")
#define TC_FOURS_SUMS_2 "{r5, r6}\n\t"
#define TC_FOURS_SUMS_3 "{r5, r6, r7}\n\t"
#define TC_FOURS_SUMS_4 "{r5, r6, r7, r8}\n\t"
#define TC_FOURS_OTHERS_2 "{r2, r3}\n\t"
#define TC_FOURS_OTHERS_3 "{r2, r3, r12}\n\t"
#define TC_FOURS_OTHERS_4 "{r2, r3, r12, lr}\n\t"

/* r0: columns; r1: codes, or unpacked ones; r4: a four; r9: the table; r10: 81; r11: the fraction. */
#define TC_FOURS_ZERO_SUM(sum, other) "mov " sum ", #0\n\t"
#define TC_FOURS_MAC(sum, other) "smlad " sum ", " other ", r4, " sum "\n\t"
#define TC_FOURS_MACS(pixels) "ldmia.w r0!, " TC_FOURS_OTHERS_##pixels TC_FOURS_EACH_##pixels(TC_FOURS_MAC)
#define TC_FOURS_UNPACKED(pixels) "ldr r4, [r1], #4\n\t" TC_FOURS_MACS(pixels)
#define TC_FOURS_FOUR(pixels) "umull r11, r4, r11, r10\n\tldr r4, [r9, r4, lsl #2]\n\t" TC_FOURS_MACS(pixels)
#define TC_FOURS_WORD(pixels)                                                                                          \
    "ldr r11, [r1], #4\n\t" TC_FOURS_FOUR(pixels) TC_FOURS_FOUR(pixels) TC_FOURS_FOUR(pixels) TC_FOURS_FOUR(pixels)    \
        TC_FOURS_FOUR(pixels)
/* Sums of the first channel go on where those of both do: their difference is what the last part has added. */
#define TC_FOURS_ADD_FIRST(sum, first)                                                                                 \
    "sub r11, " sum ", " first "\n\t"                                                                                  \
    "sbfx r11, r11, #0, #14\n\t"                                                                                       \
    "add " first ", " first ", r11\n\t"
#define TC_FOURS_FIRST(sum, first) "sbfx " first ", " sum ", #0, #14\n\t"
#define TC_FOURS_SECOND(sum, first) "sub " sum ", " sum ", " first "\n\t"
/* A channel: r9 start, doubled, r10 multiplier, r11 magnitude, doubled, or times 2^19, r4 shift, less 1, r1 offset. */
#define TC_FOURS_CHANNEL(at, magnitude, left)                                                                          \
    "ldrd r0, r1, " TC_FOURS_CHANNELS "\n\t"                                                                           \
    "ldrb r11, [r1, #" magnitude "]\n\t"                                                                               \
    "ldrd r9, r10, [r0, #" at "]\n\t"                                                                                  \
    "ldr r1, " TC_FOURS_ZERO "\n\t"                                                                                    \
    "lsl r11, r11, #" left "\n\t"                                                                                      \
    "and r4, r9, #31\n\t"                                                                                              \
    "bic r9, r9, #31\n\t"                                                                                              \
    "asr r9, r9, #4\n\t"                                                                                               \
    "lsl r1, r1, r4\n\t"
#define TC_FOURS_BYTE(x)                                                                                               \
    "add r0, r1, " x ", asr #31\n\t"                                                                                   \
    "smmlar " x ", " x ", r10, r0\n\t"                                                                                 \
    "asr " x ", " x ", r4\n\t"                                                                                         \
    "ssat " x ", #8, " x ", asr #1\n\t"
#define TC_FOURS_FIRST_BYTE(sum, first) "mla " first ", " first ", r11, r9\n\t" TC_FOURS_BYTE(first)
/* The sum is 2^14 times that of the channel. */
#define TC_FOURS_SECOND_BYTE(sum, first) "smmla " sum ", " sum ", r11, r9\n\t" TC_FOURS_BYTE(sum)
#define TC_FOURS_STORE(sum, first)                                                                                     \
    "strb " first ", [r0]\n\t"                                                                                         \
    "strb " sum ", [r0, #1]\n\t"                                                                                       \
    "add r0, r0, r1\n\t"

/* By lines: r0 slopes and offsets, r9, r10 those of a channel, r4 the shift. */
#define TC_FOURS_LINE_BYTE(x)                                                                                          \
    "smmla " x ", " x ", r9, r10\n\t"                                                                                  \
    "asr " x ", " x ", r4\n\t"                                                                                         \
    "ssat " x ", #8, " x "\n\t"
#define TC_FOURS_LINE_FIRST(sum, first) "lsl " first ", " first ", #14\n\t" TC_FOURS_LINE_BYTE(first)
#define TC_FOURS_LINE_SECOND(sum, first) TC_FOURS_LINE_BYTE(sum)

/* Where the first words of a pair and its rest start. */
#define TC_FOURS_BEGIN                                                                                                 \
    "sub sp, #16\n\t"                                                                                                  \
    "ldr r3, 8f\n\t"                                                                                                   \
    "ldr r2, " TC_FOURS_SKIPPED "\n\t"                                                                                 \
    "adr r4, 2f\n\t"                                                                                                   \
    "mla r4, r2, r3, r4\n\t"                                                                                           \
    "orr r4, r4, #1\n\t"                                                                                               \
    "str r4, " TC_FOURS_SKIPPED "\n\t"                                                                                 \
    "ldr r3, 9f\n\t"                                                                                                   \
    "ldr r2, " TC_FOURS_MISSING "\n\t"                                                                                 \
    "adr r4, 4f\n\t"                                                                                                   \
    "mla r4, r2, r3, r4\n\t"                                                                                           \
    "orr r4, r4, #1\n\t"                                                                                               \
    "str r4, " TC_FOURS_MISSING "\n\t"
#define TC_FOURS_TO_RESTS                                                                                              \
    "ldr r0, " TC_FOURS_END "\n\t"                                                                                     \
    "ldr r1, " TC_FOURS_RESTS "\n\t"                                                                                   \
    "ldr pc, " TC_FOURS_MISSING "\n\t"                                                                                 \
    ".balign 4\n\t"                                                                                                    \
    "8: .word (3f - 2f) / 5\n\t"                                                                                       \
    "9: .word (5f - 4f) / 6\n\t"                                                                                       \
    "4:\n\t"
#define TC_FOURS_TO_WORDS                                                                                              \
    "5:\n\t"                                                                                                           \
    "str r1, " TC_FOURS_RESTS "\n\t"                                                                                   \
    "ldr r9, " TC_FOURS_TABLE "\n\t"                                                                                   \
    "mov r10, #81\n\t"                                                                                                 \
    "ldr r0, " TC_FOURS_COLUMNS "\n\t"                                                                                 \
    "ldr r1, " TC_FOURS_CODES "\n\t"                                                                                   \
    "ldr pc, " TC_FOURS_SKIPPED "\n\t"                                                                                 \
    ".balign 4\n\t"                                                                                                    \
    "2:\n\t"
/* Sums of the first channel: of a single part, or of one more. */
#define TC_FOURS_FIRSTS(pixels)                                                                                        \
    "3:\n\t"                                                                                                           \
    "ldr r4, " TC_FOURS_PARTS "\n\t"                                                                                   \
    "cbz r4, 6f\n\t"                                                                                                   \
    "ldmia.w sp, " TC_FOURS_OTHERS_##pixels TC_FOURS_EACH_##pixels(TC_FOURS_ADD_FIRST) /* */                           \
        "stmia.w sp, " TC_FOURS_OTHERS_##pixels "ldr r4, " TC_FOURS_END "\n\t"                                         \
                                                "cmp r0, r4\n\t"                                                       \
                                                "bne.w 2b\n\t"                                                         \
                                                "b 7f\n\t"                                                             \
                                                "6:\n\t" TC_FOURS_EACH_##pixels(TC_FOURS_FIRST) /* */                  \
        "7:\n\t"                                                                                                       \
        "str r1, " TC_FOURS_CODES "\n\t" TC_FOURS_EACH_##pixels(TC_FOURS_SECOND)
#define TC_FOURS_STORES(pixels)                                                                                        \
    "ldrd r0, r1, " TC_FOURS_OUT "\n\t"                                                                                \
    "add r4, r0, #2\n\t" TC_FOURS_EACH_##pixels(TC_FOURS_STORE) /* */                                                  \
        "str r4, " TC_FOURS_OUT "\n\t"
#define TC_FOURS_LAST                                                                                                  \
    "ldr r2, " TC_FOURS_PAIRS "\n\t"                                                                                   \
    "subs r2, r2, #1\n\t"                                                                                              \
    "str r2, " TC_FOURS_PAIRS "\n\t"                                                                                   \
    "bne.w 1b\n\t"                                                                                                     \
    "add sp, #16\n\t"
/* Bytes of a pair, and what goes on to the next. */
#ifdef TC_FOURS_BY_LINES
#define TC_FOURS_NAME(pixels) tc_fours_line_##pixels
#define TC_FOURS_BYTES(pixels)                                                                                         \
    "ldr r0, " TC_FOURS_CHANNELS "\n\t"                                                                                \
    "ldr r4, " TC_FOURS_ZERO "\n\t"                                                                                    \
    "ldrd r9, r10, [r0], #8\n\t" TC_FOURS_EACH_##pixels(TC_FOURS_LINE_FIRST) /* */                                     \
        "ldrd r9, r10, [r0], #8\n\t"                                                                                   \
        "str r0, " TC_FOURS_CHANNELS "\n\t" TC_FOURS_EACH_##pixels(TC_FOURS_LINE_SECOND) TC_FOURS_STORES(pixels)
#define TC_FOURS_NEXT TC_FOURS_LAST
#else
#define TC_FOURS_NAME(pixels) tc_fours_##pixels
#define TC_FOURS_BYTES(pixels)                                                                                         \
    TC_FOURS_CHANNEL("0", "0", "1")                                                                                    \
    TC_FOURS_EACH_##pixels(TC_FOURS_FIRST_BYTE) TC_FOURS_CHANNEL("8", "1", "19")                                       \
        TC_FOURS_EACH_##pixels(TC_FOURS_SECOND_BYTE) TC_FOURS_STORES(pixels)
#define TC_FOURS_NEXT                                                                                                  \
    "ldrd r0, r1, " TC_FOURS_CHANNELS "\n\t"                                                                           \
    "ldr r2, " TC_FOURS_STEP "\n\t"                                                                                    \
    "add r0, r0, #16\n\t"                                                                                              \
    "add r1, r1, r2\n\t"                                                                                               \
    "strd r0, r1, " TC_FOURS_CHANNELS "\n\t" TC_FOURS_LAST
#endif
/* A block is weak, as kernels are: two that use it share it. */
#define TC_DEFINE_FOURS(name, pixels)                                                                                  \
    void name(TC_FOURS_ARGUMENTS);                                                                                     \
    TC_KERNEL __attribute__((naked, noinline)) void name(TC_FOURS_ARGUMENTS)                                           \
    {                                                                                                                  \
        __asm__ volatile(TC_ENTER_DSP TC_FOURS_BEGIN "1:\n\t" TC_FOURS_EACH_##pixels(TC_FOURS_ZERO_SUM)          /* */ \
                         "stmia.w sp, " TC_FOURS_SUMS_##pixels                                                   /* */ \
                             TC_FOURS_TO_RESTS TC_FOURS_UNPACKED(pixels) TC_FOURS_UNPACKED(pixels)               /* */ \
                         TC_FOURS_UNPACKED(pixels) TC_FOURS_UNPACKED(pixels) TC_FOURS_UNPACKED(pixels)           /* */ \
                         TC_FOURS_UNPACKED(pixels) TC_FOURS_TO_WORDS TC_FOURS_WORD(pixels)                       /* */ \
                         TC_FOURS_WORD(pixels) TC_FOURS_WORD(pixels) TC_FOURS_WORD(pixels) TC_FOURS_WORD(pixels) /* */ \
                         TC_FOURS_FIRSTS(pixels) TC_FOURS_BYTES(pixels) TC_FOURS_NEXT TC_LEAVE_DSP);                   \
    }

#endif

/* Sums of inputs by packed ternary weights, for eight pixels at once, and for fewer in kernels that define TC_NARROW.
 *
 * A code is five weights, t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4, where a t of 0 is the weight 0, 1 is 1 and 2 is -1. An
 * input word holds one tap of two pixels, low + 65536 * high, each a byte with its sign: a sum of words is the sums of
 * both, as long as each fits 16 bits in the end, which those of 255 taps do: sums start from what keeps them from being
 * negative.
 * A code jumps to the additions of its first three taps and from there to those of the other two: no weight is
 * unpacked, and one of 0 takes no instruction. */
#ifndef TINYC_SCALAR_TRITS_H
#define TINYC_SCALAR_TRITS_H

#include <stddef.h>

#include "tinyc/kernel.h"
#include "tinyc/scalar/trits_form.h"

#ifdef TC_TRITS_RUNS
/* Several channels one after the other, and what is done with their sums; what changes from channel to channel is that
 * of the next one behind them. Assembly loads several fields at once. */
typedef struct {
    const uint32_t *x;    /* [taps, 4] */
    const uint8_t *codes; /* of the channel */
    const void *first;    /* where `begin` says what is before them, of all channels; else NULL */
    int32_t bytes;        /* from channel to channel */
    uint32_t start[4];    /* of two sums each */
    int32_t count;        /* codes */
    const int32_t *channels;
    void *out;       /* by lines: before the byte of the first pixel, of the fourth of more than three in four words;
                      * TC_TRITS_WORDS: [channels, 2 * words] sums; TC_TRITS_PAIRS: [channels, words] twos of sums;
                      * TC_TRITS_CALL: the byte of the first pixel */
    int32_t left;    /* channels, at least one, 0 behind them */
    int32_t pitch;   /* by lines: bytes from pixel to pixel */
    uint32_t mask;   /* 0xFFFF0000 */
    int32_t pitch_3; /* of three pixels */
    int32_t how;     /* one of those below */
    int32_t begin;   /* TC_TRITS_FIRST or TC_TRITS_GO_ON, where there is a `first` */
    int32_t entry;   /* by lines: bytes of code of the pixels that there are not */
    /* rounded twice */
    void (*call)(void); /* tc_trits_twice */
    const uint8_t *magnitudes;
    int32_t magnitude; /* of all channels, where `magnitudes` is NULL */
    int32_t zero;
    int32_t n; /* pixels */
    /* of the kernel's own */
    uint32_t end;
    uint32_t pairs[4]; /* sums of a channel */
} tc_trits_run;
/* Bytes by lines, sums added to words, what is called for each channel, or sums stored as they are; a code before the
 * others, or twos of sums to go on from: bytes in a table of addresses. */
enum {
    TC_TRITS_LINES = 0,
    TC_TRITS_WORDS = 4,
    TC_TRITS_CALL = 8,
    TC_TRITS_PAIRS = 12,
    TC_TRITS_FIRST = 16,
    TC_TRITS_GO_ON = 20
};
/* Bytes of code for a pixel's byte, of the step back behind the fourth, and of what is behind the last; the shift of
 * the code behind that. */
enum { TC_TRITS_PIXEL = 20, TC_TRITS_BACK = 4, TC_TRITS_BRANCHES = 8, TC_TRITS_FINE = 18 };
#endif

#ifdef TC_TRITS
/* For every code, the last two digits the higher ones. */
#define TC_TRITS_TABLE(line) TC_TRITS_DE(TC_TRITS_ABC(line))
#ifdef __riscv
#define TC_TRITS_X "a0"
#define TC_TRITS_W "a1"
#define TC_TRITS_END_OF_W "a2"
#define TC_TRITS_CODE "t2"
#define TC_TRITS_AT "t0"
#define TC_TRITS_A "a3"
#define TC_TRITS_B "a4"
#define TC_TRITS_C "a5"
#define TC_TRITS_D "a6"
#define TC_TRITS_CLOBBERED "t1", "t3", "t4", "t5", "t6"
#else
#define TC_TRITS_X "r0"
#define TC_TRITS_W "r1"
#define TC_TRITS_END_OF_W "r2"
#define TC_TRITS_A "r4"
#define TC_TRITS_B "r5"
#define TC_TRITS_C "r6"
#define TC_TRITS_D "r7"
#define TC_TRITS_CODE "r3"
#define TC_TRITS_AT "r8"
#define TC_TRITS_CLOBBERED "r9", "r10", "r11", "r12", "lr", "cc"
#endif

#ifdef TC_TRITS_BY_WORD
/* What is to be added of a word for three taps, and for two. Four words have 4 in their names, and so on. */
#define TC_TRITS_FIRST                                                                                                 \
    ".Ltc_abc%=_4\\c\\b\\a:\n\t"                                                                                       \
    "tc_word " TC_TRITS_D ", 12, \\a, \\b, \\c\n\t"                                                                    \
    ".Ltc_abc%=_3\\c\\b\\a:\n\t"                                                                                       \
    "tc_word " TC_TRITS_C ", 8, \\a, \\b, \\c\n\t"                                                                     \
    ".Ltc_abc%=_2\\c\\b\\a:\n\t"                                                                                       \
    "tc_word " TC_TRITS_B ", 4, \\a, \\b, \\c\n\t"                                                                     \
    "tc_word " TC_TRITS_A ", 0, \\a, \\b, \\c\n\t"                                                                     \
    "tc_jump"
#define TC_TRITS_SECOND                                                                                                \
    ".Ltc_de%=_4\\e\\d:\n\t"                                                                                           \
    "tc_word " TC_TRITS_D ", 60, \\d, \\e, 0\n\t"                                                                      \
    ".Ltc_de%=_3\\e\\d:\n\t"                                                                                           \
    "tc_word " TC_TRITS_C ", 56, \\d, \\e, 0\n\t"                                                                      \
    ".Ltc_de%=_2\\e\\d:\n\t"                                                                                           \
    "tc_word " TC_TRITS_B ", 52, \\d, \\e, 0\n\t"                                                                      \
    "tc_word " TC_TRITS_A ", 48, \\d, \\e, 0\n\t"                                                                      \
    "tc_next"
#define TC_TRITS_CASES TC_TRITS_ABC(TC_TRITS_FIRST) TC_TRITS_DE(TC_TRITS_SECOND)
#define TC_TRITS_DONE ".purgem tc_word\n\t.purgem tc_tap\n\t.purgem tc_jump\n\t.purgem tc_next\n\t9:\n\t"
/* Bytes of a table. */
enum { TC_TRITS_TABLE_BYTES = 4 * 243 };
#define TC_TRITS_WORDS(n) TC_TRITS_TABLE(".2byte .Ltc_abc%=_" n "\\c\\b\\a - 2b, .Ltc_de%=_" n "\\e\\d - 2b")
/* Not among the code, where nothing tells data from instructions. */
#define TC_TRITS_TABLES(section, tables)                                                                               \
    ".pushsection .rodata." section ",\"a\",%%progbits\n\t"                                                            \
    ".balign 4\n\t"                                                                                                    \
    "5:\n\t" tables ".popsection\n\t"
#endif

#if defined(__thumb2__)
/* r0: the inputs, r1: the codes, r4 to r7: the sums, r8: the code, r9: a tc_trits_run, r10: addresses, r12: the end. */
#define TC_TRITS_START(more, sums)                                                                                     \
    ".macro tc_trit digit, tap\n\t"                                                                                    \
    ".if \\digit == 1\n\t"                                                                                             \
    "tc_taps adds, \\tap * 16\n\t"                                                                                     \
    ".endif\n\t"                                                                                                       \
    ".if \\digit == 2\n\t"                                                                                             \
    "tc_taps subs, \\tap * 16\n\t"                                                                                     \
    ".endif\n\t"                                                                                                       \
    ".endm\n\t"                                                                                                        \
    "adr.w r10, 6f\n\t"                                                                                                \
    "ldr r2, [r9, %[how]]\n\t"                                                                                         \
    "add r2, r2, r10\n\t"                                                                                              \
    "ldr r1, [r2, #4 * 244]\n\t"                                                                                       \
    "str r1, [r9, %[end]]\n\t"                                                                                         \
    "ldr r2, [r9, %[begin]]\n\t"                                                                                       \
    "add r2, r2, r10\n\t"                                                                                              \
    "ldr r1, [r2, #4 * 244]\n\t"                                                                                       \
    "str r1, [r9, %[begin]]\n\t"                                                                                       \
    "ldr r1, [r10, #4 * 243]\n\t"                                                                                      \
    "ldr r2, [r9, %[entry]]\n\t"                                                                                       \
    "add r1, r1, r2\n\t"                                                                                               \
    "str r1, [r9, %[entry]]\n\t"                                                                                       \
    "7:\n\t"                                                                                                           \
    "ldmia r9, {r0-r8}\n\t"                                                                                            \
    "add r12, r1, r8\n\t"                                                                                              \
    "add r3, r3, r1\n\t"                                                                                               \
    "str r3, [r9, %[codes]]\n\t"                                                                                       \
    "adr.w r10, 6f\n\t" more "cbz r2, 1f\n\t"                                                                          \
    "ldr pc, [r9, %[begin]]\n\t"                                                                                       \
    "13:\n\t"                                                                                                          \
    "ldrb r8, [r2], #1\n\t"                                                                                            \
    "str r2, [r9, %[first]]\n\t"                                                                                       \
    "b 3f\n\t"                                                                                                         \
    "14:\n\t"                                                                                                          \
    "ldmia r2!, {" sums "}\n\t"                                                                                        \
    "str r2, [r9, %[first]]\n\t"                                                                                       \
    "1:\n\t"                                                                                                           \
    "ldrb r8, [r1], #1\n\t"                                                                                            \
    "3:\n\t"
/* Those of the last two taps, of the bytes of pixels, and of what can be done with the sums. */
#define TC_TRITS_ADDRESSES                                                                                             \
    ".balign 4\n\t6:\n\t" TC_TRITS_TABLE(                                                                              \
        ".word .Ltc_de%=_\\e\\d + 1") ".word 11f + 1, 8f + 1, 4f + 1, 10f + 1, 12f + 1, 13b + 1, 14b + 1\n\t"
#define TC_TRITS_DONE ".purgem tc_trit\n\t.purgem tc_taps\n\t.purgem tc_jump\n\t.purgem tc_next\n\t"
/* The byte of a pixel by a line, 20 bytes of code: r1: where the first goes, or the fourth, r2: the slope, r3: the
 * offset, r10: bytes from pixel to pixel, lr: of three, r11: the upper half's mask. */
#define TC_TRITS_BYTE(half, at, shift)                                                                                 \
    half "\n\t"                                                                                                        \
         "umull r0, r12, r0, r2\n\t"                                                                                   \
         "add.w r12, r12, r3\n\t"                                                                                      \
         "ssat r12, #8, r12, asr #" shift "\n\t"                                                                       \
         "strb.w r12, [r1" at "]\n\t"
#define TC_TRITS_UPPER(sums, at, shift) TC_TRITS_BYTE("and.w r0, " sums ", r11", at, shift)
#define TC_TRITS_LOWER(sums, at, shift) TC_TRITS_BYTE("lsl.w r0, " sums ", #16", at, shift)
/* Adds two sums to words. */
#define TC_TRITS_ADD(sums)                                                                                             \
    "ldrd r2, r3, [r1]\n\t"                                                                                            \
    "uxth r0, " sums "\n\t"                                                                                            \
    "add r2, r2, r0\n\t"                                                                                               \
    "add r3, r3, " sums ", lsr #16\n\t"                                                                                \
    "strd r2, r3, [r1], #8\n\t"
#define TC_TRITS_NEXT                                                                                                  \
    "ldr r0, [r9, %[left]]\n\t"                                                                                        \
    "subs r0, r0, #1\n\t"                                                                                              \
    "str r0, [r9, %[left]]\n\t"                                                                                        \
    "bne.w 7b\n\t"
/* What is done with the sums: bytes of as many pixels as are not skipped, the last one's first; sums added to words, or
 * stored; or a call. */
#define TC_TRITS_ENDS(bytes, words, sums)                                                                              \
    "8:\n\t"                                                                                                           \
    "add r12, r9, %[channels]\n\t"                                                                                     \
    "ldmia r12, {r0, r1, r8, r10, r11, lr}\n\t"                                                                        \
    "ldrd r2, r3, [r0], #8\n\t"                                                                                        \
    "add r1, r1, #1\n\t"                                                                                               \
    "subs r8, r8, #1\n\t"                                                                                              \
    "stmia r12, {r0, r1, r8}\n\t"                                                                                      \
    "ldr pc, [r9, %[entry]]\n\t"                                                                                       \
    "11:\n\t" bytes("14") "bne.w 7b\n\tb.w 5f\n\t" bytes("18") "bne.w 7b\n\tb.w 5f\n\t"                                \
                                                               "4:\n\t"                                                \
                                                               "ldr r1, [r9, %[out]]\n\t" words                        \
                                                               "str r1, [r9, %[out]]\n\t" TC_TRITS_NEXT "b 5f\n\t"     \
                                                               "12:\n\t"                                               \
                                                               "ldr r1, [r9, %[out]]\n\t"                              \
                                                               "stmia r1!, {" sums "}\n\t"                             \
                                                               "str r1, [r9, %[out]]\n\t" TC_TRITS_NEXT "b 5f\n\t"     \
                                                               "10:\n\t"                                               \
                                                               "ldr r12, [r9, %[call]]\n\t"                            \
                                                               "blx r12\n\t" TC_TRITS_NEXT "5:\n\t"
#define TC_TRITS_THREE ".Ltc_abc%=_\\c\\b\\a:\n\ttc_trit \\a, 0\n\ttc_trit \\b, 1\n\ttc_trit \\c, 2\n\ttc_jump"
#define TC_TRITS_TWO ".Ltc_de%=_\\e\\d:\n\ttc_trit \\d, 3\n\ttc_trit \\e, 4\n\ttc_next"
#define TC_TRITS_BYTES_3(shift)                                                                                        \
    TC_TRITS_LOWER("r5", ", r10, lsl #1", shift) TC_TRITS_UPPER("r4", ", r10", shift) TC_TRITS_LOWER("r4", "", shift)
#define TC_TRITS_BYTES_4(shift) TC_TRITS_UPPER("r5", ", lr", shift) TC_TRITS_BYTES_3(shift)
#define TC_TRITS_BYTES_8(shift)                                                                                        \
    TC_TRITS_UPPER("r7", ", r10, lsl #2", shift)                                                                       \
    TC_TRITS_LOWER("r7", ", lr", shift)                                                                                \
    TC_TRITS_UPPER("r6", ", r10, lsl #1", shift)                                                                       \
    TC_TRITS_LOWER("r6", ", r10", shift)                                                                               \
    TC_TRITS_UPPER("r5", "", shift)                                                                                    \
    "sub.w r1, r1, lr\n\t" TC_TRITS_BYTES_3(shift)
#define TC_TRITS_ADD_2 TC_TRITS_ADD("r4") TC_TRITS_ADD("r5")
#define TC_TRITS_ADD_4 TC_TRITS_ADD_2 TC_TRITS_ADD("r6") TC_TRITS_ADD("r7")
/* Four words. tc_at: bytes of a code's taps before r0. */
#define TC_TRITS_BODY                                                                                                  \
    ".macro tc_reach to\n\t"                                                                                           \
    ".if \\to - tc_at\n\t"                                                                                             \
    "adds r0, #\\to - tc_at\n\t"                                                                                       \
    ".endif\n\t"                                                                                                       \
    ".set tc_at, \\to\n\t"                                                                                             \
    ".endm\n\t"                                                                                                        \
    ".macro tc_taps add, at\n\t"                                                                                       \
    "tc_reach \\at\n\t"                                                                                                \
    "ldmia r0!, {r2, r3, r11, lr}\n\t"                                                                                 \
    "\\add r4, r4, r2\n\t"                                                                                             \
    "\\add r5, r5, r3\n\t"                                                                                             \
    "\\add r6, r6, r11\n\t"                                                                                            \
    "\\add r7, r7, lr\n\t"                                                                                             \
    ".set tc_at, \\at + 16\n\t"                                                                                        \
    ".endm\n\t"                                                                                                        \
    ".macro tc_jump\n\t"                                                                                               \
    "tc_reach 48\n\t"                                                                                                  \
    ".set tc_at, 0\n\t"                                                                                                \
    "ldr pc, [r10, r8, lsl #2]\n\t"                                                                                    \
    ".endm\n\t"                                                                                                        \
    ".macro tc_next\n\t"                                                                                               \
    "tc_reach 80\n\t"                                                                                                  \
    ".set tc_at, 48\n\t"                                                                                               \
    "cmp r1, r12\n\t"                                                                                                  \
    "bne.w 1b\n\t"                                                                                                     \
    "ldr pc, [r9, %[end]]\n\t"                                                                                         \
    ".endm\n\t" TC_TRITS_START("", "r4-r7") /* */                                                                      \
        "tbh [pc, r8, lsl #1]\n\t"                                                                                     \
        "2:\n\t" TC_TRITS_TABLE(".hword (.Ltc_abc%=_\\c\\b\\a - 2b) / 2") /* */                                        \
        ".set tc_at, 0\n\t" TC_TRITS_ABC(TC_TRITS_THREE)                  /* */                                        \
        ".set tc_at, 48\n\t" TC_TRITS_DE(TC_TRITS_TWO)                    /* */                                        \
        ".purgem tc_reach\n\t" TC_TRITS_ADDRESSES TC_TRITS_DONE                                                        \
        TC_TRITS_ENDS(TC_TRITS_BYTES_8, TC_TRITS_ADD_4, "r4-r7")
/* Two words: so little code that a byte tells the distance. A code whose first tap is 0 is the end of another. */
#define TC_TRITS_BODY_OF_2                                                                                             \
    ".macro tc_taps add, at\n\t"                                                                                       \
    "ldrd r2, r3, [r0, #\\at]\n\t"                                                                                     \
    "\\add r4, r4, r2\n\t"                                                                                             \
    "\\add r5, r5, r3\n\t"                                                                                             \
    ".endm\n\t"                                                                                                        \
    ".macro tc_jump\n\t"                                                                                               \
    "ldr pc, [r10, r8, lsl #2]\n\t"                                                                                    \
    ".endm\n\t"                                                                                                        \
    ".macro tc_next\n\t"                                                                                               \
    "adds r0, #80\n\t"                                                                                                 \
    "cmp r1, r12\n\t"                                                                                                  \
    "bne.w 1b\n\t"                                                                                                     \
    "ldr pc, [r9, %[end]]\n\t"                                                                                         \
    ".endm\n\t" TC_TRITS_START("adr.w r6, 5f\n\t",                                                                     \
                               "r4, r5") "tbb [r6, r8]\n\t"                                                            \
                                         "2:\n\t"                                                                      \
                                         ".irp c,0,1,2\n\t.irp b,0,1,2\n\t.irp a,2,1,0\n\t"                            \
                                         ".Ltc_abc%=_\\c\\b\\a:\n\ttc_trit \\a, 0\n\t"                                 \
                                         ".if \\a != 1\n\ttc_trit \\b, 1\n\ttc_trit \\c, 2\n\ttc_jump\n\t.endif\n\t"   \
                                         ".endr\n\t.endr\n\t.endr\n\t"                                                 \
                                         ".irp e,0,1,2\n\t.irp d,2,1,0\n\t"                                            \
                                         ".Ltc_de%=_\\e\\d:\n\ttc_trit \\d, 3\n\t"                                     \
                                         ".if \\d != 1\n\ttc_trit \\e, 4\n\ttc_next\n\t.endif\n\t"                     \
                                         ".endr\n\t.endr\n\t"                                                          \
                                         "5:\n\t" TC_TRITS_TABLE(".byte (.Ltc_abc%=_\\c\\b\\a - 2b) / 2") /* */        \
        TC_TRITS_ADDRESSES TC_TRITS_DONE                                                                               \
        TC_TRITS_ENDS(TC_TRITS_BYTES_4, TC_TRITS_ADD_2, "r4, r5")
#elif defined(__riscv)
/* a0: the inputs, a1: the codes, a2: their end, a3 to a6: the sums; t2: a code's two entries of the table at t0, which
 * are relative to t1. */
#define TC_TRITS_BODY(start, section, tables)                                                                          \
    TC_TRITS_TAP                                                                                                       \
    ".macro tc_word sum, at, a, b, c\n\t"                                                                              \
    ".if \\a\n\t"                                                                                                      \
    "lw t3, \\at(a0)\n\t"                                                                                              \
    ".endif\n\t"                                                                                                       \
    ".if \\b\n\t"                                                                                                      \
    "lw t4, \\at + 16(a0)\n\t"                                                                                         \
    ".endif\n\t"                                                                                                       \
    ".if \\c\n\t"                                                                                                      \
    "lw t5, \\at + 32(a0)\n\t"                                                                                         \
    ".endif\n\t"                                                                                                       \
    "tc_tap \\sum, t3, \\a\n\t"                                                                                        \
    "tc_tap \\sum, t4, \\b\n\t"                                                                                        \
    "tc_tap \\sum, t5, \\c\n\t"                                                                                        \
    ".endm\n\t"                                                                                                        \
    ".macro tc_jump\n\t"                                                                                               \
    "lhu t3, 2(t2)\n\t"                                                                                                \
    "add t3, t3, t1\n\t"                                                                                               \
    "jr t3\n\t"                                                                                                        \
    ".endm\n\t"                                                                                                        \
    ".macro tc_next\n\t"                                                                                               \
    "addi a0, a0, 80\n\t"                                                                                              \
    "bne a1, a2, 1b\n\t"                                                                                               \
    "j 9f\n\t"                                                                                                         \
    ".endm\n\t" start "la t1, 2f\n\t"                                                                                  \
    "j 3f\n\t"                                                                                                         \
    "1:\n\t"                                                                                                           \
    "lbu t2, 0(a1)\n\t"                                                                                                \
    "addi a1, a1, 1\n\t"                                                                                               \
    "3:\n\t"                                                                                                           \
    "slli t2, t2, 2\n\t"                                                                                               \
    "add t2, t2, t0\n\t"                                                                                               \
    "lhu t3, 0(t2)\n\t"                                                                                                \
    "add t3, t3, t1\n\t"                                                                                               \
    "jr t3\n\t"                                                                                                        \
    "2:\n\t" TC_TRITS_CASES                                                                                            \
    TC_TRITS_TABLES(section, tables) TC_TRITS_DONE
#define TC_TRITS_ONLY_TABLE "la t0, 5f\n\t"
#define TC_TRITS_A_TABLE "la t1, 5f\n\tadd t0, t0, t1\n\t"
#else
/* r3: a code's two entries of the table at r8, which are relative to r9. */
#define TC_TRITS_BODY(start, section, tables)                                                                          \
    ".syntax unified\n\t"                                                                                              \
    ".macro tc_tap sum, at, digit\n\t"                                                                                 \
    ".if \\digit\n\t"                                                                                                  \
    "ldr r2, [r0, #\\at]\n\t"                                                                                          \
    ".if \\digit == 1\n\t"                                                                                             \
    "adds \\sum, \\sum, r2\n\t"                                                                                        \
    ".else\n\t"                                                                                                        \
    "subs \\sum, \\sum, r2\n\t"                                                                                        \
    ".endif\n\t"                                                                                                       \
    ".endif\n\t"                                                                                                       \
    ".endm\n\t"                                                                                                        \
    ".macro tc_word sum, at, a, b, c\n\t"                                                                              \
    "tc_tap \\sum, \\at, \\a\n\t"                                                                                      \
    "tc_tap \\sum, \\at + 16, \\b\n\t"                                                                                 \
    "tc_tap \\sum, \\at + 32, \\c\n\t"                                                                                 \
    ".endm\n\t"                                                                                                        \
    ".macro tc_jump\n\t"                                                                                               \
    "ldrh r2, [r3, #2]\n\t"                                                                                            \
    "add r2, r2, r9\n\t"                                                                                               \
    "mov pc, r2\n\t"                                                                                                   \
    ".endm\n\t"                                                                                                        \
    ".macro tc_code\n\t"                                                                                               \
    "lsls r3, r3, #2\n\t"                                                                                              \
    "add r3, r3, r8\n\t"                                                                                               \
    "ldrh r2, [r3]\n\t"                                                                                                \
    "add r2, r2, r9\n\t"                                                                                               \
    "mov pc, r2\n\t"                                                                                                   \
    ".endm\n\t"                                                                                                        \
    ".macro tc_next\n\t"                                                                                               \
    "adds r0, #80\n\t"                                                                                                 \
    "cmp r1, r12\n\t"                                                                                                  \
    "beq 7f\n\t"                                                                                                       \
    "ldrb r3, [r1]\n\t"                                                                                                \
    "adds r1, #1\n\t"                                                                                                  \
    "tc_code\n\t"                                                                                                      \
    "7:\n\t"                                                                                                           \
    "b 9f\n\t"                                                                                                         \
    ".endm\n\t"                                                                                                        \
    "mov r12, r2\n\t"                                                                                                  \
    "ldr r2, 3f\n\t" start "ldr r2, 4f\n\t"                                                                            \
    "mov r9, r2\n\t"                                                                                                   \
    "tc_code\n\t"                                                                                                      \
    ".balign 4\n\t"                                                                                                    \
    "3: .word 5f\n\t"                                                                                                  \
    "4: .word 2f\n\t"                                                                                                  \
    "2:\n\t" TC_TRITS_CASES                                                                                            \
    TC_TRITS_TABLES(section, tables) ".purgem tc_code\n\t" TC_TRITS_DONE
#define TC_TRITS_ONLY_TABLE "mov r8, r2\n\t"
#define TC_TRITS_A_TABLE "add r8, r8, r2\n\t"
#endif

/* The sums of pixels over a code and those from w to end, as words of two each, which start from `start`. x: [taps, 4].
 * Functions of their own, as they take nearly all registers; weak, as kernels are: two that use one share it. */
#define TC_TRITS_ARGUMENTS                                                                                             \
    const uint32_t *inputs, uint32_t first, const uint8_t *codes, const uint8_t *end, uint32_t start, uint32_t *pairs
#define TC_DEFINE_TRITS(name, arguments, body, set, is_set)                                                            \
    TC_KERNEL TC_NO_FRAME_POINTER __attribute__((noinline)) void name arguments                                        \
    {                                                                                                                  \
        register const uint32_t *x __asm__(TC_TRITS_X) = inputs;                                                       \
        register const uint8_t *w __asm__(TC_TRITS_W) = codes;                                                         \
        register const uint8_t *stop __asm__(TC_TRITS_END_OF_W) = end;                                                 \
        register uint32_t code __asm__(TC_TRITS_CODE) = first;                                                         \
        register uint32_t at __asm__(TC_TRITS_AT) set;                                                                 \
        register uint32_t a __asm__(TC_TRITS_A) = start;                                                               \
        register uint32_t b __asm__(TC_TRITS_B) = start;                                                               \
        register uint32_t c __asm__(TC_TRITS_C) = start;                                                               \
        register uint32_t d __asm__(TC_TRITS_D) = start;                                                               \
        __asm__ volatile(body                                                                                          \
                         : "+r"(x), "+r"(w), "+r"(stop), "+r"(code), is_set(at), "+r"(a), "+r"(b), "+r"(c), "+r"(d)    \
                         :                                                                                             \
                         : TC_TRITS_CLOBBERED, "memory");                                                              \
        pairs[0] = a;                                                                                                  \
        pairs[1] = b;                                                                                                  \
        pairs[2] = c;                                                                                                  \
        pairs[3] = d;                                                                                                  \
    }
#ifdef TC_TRITS_RUNS
#define TC_DEFINE_TRITS_RUN(name, body)                                                                                \
    TC_KERNEL TC_NO_FRAME_POINTER __attribute__((noinline)) void name(tc_trits_run *all)                               \
    {                                                                                                                  \
        register tc_trits_run *run __asm__("r9") = all;                                                                \
        __asm__ volatile(body                                                                                          \
                         : "+r"(run)                                                                                   \
                         : TC_TRITS_OFFSET(codes), TC_TRITS_OFFSET(first), TC_TRITS_OFFSET(channels),                  \
                           TC_TRITS_OFFSET(out), TC_TRITS_OFFSET(left), TC_TRITS_OFFSET(how), TC_TRITS_OFFSET(begin),  \
                           TC_TRITS_OFFSET(entry), TC_TRITS_OFFSET(call), TC_TRITS_OFFSET(end)                         \
                         : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r10", "r11", "r12", "lr", "cc",      \
                           "memory");                                                                                  \
    }
#define TC_TRITS_OFFSET(field) [field] "i"(offsetof(tc_trits_run, field))
TC_DEFINE_TRITS_RUN(tc_trits_run_of_4, TC_TRITS_BODY)
#ifdef TC_NARROW
TC_DEFINE_TRITS_RUN(tc_trits_run_of_2, TC_TRITS_BODY_OF_2)
#endif

/* words: as tc_words_of() has it. */
TC_INLINE void tc_trits_of_channels(tc_trits_run *run, int32_t words)
{
#ifdef TC_NARROW
    if (words == 2) {
        tc_trits_run_of_2(run);
        return;
    }
#endif
    (void)words;
    tc_trits_run_of_4(run);
}
#elif !defined(TC_NARROW)
TC_DEFINE_TRITS(tc_trits, (TC_TRITS_ARGUMENTS), TC_TRITS_BODY(TC_TRITS_ONLY_TABLE, "tc_trits", TC_TRITS_WORDS("4")), ,
                "=&r")
#else
/* Of as many words as the table has that is `table` bytes behind the first. */
TC_DEFINE_TRITS(tc_trits_by, (TC_TRITS_ARGUMENTS, uint32_t table),
                TC_TRITS_BODY(TC_TRITS_A_TABLE, "tc_trits_by",
                              TC_TRITS_WORDS("4") TC_TRITS_WORDS("3") TC_TRITS_WORDS("2")),
                = table, "+r")
#endif
#else
#define TC_TRIT_0(tap)
#define TC_TRIT_1(tap)                                                                                                 \
    a += x[4 * (tap)];                                                                                                 \
    b += x[4 * (tap) + 1];                                                                                             \
    if (words > 2) {                                                                                                   \
        c += x[4 * (tap) + 2];                                                                                         \
        d += x[4 * (tap) + 3];                                                                                         \
    }
#define TC_TRIT_2(tap)                                                                                                 \
    a -= x[4 * (tap)];                                                                                                 \
    b -= x[4 * (tap) + 1];                                                                                             \
    if (words > 2) {                                                                                                   \
        c -= x[4 * (tap) + 2];                                                                                         \
        d -= x[4 * (tap) + 3];                                                                                         \
    }
#define TC_TRITS_CASE(i, j, k)                                                                                         \
    case (i) + 3 * (j) + 9 * (k):                                                                                      \
        TC_TRIT_##i(0) TC_TRIT_##j(1) TC_TRIT_##k(2) break;
#define TC_TRITS_CASES_1(j, k) TC_TRITS_CASE(0, j, k) TC_TRITS_CASE(1, j, k) TC_TRITS_CASE(2, j, k)
#define TC_TRITS_CASES(k) TC_TRITS_CASES_1(0, k) TC_TRITS_CASES_1(1, k) TC_TRITS_CASES_1(2, k)
#define TC_TRITS_LAST(i, j)                                                                                            \
    case (i) + 3 * (j):                                                                                                \
        TC_TRIT_##i(3) TC_TRIT_##j(4) break;

/* words: 4, or 2; a constant at every call. */
TC_INLINE void tc_trits_words(const uint32_t *x, uint32_t code, const uint8_t *w, const uint8_t *end, uint32_t start,
                              uint32_t *pairs, int32_t words)
{
    uint32_t a = start;
    uint32_t b = start;
    uint32_t c = start;
    uint32_t d = start;
    for (;;) {
        const uint32_t last = code * 19 >> 9; /* code / 27 */
        switch (code - 27 * last) {
            TC_TRITS_CASES(0)
            TC_TRITS_CASES(1)
            TC_TRITS_CASES(2)
        default:
            __builtin_unreachable();
        }
        switch (last) {
            TC_TRITS_LAST(0, 0)
            TC_TRITS_LAST(1, 0)
            TC_TRITS_LAST(2, 0)
            TC_TRITS_LAST(0, 1)
            TC_TRITS_LAST(1, 1)
            TC_TRITS_LAST(2, 1)
            TC_TRITS_LAST(0, 2)
            TC_TRITS_LAST(1, 2)
            TC_TRITS_LAST(2, 2)
        default:
            __builtin_unreachable();
        }
        if (w == end) {
            break;
        }
        x += 20;
        code = *w++;
    }
    pairs[0] = a;
    pairs[1] = b;
    pairs[2] = c;
    pairs[3] = d;
}

#define TC_DEFINE_TRITS(name, words)                                                                                   \
    TC_KERNEL TC_NO_FRAME_POINTER __attribute__((noinline)) void name(                                                 \
        const uint32_t *x, uint32_t code, const uint8_t *w, const uint8_t *end, uint32_t start, uint32_t *pairs)       \
    {                                                                                                                  \
        tc_trits_words(x, code, w, end, start, pairs, words);                                                          \
    }
TC_DEFINE_TRITS(tc_trits, 4)
#ifdef TC_NARROW
TC_DEFINE_TRITS(tc_trits_of_2, 2)
#endif
#endif

#ifndef TC_TRITS_RUNS
/* The same of 2 to 4 words, as tc_words_of() has it. */
TC_INLINE void tc_trits_of(const uint32_t *x, uint32_t first, const uint8_t *w, const uint8_t *end, uint32_t start,
                           uint32_t *pairs, int32_t words)
{
#ifndef TC_NARROW
    (void)words;
    tc_trits(x, first, w, end, start, pairs);
#elif defined(TC_TRITS_BY_WORD)
    tc_trits_by(x, first, w, end, start, pairs, (uint32_t)(4 - words) * TC_TRITS_TABLE_BYTES);
#else
    if (words == 2) {
        tc_trits_of_2(x, first, w, end, start, pairs);
    } else {
        tc_trits(x, first, w, end, start, pairs);
    }
#endif
}
#endif

/* How many pixels of `left` are computed together: up to eight, but six and four of ten rather than eight and two. */
static inline int32_t tc_pixels_of(int32_t left)
{
#if defined(TC_NARROW) && defined(TC_TRITS_BY_WORD)
    if (left == 9 || left == 10) {
        return 6;
    }
#endif
    (void)left;
    return 8;
}

/* The words whose sums are made for n pixels: narrow kernels leave out those of four pixels, or of two, that are none.
 */
static inline int32_t tc_words_of(int32_t n)
{
#ifdef TC_NARROW
#ifdef TC_TRITS_BY_WORD
    if (n == 5 || n == 6) {
        return 3;
    }
#endif
    return n <= 4 ? 2 : 4;
#else
    (void)n;
    return 4;
#endif
}

#endif

/* Bytes of the sums of a channel that are rounded twice, within a run of scalar/trits.h. */
#ifndef TINYC_THUMB2_TRITS_TWICE_H
#define TINYC_THUMB2_TRITS_TWICE_H

#include "tinyc/scalar/trits.h"

/* The byte of an accumulator is ((high >> shift) + zero) >> 1, high being 4 * accumulator * multiplier / 2^32, rounded
 * down, + 1, or - 1 of a negative one. high / 2, rounded down, is one product more exact, less 1 of a negative one:
 * (2 * accumulator * multiplier + 2^31) / 2^32; the byte is that + (zero << (shift - 1)) >> shift.
 * r0: sums as halves of words, r2: where the byte goes, r4: bytes from pixel to pixel, r5: twice the start, r6: the
 * multiplier, r8: twice the magnitude, r10: the shift, r11: zero << (shift - 1). */
#define TC_TWICE_PIXEL                                                                                                 \
    "ldrh r1, [r0], #2\n\t"                                                                                            \
    "mla r1, r1, r8, r5\n\t"                                                                                           \
    "mov r7, #0x80000000\n\t"                                                                                          \
    "add r3, r11, r1, asr #31\n\t"                                                                                     \
    "smlal r7, r3, r1, r6\n\t"                                                                                         \
    "asr r3, r3, r10\n\t"                                                                                              \
    "ssat r3, #8, r3\n\t"                                                                                              \
    "strb r3, [r2]\n\t"                                                                                                \
    "add r2, r2, r4\n\t"
/* What a run calls behind each channel; sums in r4 to r7, the run in r9. All registers but r9 and lr are its own. */
TC_KERNEL __attribute__((naked, noinline)) void tc_trits_twice(void)
{
    __asm__ volatile("add r0, r9, %[pairs]\n\t"
                     "stmia r0, {r4-r7}\n\t"
                     "ldrd r1, r2, [r9, %[channels]]\n\t"
                     "ldrd r5, r6, [r1], #8\n\t"
                     "add r3, r2, #1\n\t"
                     "strd r1, r3, [r9, %[channels]]\n\t"
                     "ldrd r3, r8, [r9, %[magnitudes]]\n\t"
                     "cbz r3, 3f\n\t"
                     "ldrb r8, [r3], #1\n\t"
                     "str r3, [r9, %[magnitudes]]\n\t"
                     "3:\n\t"
                     "lsl r8, r8, #1\n\t"
                     "and r10, r5, #31\n\t"
                     "asr r5, r5, #5\n\t"
                     "lsl r5, r5, #1\n\t"
                     "ldrd r11, r12, [r9, %[zero]]\n\t"
                     "sub r3, r10, #1\n\t"
                     "lsl r11, r11, r3\n\t"
                     "ldr r4, [r9, %[pitch]]\n\t"
                     "lsls r3, r12, #31\n\t"
                     "add r12, r0, r12, lsl #1\n\t"
                     "bne 2f\n\t"
                     "1:\n\t" TC_TWICE_PIXEL "2:\n\t" TC_TWICE_PIXEL "cmp r0, r12\n\t"
                     "bne 1b\n\t"
                     "bx lr\n\t"
                     :
                     : TC_TRITS_OFFSET(pairs), TC_TRITS_OFFSET(channels), TC_TRITS_OFFSET(magnitudes),
                       TC_TRITS_OFFSET(zero), TC_TRITS_OFFSET(pitch));
}

#endif

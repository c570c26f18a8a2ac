/* Functions that are assembly from end to end: they use all registers but sp, which no compiler gives to a statement
 * where it keeps a frame pointer. As whole functions they are the same under every compiler and every option.
 *
 * Their arguments are words, at least four; behind TC_ENTER_DSP all of them lie on the stack. */
#ifndef TINYC_DSP_ASSEMBLY_H
#define TINYC_DSP_ASSEMBLY_H

/* `noipa` keeps GCC from leaving out arguments that it does not see used; clang never looks into such functions. */
#ifdef __clang__
#define TC_NAKED_DSP __attribute__((naked, noinline, unused)) static
#else
#define TC_NAKED_DSP __attribute__((naked, noipa, unused)) static
#endif

#define TC_ENTER_DSP                                                                                                   \
    "sub sp, #16\n\t"                                                                                                  \
    "push {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n\t"                                                                  \
    "add r4, sp, #36\n\t"                                                                                              \
    "stmia.w r4, {r0, r1, r2, r3}\n\t"
#define TC_LEAVE_DSP                                                                                                   \
    "pop {r4, r5, r6, r7, r8, r9, r10, r11, lr}\n\t"                                                                   \
    "add sp, #16\n\t"                                                                                                  \
    "bx lr\n\t"

/* An argument in such a function's head, and the n-th as an operand. */
#define TC_ARGUMENT_DSP __attribute__((unused))
#define TC_ARGUMENT_AT_DSP(n) "[sp, #36 + 4 * " #n "]"

#endif

/* What kernels of packed ternary weights share, and the form that scalar/trits.h has for a core. */
#ifndef TINYC_SCALAR_TRITS_FORM_H
#define TINYC_SCALAR_TRITS_FORM_H

#include "tinyc/kernel.h"

/* Codes of which the sums fit 16 bits, what each adds to where they start, and the most that they do, so that those of
 * 255 weights that are not 0 fit 16 bits, however many codes have them. */
enum { TC_TRIT_CODES = 51, TC_TRIT_BASE = 640, TC_TRIT_BASES = 32640 };

#if defined(TC_MANY_REGISTERS) && !defined(__OPTIMIZE_SIZE__) &&                                                       \
    (defined(__thumb2__) || defined(__ARM_ARCH_6M__) || defined(__riscv))
#define TC_TRITS
#endif
/* Whether the additions of a code are word by word, the last word's first: then a code of fewer words is a jump into
 * the midst of them. On Thumb-2 a load takes several words, and two words have additions of their own. */
#if defined(TC_TRITS) && defined(__thumb2__)
#define TC_TRITS_RUNS
#elif defined(TC_TRITS)
#define TC_TRITS_BY_WORD
#endif

/* Lines of assembly for every value of some digits. */
#define TC_TRITS_ABC(line) ".irp c,0,1,2\n\t.irp b,0,1,2\n\t.irp a,0,1,2\n\t" line "\n\t.endr\n\t.endr\n\t.endr\n\t"
#define TC_TRITS_DE(line) ".irp e,0,1,2\n\t.irp d,0,1,2\n\t" line "\n\t.endr\n\t.endr\n\t"
#ifdef __riscv
/* Adds a tap's word to a sum, or subtracts it, or neither. */
#define TC_TRITS_TAP                                                                                                   \
    ".macro tc_tap sum, x, digit\n\t"                                                                                  \
    ".if \\digit == 1\n\t"                                                                                             \
    "add \\sum, \\sum, \\x\n\t"                                                                                        \
    ".endif\n\t"                                                                                                       \
    ".if \\digit == 2\n\t"                                                                                             \
    "sub \\sum, \\sum, \\x\n\t"                                                                                        \
    ".endif\n\t"                                                                                                       \
    ".endm\n\t"
#endif

#endif

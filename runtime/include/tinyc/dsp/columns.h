/* Columns of the matrix product of dsp/matmul.h: pixels widened to int16 and interleaved. */
#ifndef TINYC_DSP_COLUMNS_H
#define TINYC_DSP_COLUMNS_H

#include <string.h>

#include "tinyc/kernel.h"

#ifdef TC_MANY_REGISTERS

/* Up to 3 bytes as a word, the rest 0. n in [1, 3]. */
static inline uint32_t tc_tail_dsp(const int8_t *x, int32_t n)
{
    uint32_t word = (uint8_t)x[0];
    if (n > 1) {
        word |= (uint32_t)(uint8_t)x[1] << 8;
    }
    if (n > 2) {
        word |= (uint32_t)(uint8_t)x[2] << 16;
    }
    return word;
}

/* Appends n bytes of each of three pixels to the columns at `to`; a rest of n below 4 is filled up with zeros.
 * Returns the end. Pixels need no alignment. */
__attribute__((noinline, unused)) TC_NO_FRAME_POINTER static int16_t *
tc_widen_3_dsp(int16_t *to, const int8_t *a, const int8_t *b, const int8_t *c, int32_t n)
{
    int16_t *const end = to + (n >> 2) * 12;
    if (to != end) {
        __asm__ volatile("1:\n\t"
                         "ldr r4, [%[a]], #4\n\t"
                         "ldr r5, [%[b]], #4\n\t"
                         "ldr r6, [%[c]], #4\n\t"
                         "sxtb16 r8, r4, ror #8\n\t"
                         "sxtb16 r9, r5, ror #8\n\t"
                         "sxtb16 r10, r6, ror #8\n\t"
                         "sxtb16 r4, r4\n\t"
                         "sxtb16 r5, r5\n\t"
                         "sxtb16 r6, r6\n\t"
                         "stmia %[to]!, {r4, r5, r6, r8, r9, r10}\n\t"
                         "cmp %[to], %[end]\n\t"
                         "bne 1b\n\t"
                         : [to] "+r"(to), [a] "+r"(a), [b] "+r"(b), [c] "+r"(c)
                         : [end] "r"(end)
                         : "r4", "r5", "r6", "r8", "r9", "r10", "cc", "memory");
    }
    n &= 3;
    if (n) {
        const uint32_t x = tc_tail_dsp(a, n), y = tc_tail_dsp(b, n), z = tc_tail_dsp(c, n);
        __asm__ volatile("sxtb16 r4, %[x]\n\t"
                         "sxtb16 r5, %[y]\n\t"
                         "sxtb16 r6, %[z]\n\t"
                         "sxtb16 r8, %[x], ror #8\n\t"
                         "sxtb16 r9, %[y], ror #8\n\t"
                         "sxtb16 r10, %[z], ror #8\n\t"
                         "stmia %[to]!, {r4, r5, r6, r8, r9, r10}\n\t"
                         : [to] "+r"(to)
                         : [x] "r"(x), [y] "r"(y), [z] "r"(z)
                         : "r4", "r5", "r6", "r8", "r9", "r10", "memory");
    }
    return to;
}

/* The same of two pixels. */
__attribute__((noinline, unused)) TC_NO_FRAME_POINTER static int16_t *tc_widen_2_dsp(int16_t *to, const int8_t *a,
                                                                                     const int8_t *b, int32_t n)
{
    int16_t *const end = to + (n >> 2) * 8;
    if (to != end) {
        __asm__ volatile("1:\n\t"
                         "ldr r4, [%[a]], #4\n\t"
                         "ldr r5, [%[b]], #4\n\t"
                         "sxtb16 r6, r4, ror #8\n\t"
                         "sxtb16 r8, r5, ror #8\n\t"
                         "sxtb16 r4, r4\n\t"
                         "sxtb16 r5, r5\n\t"
                         "stmia %[to]!, {r4, r5, r6, r8}\n\t"
                         "cmp %[to], %[end]\n\t"
                         "bne 1b\n\t"
                         : [to] "+r"(to), [a] "+r"(a), [b] "+r"(b)
                         : [end] "r"(end)
                         : "r4", "r5", "r6", "r8", "cc", "memory");
    }
    n &= 3;
    if (n) {
        const uint32_t x = tc_tail_dsp(a, n), y = tc_tail_dsp(b, n);
        __asm__ volatile("sxtb16 r4, %[x]\n\t"
                         "sxtb16 r5, %[y]\n\t"
                         "sxtb16 r6, %[x], ror #8\n\t"
                         "sxtb16 r8, %[y], ror #8\n\t"
                         "stmia %[to]!, {r4, r5, r6, r8}\n\t"
                         : [to] "+r"(to)
                         : [x] "r"(x), [y] "r"(y)
                         : "r4", "r5", "r6", "r8", "memory");
    }
    return to;
}

#else

/* n bytes of `pixels` pixels as pairs; what of them is not there counts as 0. */
static inline int16_t *tc_widen_dsp(int16_t *to, const int8_t *const *x, int32_t pixels, int32_t n)
{
    for (int32_t k = 0; k < n; k += 4) {
        for (int32_t odd = 0; odd < 2; odd++) {
            for (int32_t i = 0; i < pixels; i++) {
                *to++ = k + odd < n ? x[i][k + odd] : 0;
                *to++ = k + odd + 2 < n ? x[i][k + odd + 2] : 0;
            }
        }
    }
    return to;
}

static inline int16_t *tc_widen_3_dsp(int16_t *to, const int8_t *a, const int8_t *b, const int8_t *c, int32_t n)
{
    const int8_t *const x[] = {a, b, c};
    return tc_widen_dsp(to, x, 3, n);
}

static inline int16_t *tc_widen_2_dsp(int16_t *to, const int8_t *a, const int8_t *b, int32_t n)
{
    const int8_t *const x[] = {a, b};
    return tc_widen_dsp(to, x, 2, n);
}

#endif

/* Pixels of the next block when n are left: threes, but four are two twos, for one pixel alone costs as much as two. */
static inline int32_t tc_block_pixels_dsp(int32_t n) { return n == 4 || n < 3 ? tc_min(n, 2) : 3; }

#endif

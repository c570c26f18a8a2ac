/* Bytes of the sums of dense layers of ternary weights. */
#ifndef TINYC_SCALAR_TERNARY_BYTES_H
#define TINYC_SCALAR_TERNARY_BYTES_H

#include "tinyc/scalar/blocks.h"
#include "tinyc/ternary.h"

/* A byte of a sum, rounded once. channel: slope and offset; see tinyc/ternary.h. */
static inline int8_t tc_line_byte(int32_t sum, const int32_t *channel, int32_t left, int32_t shift)
{
    const int32_t level = tc_high_scalar((int32_t)((uint32_t)sum << left), channel[0]) + channel[1];
#ifdef __riscv
    return (int8_t)tc_clamp(level >> shift, INT8_MIN, INT8_MAX); /* which a register each keeps in a loop */
#else
    return tc_saturate(level >> shift);
#endif
}

#ifdef __ARM_ARCH_6M__
/* The same of sums that fit 16 bits, at least one, shifted left by 16. */
static inline void tc_ternary_lines_16(const int32_t *sums, const int32_t *channel, const int32_t *end, int32_t shift,
                                       int8_t *out)
{
#ifdef TC_MANY_REGISTERS
    __asm__ volatile(".syntax unified\n\t"
                     "1:\n\t"
                     "ldmia %[channel]!, {r4, r5}\n\t"
                     "ldmia %[sums]!, {r6}\n\t"
                     "uxth r7, r4\n\t"
                     "asrs r4, r4, #16\n\t"
                     "muls r7, r6, r7\n\t"
                     "muls r4, r6, r4\n\t"
                     "asrs r7, r7, #16\n\t"
                     "adds r4, r4, r5\n\t"
                     "adds r4, r4, r7\n\t"
                     "asrs r4, r4, %[shift]\n\t"
                     "sxtb r7, r4\n\t"
                     "cmp r7, r4\n\t"
                     "bne 3f\n\t"
                     "2:\n\t"
                     "strb r7, [%[out]]\n\t"
                     "adds %[out], #1\n\t"
                     "cmp %[channel], %[end]\n\t"
                     "bne 1b\n\t"
                     "b 4f\n\t"
                     "3:\n\t"
                     "asrs r4, r4, #31\n\t"
                     "movs r7, #127\n\t"
                     "eors r7, r7, r4\n\t"
                     "b 2b\n\t"
                     "4:\n\t"
                     : [channel] "+&l"(channel), [sums] "+&l"(sums), [out] "+&l"(out)
                     : [shift] "l"(shift), [end] "h"(end)
                     : "r4", "r5", "r6", "r7", "cc", "memory");
#else
    for (; channel != end; channel += 2) {
        const int32_t slope = channel[0];
        const int32_t sum = *sums++;
        const int32_t level = sum * (slope >> 16) + ((sum * (slope & 0xFFFF)) >> 16) + channel[1];
        *out++ = tc_saturate(level >> shift);
    }
#endif
}
#endif

#if defined(TC_MANY_REGISTERS) && defined(__thumb2__) && !defined(__OPTIMIZE_SIZE__)
#define TC_LINES_ASSEMBLY
#define TC_LINES_BYTE(sum)                                                                                             \
    "ldrd %[slope], %[offset], [%[channel]], #8\n\t"                                                                   \
    "lsl " sum ", " sum ", %[left]\n\t"                                                                                \
    "smull %[slope], " sum ", %[slope], " sum "\n\t"                                                                   \
    "add " sum ", " sum ", %[offset]\n\t"                                                                              \
    "asr " sum ", " sum ", %[shift]\n\t"                                                                               \
    "ssat " sum ", #8, " sum "\n\t"                                                                                    \
    "strb " sum ", [%[out]], #1\n\t"
/* The bytes of sums, at least one. */
static __attribute__((noinline, unused)) void tc_ternary_lines(const int32_t *sums, const int32_t *channel,
                                                               int32_t count, const tc_ternary_vector *p, int8_t *out)
{
    const int8_t *const end = out + count;
    int32_t a, b, slope, offset;
    __asm__ volatile("lsls %[b], %[count], #31\n\t"
                     "beq 1f\n\t"
                     "ldr %[b], [%[sums]], #4\n\t"
                     "b 2f\n\t"
                     "1:\n\t"
                     "ldrd %[a], %[b], [%[sums]], #8\n\t" TC_LINES_BYTE("%[a]") /* */
                     "2:\n\t" TC_LINES_BYTE("%[b]")                             /* */
                     "cmp %[out], %[end]\n\t"
                     "bne 1b\n\t"
                     : [sums] "+&r"(sums), [channel] "+&r"(channel), [out] "+&r"(out), [a] "=&r"(a), [b] "=&r"(b),
                       [slope] "=&r"(slope), [offset] "=&r"(offset)
                     : [count] "r"(count), [end] "r"(end), [left] "r"(p->left), [shift] "r"(p->shift)
                     : "cc", "memory");
}
#endif

/* Outputs [first, first + count) of their sums. twice: see scalar/blocks.h. */
TC_INLINE void tc_ternary_bytes(const tc_ternary_vector *p, const int32_t *sums, int32_t first, int32_t count,
                                const int32_t *channels, const uint8_t *scales, int8_t *out, int32_t twice)
{
    const int32_t *channel = channels + 2 * first;
    const int32_t *const end = channel + 2 * count;
    out += first;
    if (twice) {
        const uint8_t *shift = scales + first;
        const int32_t magnitude = p->magnitude;
        for (; channel != end; channel += 2, shift++) {
            const int32_t acc = channel[0] + (magnitude == 0 ? shift[p->out_n] : magnitude) * *sums++;
            *out++ = tc_byte_scalar(acc, channel[1], *shift, p->zero, 1);
        }
    } else {
#ifdef TC_LINES_ASSEMBLY
        tc_ternary_lines(sums, channel, count, p, out);
#else
        const int32_t left = p->left;
        const int32_t shift = p->shift;
#ifdef __ARM_ARCH_6M__ /* no long multiplication */
        if (left == 16) {
            tc_ternary_lines_16(sums, channel, end, shift, out);
            return;
        }
#endif
        int8_t *const even = out + (count & ~1);
        for (; out != even; channel += 4, sums += 2, out += 2) {
            out[0] = tc_line_byte(sums[0], channel, left, shift);
            out[1] = tc_line_byte(sums[1], channel + 2, left, shift);
        }
        if (channel != end) {
            *out = tc_line_byte(*sums, channel, left, shift);
        }
#endif
    }
}

#endif

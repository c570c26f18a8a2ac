/* Depthwise convolution by ternary weights, four channels in a word.
 *
 * A tap of four channels is a word x of bytes. A weight of 1 counts x + 128, one of -1 the complement of that, 127 - x,
 * and one of 0 nothing: (x ^ flip) & keep are all four, bytes from 0 to 255. Words are added up as they are, which
 * carries from byte to byte, and their odd bytes apart as halves of a word; what these leave of the former are the even
 * bytes. The compiler subtracts the 127 and 128 from what sums start from. A kernel whose lines have two sides defines
 * TC_MASKED_SIDED before it includes this,
 * one whose bytes by lines are clamped as they are made TC_MASKED_CLAMPED. */
#ifndef TINYC_SCALAR_MASKS_H
#define TINYC_SCALAR_MASKS_H

#include "tinyc/scalar/blocks.h"
#include "tinyc/scalar/rests.h"
#include "tinyc/scalar/short_line.h"
#include "tinyc/ternary.h"

/* Of a tap, for four channels. */
typedef struct {
    uint32_t flip;
    uint32_t keep;
} tc_mask;

/* One tap of two neighbouring pixels, or of one and the same: bytes from the pixel of padding. */
typedef struct {
    int32_t x0;
    int32_t x1;
} tc_masked_tap;

/* How the sums of one channel become bytes where there are no lines. Where no negative sum matters, a byte is
 * (floor((start + magnitude * sum) * multiplier / 2^32) + more) >> shift; else see scalar/matmul.h. */
typedef struct {
    int32_t start; /* four times as much, like the magnitude */
    int32_t magnitude;
    int32_t multiplier;
    int32_t more;
    int32_t shift;
} tc_masked_scale;

/* The masks of a tap by its weights of channels 0 and 1, t0 + 3 t1, t = 0, 1, 2 for 0, 1, -1; then those by its weights
 * of channels 2 and 3. */
static const tc_mask tc_mask_pairs[18] = {{0x00000000, 0x00000000}, {0x00000080, 0x000000FF}, {0x0000007F, 0x000000FF},
                                          {0x00008000, 0x0000FF00}, {0x00008080, 0x0000FFFF}, {0x0000807F, 0x0000FFFF},
                                          {0x00007F00, 0x0000FF00}, {0x00007F80, 0x0000FFFF}, {0x00007F7F, 0x0000FFFF},
                                          {0x00000000, 0x00000000}, {0x00800000, 0x00FF0000}, {0x007F0000, 0x00FF0000},
                                          {0x80000000, 0xFF000000}, {0x80800000, 0xFFFF0000}, {0x807F0000, 0xFFFF0000},
                                          {0x7F000000, 0xFF000000}, {0x7F800000, 0xFFFF0000}, {0x7F7F0000, 0xFFFF0000}};

TC_INLINE void tc_unpack_tap(tc_mask *mask, uint32_t first, uint32_t second)
{
    const tc_mask *const low = tc_mask_pairs + first;
    const tc_mask *const high = tc_mask_pairs + 9 + second;
    mask->flip = low->flip | high->flip;
    mask->keep = low->keep | high->keep;
}

/* Masks of `fives` times five taps. pairs: for each five two fractions of 2^16, of channels 0 and 1 and of 2 and 3,
 * whose multiples by nine have the weights of a tap each. */
#if defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_6M__) && !defined(__OPTIMIZE_SIZE__)
#define TC_UNPACK_TAP                                                                                                  \
    "lsls r4, r1, #3\n\t"                                                                                              \
    "adds r1, r1, r4\n\t"                                                                                              \
    "lsrs r4, r1, #16\n\t"                                                                                             \
    "lsls r4, r4, #3\n\t"                                                                                              \
    "adds r4, r4, %[table]\n\t"                                                                                        \
    "ldmia r4!, {r5, r6}\n\t"                                                                                          \
    "uxth r1, r1\n\t"                                                                                                  \
    "lsls r4, r2, #3\n\t"                                                                                              \
    "adds r2, r2, r4\n\t"                                                                                              \
    "lsrs r4, r2, #16\n\t"                                                                                             \
    "lsls r4, r4, #3\n\t"                                                                                              \
    "adds r4, r4, %[table]\n\t"                                                                                        \
    "uxth r2, r2\n\t"                                                                                                  \
    "ldr r3, [r4, #72]\n\t"                                                                                            \
    "orrs r5, r3\n\t"                                                                                                  \
    "ldr r3, [r4, #76]\n\t"                                                                                            \
    "orrs r6, r3\n\t"                                                                                                  \
    "stmia %[mask]!, {r5, r6}\n\t"
TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_unpack_fives(tc_mask *mask, const uint16_t *pairs,
                                                                          int32_t fives)
{
    const uint16_t *const end = pairs + 2 * fives;
    __asm__ volatile(".syntax unified\n\t"
                     "b 2f\n\t"
                     "1:\n\t"
                     "mov r4, %[pairs]\n\t"
                     "ldrh r1, [r4]\n\t"
                     "ldrh r2, [r4, #2]\n\t"
                     "adds r4, #4\n\t"
                     "mov %[pairs], r4\n\t" TC_UNPACK_TAP TC_UNPACK_TAP TC_UNPACK_TAP TC_UNPACK_TAP TC_UNPACK_TAP
                     "2:\n\t"
                     "cmp %[pairs], %[end]\n\t"
                     "bne 1b\n\t"
                     : [mask] "+&l"(mask), [pairs] "+&h"(pairs)
                     : [table] "l"(tc_mask_pairs), [end] "h"(end)
                     : "r1", "r2", "r3", "r4", "r5", "r6", "cc", "memory");
}
#elif defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_7M__)
#define TC_UNPACK_TAP                                                                                                  \
    "umull r1, r3, r1, %[nine]\n\t"                                                                                    \
    "umull r2, r4, r2, %[nine]\n\t"                                                                                    \
    "add r3, %[table], r3, lsl #3\n\t"                                                                                 \
    "add r4, %[table], r4, lsl #3\n\t"                                                                                 \
    "ldrd r5, r6, [r3]\n\t"                                                                                            \
    "ldrd r3, r4, [r4, #72]\n\t"                                                                                       \
    "orrs r5, r5, r3\n\t"                                                                                              \
    "orrs r6, r6, r4\n\t"                                                                                              \
    "strd r5, r6, [%[mask]], #8\n\t"
static inline void tc_unpack_fives(tc_mask *mask, const uint16_t *pairs, int32_t fives)
{
    const uint16_t *const end = pairs + 2 * fives;
    __asm__ volatile("b 2f\n\t"
                     "1:\n\t"
                     "ldr r2, [%[pairs]], #4\n\t"
                     "lsls r1, r2, #16\n\t"
                     "bfc r2, #0, #16\n\t" TC_UNPACK_TAP TC_UNPACK_TAP TC_UNPACK_TAP TC_UNPACK_TAP TC_UNPACK_TAP
                     "2:\n\t"
                     "cmp %[pairs], %[end]\n\t"
                     "bne 1b\n\t"
                     : [mask] "+&r"(mask), [pairs] "+&r"(pairs)
                     : [table] "r"(tc_mask_pairs), [end] "r"(end), [nine] "r"(9)
                     : "r1", "r2", "r3", "r4", "r5", "r6", "cc", "memory");
}
#else
static inline void tc_unpack_fives(tc_mask *mask, const uint16_t *pairs, int32_t fives)
{
    uint32_t nine = 9;
    __asm__("" : "+r"(nine)); /* a long multiplication rather than shifts */
    for (const uint16_t *const end = pairs + 2 * fives; pairs != end; pairs += 2) {
        uint32_t a = (uint32_t)pairs[0] << 16;
        uint32_t b = (uint32_t)pairs[1] << 16;
        for (tc_mask *const stop = mask + 5; mask != stop; mask++) {
            const uint64_t first = (uint64_t)a * nine;
            const uint64_t second = (uint64_t)b * nine;
            tc_unpack_tap(mask, (uint32_t)(first >> 32), (uint32_t)(second >> 32));
            a = (uint32_t)first;
            b = (uint32_t)second;
        }
    }
}
#endif

/* Masks of one tap of `channels` channels, at most four, by trits. */
static __attribute__((noinline)) void tc_unpack_rest(tc_mask *mask, tc_rest *rest, int32_t channels)
{
    const uint32_t first = channels > 1 ? tc_rest_pair(rest) : tc_rest_digit(rest);
    const uint32_t second = channels > 3 ? tc_rest_pair(rest) : channels > 2 ? tc_rest_digit(rest) : 0;
    tc_unpack_tap(mask, first, second);
}

/* Masks of `channels` channels, for each four of them one for each tap, and up to four more behind. Returns where the
 * next pairs are. filled: whether the last five is in pairs where it is none. */
static __attribute__((noinline)) const uint16_t *tc_unpack_masks(tc_mask *mask, int32_t taps, int32_t channels,
                                                                 int32_t filled, const uint16_t *pairs, tc_rest *rest)
{
    const int32_t whole = taps * (channels >> 2);
    const int32_t fives = (whole + (filled ? 4 : 0)) / 5;
    tc_unpack_fives(mask, pairs, fives);
    for (int32_t i = 5 * fives; i < whole; i++) {
        tc_unpack_rest(mask + i, rest, 4);
    }
    if (channels & 3) {
        for (int32_t i = 0; i < taps; i++) {
            tc_unpack_rest(mask + whole + i, rest, channels & 3);
        }
    }
    return pairs + 2 * fives;
}

/* Sums of four channels of two pixels, unsigned. */
typedef struct {
    uint32_t all[2]; /* words, added up */
    uint32_t odd[2]; /* sums of bytes 1 and 3 */
} tc_masked_sums;

TC_INLINE void tc_add_masked(tc_masked_sums *s, int32_t i, uint32_t x, const tc_mask *mask)
{
    const uint32_t y = (x ^ mask->flip) & mask->keep;
    s->all[i] += y;
    s->odd[i] += (y >> 8) & 0x00FF00FFu;
}

/* base: aligned where the core needs it. */
#if defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_7M__)
static inline tc_masked_sums tc_masked_words(const int8_t *base, const tc_masked_tap *t, const tc_mask *mask,
                                             const tc_mask *end)
{
    tc_masked_sums s = {{0, 0}, {0, 0}};
    int32_t x0, x1, flip, keep;
    __asm__("1:\n\t"
            "ldrd %[x0], %[x1], [%[t]], #8\n\t"
            "ldr %[x0], [%[base], %[x0]]\n\t"
            "ldrd %[flip], %[keep], [%[mask]], #8\n\t"
            "eor %[x0], %[x0], %[flip]\n\t"
            "ldr %[x1], [%[base], %[x1]]\n\t"
            "and %[x0], %[x0], %[keep]\n\t"
            "eor %[x1], %[x1], %[flip]\n\t"
            "add %[all0], %[all0], %[x0]\n\t"
            "and %[x0], %[bytes], %[x0], lsr #8\n\t"
            "and %[x1], %[x1], %[keep]\n\t"
            "add %[odd0], %[odd0], %[x0]\n\t"
            "add %[all1], %[all1], %[x1]\n\t"
            "and %[x1], %[bytes], %[x1], lsr #8\n\t"
            "add %[odd1], %[odd1], %[x1]\n\t"
            "cmp %[mask], %[end]\n\t"
            "bne 1b\n\t"
            : [all0] "+r"(s.all[0]), [all1] "+r"(s.all[1]), [odd0] "+r"(s.odd[0]), [odd1] "+r"(s.odd[1]), [t] "+r"(t),
              [mask] "+r"(mask), [x0] "=&r"(x0), [x1] "=&r"(x1), [flip] "=&r"(flip), [keep] "=&r"(keep)
            : [base] "r"(base), [end] "r"(end), [bytes] "r"(0x00FF00FF)
            : "cc", "memory");
    return s;
}
#elif defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_6M__)
TC_NO_FRAME_POINTER static __attribute__((noinline)) tc_masked_sums
tc_masked_words(const int8_t *base, const tc_masked_tap *t, const tc_mask *mask, const tc_mask *end)
{
    register uint32_t r0 __asm__("r0") = (uint32_t)(uintptr_t)base;
    register const tc_masked_tap *r1 __asm__("r1") = t;
    register const tc_mask *r2 __asm__("r2") = mask;
    register uint32_t r3 __asm__("r3") = (uint32_t)(uintptr_t)end;
    register uint32_t r4 __asm__("r4") = 0;
    register uint32_t r5 __asm__("r5") = 0;
    register uint32_t r6 __asm__("r6") = 0x00FF00FF;
    /* r8, r9: words added up, r10, r11: odd bytes, r12: base, lr: end */
    __asm__ volatile(".syntax unified\n\t"
                     "mov r8, r4\n\t"
                     "mov r9, r4\n\t"
                     "mov r10, r4\n\t"
                     "mov r11, r4\n\t"
                     "mov r12, r0\n\t"
                     "mov lr, r3\n\t"
                     "1:\n\t"
                     "ldmia r1!, {r0, r3}\n\t"
                     "add r0, r12\n\t"
                     "ldr r0, [r0]\n\t"
                     "add r3, r12\n\t"
                     "ldr r3, [r3]\n\t"
                     "ldmia r2!, {r4, r5}\n\t"
                     "eors r0, r4\n\t"
                     "ands r0, r5\n\t"
                     "add r8, r0\n\t"
                     "lsrs r0, r0, #8\n\t"
                     "ands r0, r6\n\t"
                     "add r10, r0\n\t"
                     "eors r3, r4\n\t"
                     "ands r3, r5\n\t"
                     "add r9, r3\n\t"
                     "lsrs r3, r3, #8\n\t"
                     "ands r3, r6\n\t"
                     "add r11, r3\n\t"
                     "cmp r2, lr\n\t"
                     "bne 1b\n\t"
                     "mov r0, r8\n\t"
                     "mov r3, r9\n\t"
                     "mov r4, r10\n\t"
                     "mov r5, r11\n\t"
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), "+r"(r4), "+r"(r5)
                     : "r"(r6)
                     : "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
    const tc_masked_sums s = {{r0, r3}, {r4, r5}};
    return s;
}
#else
static inline tc_masked_sums tc_masked_words(const int8_t *base, const tc_masked_tap *t, const tc_mask *mask,
                                             const tc_mask *end)
{
    tc_masked_sums s = {{0, 0}, {0, 0}};
    for (; mask != end; mask++, t++) {
        tc_add_masked(&s, 0, *(const uint32_t *)(const void *)(base + t->x0), mask);
        tc_add_masked(&s, 1, *(const uint32_t *)(const void *)(base + t->x1), mask);
    }
    return s;
}
#endif

/* The same where channels do not lie side by side. at: [4] offsets of their bytes. */
static inline tc_masked_sums tc_masked_bytes(const int8_t *base, const int32_t *at, const tc_masked_tap *t,
                                             const tc_mask *mask, const tc_mask *end)
{
    tc_masked_sums s = {{0, 0}, {0, 0}};
    for (; mask != end; mask++, t++) {
        const int32_t offsets[2] = {t->x0, t->x1};
        for (int32_t i = 0; i < 2; i++) {
            const uint8_t *const x = (const uint8_t *)base + offsets[i];
            tc_add_masked(
                &s, i, x[at[0]] | (uint32_t)x[at[1]] << 8 | (uint32_t)x[at[2]] << 16 | (uint32_t)x[at[3]] << 24, mask);
        }
    }
    return s;
}

static inline tc_masked_scale tc_masked_scale_of(const tc_depthwise_ternary_params *p, const int32_t *channel,
                                                 int32_t magnitude)
{
    const int32_t start = channel[0] >> 5;
    const int32_t multiplier = channel[1];
    const int32_t shift = channel[0] & 31;
    const int32_t more = 1 + (int32_t)((uint32_t)p->zero << shift);
    const tc_masked_scale s = {4 * start, 4 * magnitude, multiplier, more, p->is_signed ? shift : shift + 1};
    return s;
}

/* The byte of a sum. */
TC_INLINE int8_t tc_masked_byte(const tc_masked_scale *s, int32_t sum, int32_t is_signed, int32_t zero)
{
    const int32_t acc = s->start + s->magnitude * sum;
    const int32_t high = tc_high_scalar(acc, s->multiplier);
    if (is_signed) {
        return tc_saturate((((high + ((acc >> 31) | 1)) >> s->shift) + zero) >> 1);
    }
    return tc_saturate((high + s->more) >> s->shift);
}

/* The byte of a sum by a line. */
TC_INLINE int8_t tc_masked_line(const tc_depthwise_ternary_params *p, const int32_t *line, uint32_t sum)
{
#if defined(TC_MASKED_SIDED)
    return tc_sided_line(line[0], line[1], p->zero, sum);
#elif defined(TC_MASKED_CLAMPED)
    return (int8_t)tc_clamp(tc_short_line(line[0], line[1], sum), p->act_min, p->act_max);
#else
    (void)p;
    return tc_short_line(line[0], line[1], sum);
#endif
}

/* Bytes of some channels, at most four, of two pixels; pitch: bytes from the first one's to the second's. scales: NULL
 * where there are lines, from `lines` on. */
static __attribute__((noinline)) void tc_masked_some(const tc_depthwise_ternary_params *p, const tc_masked_sums *sums,
                                                     const tc_masked_scale *scales, const int32_t *lines, int8_t *out,
                                                     int32_t pitch, int32_t channels)
{
    for (int32_t i = 0; i < 2; i++, out += pitch) {
        uint32_t words[2] = {sums->all[i] - (sums->odd[i] << 8), sums->odd[i]};
        for (int32_t c = 0; c < channels; c++) {
            const uint32_t sum = words[c & 1] & 0xFFFF;
            words[c & 1] >>= 16;
            out[c] = scales ? tc_masked_byte(scales + c, (int32_t)sum, p->is_signed, p->zero)
                            : tc_masked_line(p, lines + 2 * c, sum);
        }
    }
}

/* Fours of channels of two pixels, whose bytes are loaded as words. */
typedef struct {
    const tc_masked_tap *taps;
    const tc_mask *mask;
    const tc_masked_scale *scales; /* NULL where there are lines */
    const int32_t *lines;
    const int8_t *base; /* of the first channel */
    int8_t *out;
    int32_t pitch; /* bytes from the first pixel's output to the second's */
    int32_t depth; /* taps */
    int32_t count; /* fours, 0 and more */
    const tc_depthwise_ternary_params *layer;
} tc_masked_fours;

/* By a multiplication of 64 bits each. */
static __attribute__((noinline)) void tc_masked_run(const tc_depthwise_ternary_params *p, const tc_masked_fours *fours)
{
    tc_masked_fours f = *fours;
    for (; f.count > 0; f.count--, f.mask += f.depth, f.scales += 4, f.lines += 8, f.base += 4, f.out += 4) {
        const tc_masked_sums s = tc_masked_words(f.base, f.taps, f.mask, f.mask + f.depth);
        tc_masked_some(p, &s, f.scales, f.lines, f.out, f.pitch, 4);
    }
}

/* By lines. What code in assembly needs for their bytes: what those of two sides are below, or the least byte. */
#ifdef TC_MASKED_SIDED
#define TC_MASKED_LEAST(p) ((p)->zero)
#else
#define TC_MASKED_LEAST(p) ((p)->act_min)
#endif
#if defined(TC_MANY_REGISTERS) && (defined(__ARM_ARCH_6M__) || defined(__ARM_ARCH_7M__))
/* What code in assembly keeps in memory begins with what it loads for each four: where the code of a four begins, of
 * whose taps four or eight are done at a time, and fewer at first. Outputs and inputs move alike. */
#endif
#if defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_6M__)
#define TC_MASKED_TAP                                                                                                  \
    "ldmia r1!, {r0, r3}\n\t"                                                                                          \
    "add r0, r12\n\t"                                                                                                  \
    "ldr r0, [r0]\n\t"                                                                                                 \
    "add r3, r12\n\t"                                                                                                  \
    "ldr r3, [r3]\n\t"                                                                                                 \
    "ldmia r2!, {r4, r5}\n\t"                                                                                          \
    "eors r0, r4\n\t"                                                                                                  \
    "ands r0, r5\n\t"                                                                                                  \
    "add r8, r0\n\t"                                                                                                   \
    "lsrs r0, r0, #8\n\t"                                                                                              \
    "ands r0, r6\n\t"                                                                                                  \
    "add r10, r0\n\t"                                                                                                  \
    "eors r3, r4\n\t"                                                                                                  \
    "ands r3, r5\n\t"                                                                                                  \
    "add r9, r3\n\t"                                                                                                   \
    "lsrs r3, r3, #8\n\t"                                                                                              \
    "ands r3, r6\n\t"                                                                                                  \
    "add r11, r3\n\t"
#define TC_MASKED_SATURATE                                                                                             \
    "sxtb r2, r6\n\t"                                                                                                  \
    "cmp r2, r6\n\t"                                                                                                   \
    "beq 3f\n\t"                                                                                                       \
    "asrs r6, r6, #31\n\t"                                                                                             \
    "movs r2, #127\n\t"                                                                                                \
    "eors r2, r6\n\t"                                                                                                  \
    "3:\n\t"                                                                                                           \
    "strb r2, "
#if defined(TC_MASKED_SIDED)
#define TC_MASKED_BYTE                                                                                                 \
    "lsrs r2, r6, #20\n\t"                                                                                             \
    "subs r6, r6, r2\n\t"                                                                                              \
    "asrs r6, r5\n\t"                                                                                                  \
    "subs r6, r7, r6\n\t" TC_MASKED_SATURATE
#elif defined(TC_MASKED_CLAMPED)
#define TC_MASKED_BYTE                                                                                                 \
    "asrs r6, r5\n\t"                                                                                                  \
    "cmp r6, r7\n\t"                                                                                                   \
    "bge 3f\n\t"                                                                                                       \
    "mov r6, r7\n\t"                                                                                                   \
    "3:\n\t"                                                                                                           \
    "cmp r6, r2\n\t"                                                                                                   \
    "ble 3f\n\t"                                                                                                       \
    "mov r6, r2\n\t"                                                                                                   \
    "3:\n\t"                                                                                                           \
    "strb r6, "
#else
#define TC_MASKED_BYTE "asrs r6, r5\n\t" TC_MASKED_SATURATE
#endif
/* sums: a register of two; half: "uxth r6, r6" or "lsrs r6, r6, #16"; r4, r5: the line; r7: what bytes are below, or
 * the least, r2: the greatest */
#define TC_MASKED_LINE(sums, half, to)                                                                                 \
    "mov r6, " sums "\n\t" half "\n\t"                                                                                 \
    "muls r6, r4\n\t"                                                                                                  \
    "adds r6, r6, r5\n\t" TC_MASKED_BYTE to "\n\t"
#define TC_MASKED_LINES(first, second, half, at)                                                                       \
    "ldmia r0!, {r4, r5}\n\t" TC_MASKED_LINE(second, half, "[r3, #" at "]") TC_MASKED_LINE(first, half, "[r1, #" at "]")

TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_masked_run_lines(uint32_t *state)
{
    register uint32_t *r7 __asm__("r7") = state;
    /* r0: lines, r1: taps, outputs of the first pixel, r2: masks, r3: outputs of the second, r8, r9: words added up,
     * r10, r11: odd bytes, r12: base, lr: the next masks, the state */
    __asm__ volatile(".syntax unified\n\t"
                     /* clang-format off */
                     "ldr r0, [r7]\n\t"
                     "movs r1, #(5f - 4f)\n\t"
                     "muls r0, r1\n\t"
                     "ldr r1, 8f\n\t"
                     "adds r0, r0, r1\n\t"
                     "str r0, [r7]\n\t"
                     "ldr r0, [r7, #44]\n\t"
                     "mov r12, r0\n\t"
                     "1:\n\t"
                     "mov r6, r7\n\t"
                     "ldmia r6, {r0, r1, r2, r3, r5, r6}\n\t"
                     "adds r3, r3, r2\n\t"
                     "mov lr, r3\n\t"
                     "mov r8, r5\n\t"
                     "mov r9, r5\n\t"
                     "mov r10, r5\n\t"
                     "mov r11, r5\n\t"
                     "mov pc, r0\n\t"
                     ".balign 4\n\t"
                     "8: .word 4f\n\t"
                     "4:\n\t"
                     TC_MASKED_TAP
                     "5:\n\t"
                     TC_MASKED_TAP
                     TC_MASKED_TAP
                     TC_MASKED_TAP
                     "cmp r2, lr\n\t"
                     "bne 4b\n\t"
                     "str r2, [r7, #8]\n\t"
                     "mov r0, r8\n\t" /* what odd bytes leave of the words */
                     "mov r1, r10\n\t"
                     "lsls r1, r1, #8\n\t"
                     "subs r0, r0, r1\n\t"
                     "mov r8, r0\n\t"
                     "mov r0, r9\n\t"
                     "mov r1, r11\n\t"
                     "lsls r1, r1, #8\n\t"
                     "subs r0, r0, r1\n\t"
                     "mov r9, r0\n\t"
                     "ldr r0, [r7, #24]\n\t"
                     "ldr r1, [r7, #28]\n\t"
                     "add r1, r12\n\t"
                     "ldr r3, [r7, #32]\n\t"
                     "adds r3, r3, r1\n\t"
#ifdef TC_MASKED_CLAMPED
                     "ldr r2, [r7, #48]\n\t"
#endif
#if defined(TC_MASKED_SIDED) || defined(TC_MASKED_CLAMPED)
                     "mov lr, r7\n\t"
                     "ldr r7, [r7, #40]\n\t"
#endif
                     TC_MASKED_LINES("r8", "r9", "uxth r6, r6", "0")
                     TC_MASKED_LINES("r10", "r11", "uxth r6, r6", "1")
                     TC_MASKED_LINES("r8", "r9", "lsrs r6, r6, #16", "2")
                     TC_MASKED_LINES("r10", "r11", "lsrs r6, r6, #16", "3")
#if defined(TC_MASKED_SIDED) || defined(TC_MASKED_CLAMPED)
                     "mov r7, lr\n\t"
#endif
                     "str r0, [r7, #24]\n\t"
                     "movs r1, #4\n\t"
                     "add r12, r1\n\t"
                     "ldr r0, [r7, #36]\n\t"
                     "cmp r12, r0\n\t"
                     "beq 9f\n\t"
                     "b 1b\n\t"
                     "9:\n\t"
                     /* clang-format on */
                     : "+r"(r7)
                     :
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}

TC_INLINE void tc_masked_lines(const tc_masked_fours *f)
{
    if (f->count == 0) {
        return;
    }
    uint32_t state[] = {
        -(uint32_t)f->depth & 3,                     /* r0: where the code begins */
        (uint32_t)f->taps,                           /* r1 */
        (uint32_t)f->mask,                           /* r2 */
        8u * (uint32_t)f->depth,                     /* r3 */
        0,                                           /* r5: sums */
        0x00FF00FF,                                  /* r6 */
        (uint32_t)f->lines,                          /* 24 */
        (uint32_t)f->out - (uint32_t)f->base,        /* 28 */
        (uint32_t)f->pitch,                          /* 32 */
        (uint32_t)f->base + 4u * (uint32_t)f->count, /* 36 */
        (uint32_t)TC_MASKED_LEAST(f->layer),         /* 40 */
        (uint32_t)f->base,                           /* 44 */
        (uint32_t)f->layer->act_max                  /* 48 */
    };
    tc_masked_run_lines(state);
}
#elif defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_7M__)
#define TC_MASKED_TAP                                                                                                  \
    "ldrd r0, r3, [r1], #8\n\t"                                                                                        \
    "ldrd r4, r5, [r2], #8\n\t"                                                                                        \
    "ldr r0, [r11, r0]\n\t"                                                                                            \
    "ldr r3, [r11, r3]\n\t"                                                                                            \
    "eor r0, r0, r4\n\t"                                                                                               \
    "eor r3, r3, r4\n\t"                                                                                               \
    "and r0, r0, r5\n\t"                                                                                               \
    "and r3, r3, r5\n\t"                                                                                               \
    "add r7, r7, r0\n\t"                                                                                               \
    "and r0, r6, r0, lsr #8\n\t"                                                                                       \
    "add r8, r8, r3\n\t"                                                                                               \
    "and r3, r6, r3, lsr #8\n\t"                                                                                       \
    "add r9, r9, r0\n\t"                                                                                               \
    "add r10, r10, r3\n\t"
#if defined(TC_MASKED_SIDED)
#define TC_MASKED_BYTE                                                                                                 \
    "sub r0, r0, r0, lsr #20\n\t"                                                                                      \
    "asr r0, r0, r5\n\t"                                                                                               \
    "sub r0, r6, r0\n\t"                                                                                               \
    "ssat r0, #8, r0\n\t"
#elif defined(TC_MASKED_CLAMPED)
#define TC_MASKED_BYTE                                                                                                 \
    "asr r0, r0, r5\n\t"                                                                                               \
    "cmp r0, r6\n\t"                                                                                                   \
    "it lt\n\t"                                                                                                        \
    "movlt r0, r6\n\t"                                                                                                 \
    "cmp r0, r12\n\t"                                                                                                  \
    "it gt\n\t"                                                                                                        \
    "movgt r0, r12\n\t"
#else
#define TC_MASKED_BYTE                                                                                                 \
    "asr r0, r0, r5\n\t"                                                                                               \
    "ssat r0, #8, r0\n\t"
#endif
/* half: "uxth r0, " or "lsrs r0, " with a register of two sums; r4, r5: the line; r6: what bytes are below, or the
 * least, r12: the greatest */
#define TC_MASKED_LINE(half, to)                                                                                       \
    half "\n\t"                                                                                                        \
         "mla r0, r0, r4, r5\n\t" TC_MASKED_BYTE "strb r0, " to "\n\t"
#define TC_MASKED_LINES(first, second, at)                                                                             \
    "ldrd r4, r5, [r2], #8\n\t" TC_MASKED_LINE(second, "[r3, #" at "]") TC_MASKED_LINE(first, "[r1, #" at "]")

TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_masked_run_lines(uint32_t *state)
{
    register uint32_t *lr __asm__("lr") = state;
    /* r1: taps, outputs of the first pixel, r2: masks, lines, r3: outputs of the second, r7, r8: words added up, r9,
     * r10: odd bytes, r11: base, r12: the next masks */
    __asm__ volatile(
        /* clang-format off */
                     "ldr r0, [lr, #24]\n\t"
                     "movs r1, #(5f - 4f)\n\t"
                     "adr.w r2, 4f\n\t"
                     "mla r0, r0, r1, r2\n\t"
                     "orr r0, r0, #1\n\t"
                     "str r0, [lr, #24]\n\t"
                     "ldr r4, [lr, #48]\n\t"
                     "ldrd r2, r11, [lr, #52]\n\t"
                     "add r12, r2, r4\n\t"
                     "1:\n\t"
                     "ldmia lr, {r1, r6, r7, r8, r9, r10, pc}\n\t"
                     ".balign 4\n\t"
                     "4:\n\t"
                     TC_MASKED_TAP
                     "5:\n\t"
                     TC_MASKED_TAP
                     TC_MASKED_TAP
                     TC_MASKED_TAP
                     TC_MASKED_TAP
                     TC_MASKED_TAP
                     TC_MASKED_TAP
                     TC_MASKED_TAP
                     "cmp r2, r12\n\t"
                     "bne 4b\n\t"
                     "sub r7, r7, r9, lsl #8\n\t" /* what odd bytes leave of the words */
                     "sub r8, r8, r10, lsl #8\n\t"
                     "ldrd r1, r3, [lr, #28]\n\t"
                     "ldrd r2, r6, [lr, #36]\n\t"
                     "add r1, r1, r11\n\t"
                     "add r3, r3, r1\n\t"
#ifdef TC_MASKED_CLAMPED
                     "str r12, [lr, #52]\n\t"
                     "ldr r12, [lr, #60]\n\t"
#endif
                     TC_MASKED_LINES("uxth r0, r7", "uxth r0, r8", "0")
                     TC_MASKED_LINES("uxth r0, r9", "uxth r0, r10", "1")
                     TC_MASKED_LINES("lsr r0, r7, #16", "lsr r0, r8, #16", "2")
                     TC_MASKED_LINES("lsr r0, r9, #16", "lsr r0, r10, #16", "3")
                     "str r2, [lr, #36]\n\t"
                     "ldrd r0, r4, [lr, #44]\n\t"
                     "add r11, r11, #4\n\t"
#ifdef TC_MASKED_CLAMPED
                     "ldr r12, [lr, #52]\n\t"
#endif
                     "mov r2, r12\n\t"
                     "add r12, r12, r4\n\t"
                     "cmp r11, r0\n\t"
                     "bne 1b\n\t"
        /* clang-format on */
        : "+r"(lr)
        :
        : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "cc", "memory");
}

TC_INLINE void tc_masked_lines(const tc_masked_fours *f)
{
    if (f->count == 0) {
        return;
    }
    uint32_t state[] = {
        (uint32_t)f->taps, /* r1 */
        0x00FF00FF,        /* r6 */
        0,
        0,
        0,
        0,                                           /* r7 to r10: sums */
        -(uint32_t)f->depth & 7,                     /* pc: where the code begins */
        (uint32_t)f->out - (uint32_t)f->base,        /* 28 */
        (uint32_t)f->pitch,                          /* 32 */
        (uint32_t)f->lines,                          /* 36 */
        (uint32_t)TC_MASKED_LEAST(f->layer),         /* 40 */
        (uint32_t)f->base + 4u * (uint32_t)f->count, /* 44 */
        8u * (uint32_t)f->depth,                     /* 48 */
        (uint32_t)f->mask,                           /* 52 */
        (uint32_t)f->base,                           /* 56 */
        (uint32_t)f->layer->act_max                  /* 60 */
    };
    tc_masked_run_lines(state);
}
#else
TC_INLINE void tc_masked_two(const tc_depthwise_ternary_params *p, const int32_t *line, uint32_t first, uint32_t second,
                             int8_t *out, int8_t *next)
{
    const int32_t both[2] = {line[0], line[1]};
    *next = tc_masked_line(p, both, second);
    *out = tc_masked_line(p, both, first);
}

static __attribute__((noinline)) void tc_masked_lines(const tc_masked_fours *fours)
{
    tc_masked_fours f = *fours;
    for (; f.count > 0; f.count--, f.mask += f.depth, f.lines += 8, f.base += 4, f.out += 4) {
        const tc_masked_sums s = tc_masked_words(f.base, f.taps, f.mask, f.mask + f.depth);
        int8_t *const next = f.out + f.pitch;
        const uint32_t even0 = s.all[0] - (s.odd[0] << 8);
        const uint32_t even1 = s.all[1] - (s.odd[1] << 8);
        tc_masked_two(f.layer, f.lines, even0 & 0xFFFF, even1 & 0xFFFF, f.out, next);
        tc_masked_two(f.layer, f.lines + 2, s.odd[0] & 0xFFFF, s.odd[1] & 0xFFFF, f.out + 1, next + 1);
        tc_masked_two(f.layer, f.lines + 4, even0 >> 16, even1 >> 16, f.out + 2, next + 2);
        tc_masked_two(f.layer, f.lines + 6, s.odd[0] >> 16, s.odd[1] >> 16, f.out + 3, next + 3);
    }
}
#endif

/* The taps of n pixels from the input's column ix0 on. */
static void tc_find_masked_taps(const tc_depthwise_ternary_params *p, const int8_t *const *rows, int32_t origin,
                                int32_t ix0, int32_t n, const int8_t *padding, tc_masked_tap *taps)
{
    const int32_t step = n == 2 ? p->stride_w : 0;
    const int32_t step_bytes = step * p->in_c;
    const int32_t dilation = p->dilation_w;
    const int32_t dilation_bytes = dilation * p->in_c;
    const int32_t start = (ix0 - origin) * p->in_c;
    const uint32_t in_w = (uint32_t)p->in_w;
    const int32_t kernel_w = p->kernel_w;
    const int32_t inside = ix0 >= 0 && ix0 + (kernel_w - 1) * dilation + step < p->in_w;
    const tc_masked_tap *like = NULL; /* those of another row, and where that lies */
    int32_t like_at = 0;
    for (const int8_t *const *const end = rows + p->kernel_h; rows != end; rows++) {
        const int8_t *const row = *rows;
        int32_t at = start + (int32_t)((uintptr_t)row - (uintptr_t)padding);
        tc_masked_tap *const stop = taps + kernel_w;
        if (row == NULL) {
            for (; taps != stop; taps++) {
                taps->x0 = 0;
                taps->x1 = 0;
            }
        } else if (inside) {
            for (; taps != stop; taps++, at += dilation_bytes) {
                taps->x0 = at;
                taps->x1 = at + step_bytes;
            }
        } else if (like) {
            const int32_t down = at - like_at;
            for (; taps != stop; taps++, like++) {
                const int32_t x0 = like->x0;
                const int32_t x1 = like->x1;
                taps->x0 = x0 ? x0 + down : 0;
                taps->x1 = x1 ? x1 + down : 0;
            }
            like_at = at;
            like = stop - kernel_w;
        } else {
            like_at = at;
            like = taps;
            uint32_t ix = (uint32_t)ix0;
            for (; taps != stop; taps++, ix += (uint32_t)dilation, at += dilation_bytes) {
                taps->x0 = ix < in_w ? at : 0;
                taps->x1 = ix + (uint32_t)step < in_w ? at + step_bytes : 0;
            }
        }
    }
}

/* From the next two pixels on, where all their taps lie in the image as far as its columns go: what offsets are from,
 * which those of rows of padding have to make up for. Returns by how much. */
static int32_t tc_move_masked_taps(const tc_depthwise_ternary_params *p, const int8_t *const *rows, tc_masked_tap *taps)
{
    const int32_t step = 2 * p->stride_w * p->in_c;
    for (int32_t ky = 0; ky < p->kernel_h; ky++, taps += p->kernel_w) {
        for (int32_t kx = 0; rows[ky] == NULL && kx < p->kernel_w; kx++) {
            taps[kx].x0 -= step;
            taps[kx].x1 -= step;
        }
    }
    return step;
}

/* Whether words can be loaded from where the channels of a pixel lie. */
static inline int32_t tc_loads_words(const tc_depthwise_ternary_params *p, const int8_t *const *rows)
{
    if (p->multiplier != 1) {
        return 0;
    }
#ifndef __ARM_FEATURE_UNALIGNED
    uintptr_t bits = (uintptr_t)p->in_c;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        bits |= (uintptr_t)rows[ky];
    }
    return (bits & 3) == 0;
#else
    (void)rows;
    return 1;
#endif
}

/* by_lines: a constant at every call. */
TC_INLINE void tc_depthwise_masked(const tc_depthwise_ternary_params *p, const int8_t *const *rows, const tc_span *cols,
                                   const uint16_t *pairs, const int32_t *channels, const uint8_t *magnitudes,
                                   const uint8_t *rests, const int8_t *padding, int8_t *out, void *scratch,
                                   int32_t by_lines)
{
    const int32_t depth = p->kernel_h * p->kernel_w;
    tc_masked_tap *const taps = (tc_masked_tap *)scratch;
    tc_masked_scale *const scales = by_lines ? NULL : (tc_masked_scale *)(void *)(taps + depth);
    tc_mask *const masks = by_lines ? (tc_mask *)(void *)(taps + depth) : (tc_mask *)(void *)(scales + 4 * p->group);
    const int32_t last_tap = (p->kernel_w - 1) * p->dilation_w + p->stride_w;
    const int32_t in_words = tc_loads_words(p, rows);
    tc_rest rest = {rests, 0, 0};
    for (int32_t first = 0; first < p->out_c; first += 4 * p->group) {
        const int32_t count = tc_min(p->out_c - first, 4 * p->group);
        const int32_t *const lines = channels + 2 * first;
        pairs = tc_unpack_masks(masks, depth, count, p->filled, pairs, &rest);
        if (!by_lines) {
            for (int32_t c = 0; c < count; c++) {
                scales[c] = tc_masked_scale_of(p, lines + 2 * c, p->magnitude ? p->magnitude : *magnitudes++);
            }
        }
        int8_t *to = out + first;
        const int8_t *base = padding;
        int32_t inside = 0;
        for (int32_t ox = cols->begin; ox < cols->end; ox += 2, to += 2 * p->out_c) {
            const int32_t ix = ox * p->stride_w - p->pad_left;
            const int32_t n = tc_min(cols->end - ox, 2);
            const int32_t was_inside = inside;
            inside = n == 2 && ix >= 0 && ix + last_tap < p->in_w;
            if (was_inside && inside) {
                base += tc_move_masked_taps(p, rows, taps);
            } else {
                base = padding;
                tc_find_masked_taps(p, rows, cols->origin, ix, n, padding, taps);
            }
            const int32_t pitch = n == 2 ? p->out_c : 0;
            const int32_t fours = in_words ? count >> 2 : 0;
            tc_masked_fours words = {taps, masks, scales, lines, base + first, to, pitch, depth, fours, p};
            if (by_lines) {
                tc_masked_lines(&words);
            } else {
                tc_masked_run(p, &words);
            }
            for (int32_t c = 4 * fours; c < count; c += 4) {
                const int32_t left = tc_min(count - c, 4);
                int32_t at[4];
                for (int32_t i = 0; i < 4; i++) {
                    at[i] = (first + c + tc_min(i, left - 1)) / p->multiplier;
                }
                const tc_mask *const mask = masks + (c >> 2) * depth;
                const tc_masked_sums s = tc_masked_bytes(base, at, taps, mask, mask + depth);
                tc_masked_some(p, &s, by_lines ? NULL : scales + c, lines + 2 * c, to + c, pitch, left);
            }
        }
    }
#ifndef TC_MASKED_CLAMPED
    tc_clamp_bytes_scalar(out, (cols->end - cols->begin) * p->out_c, p->act_min, p->act_max);
#endif
}

#endif

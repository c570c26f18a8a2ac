/* Blocks of the matrix product of scalar/matmul.h: two pixels times four output channels at a time. */
#ifndef TINYC_SCALAR_BLOCKS_H
#define TINYC_SCALAR_BLOCKS_H

#include "tinyc/kernel.h"
#include "tinyc/saturate.h"
#include "tinyc/scalar/matmul.h"

/* floor(a * b / 2^32). b in [0, 2^31). */
static inline int32_t tc_high_scalar(int32_t a, int32_t b)
{
#ifdef __ARM_ARCH_6M__ /* no long multiplication */
    const int32_t a_high = a >> 16;
    const int32_t a_low = a & 0xFFFF;
    const int32_t b_high = b >> 16;
    const int32_t b_low = b & 0xFFFF;
    const int32_t upper = a_high * b_low + (int32_t)(((uint32_t)a_low * (uint32_t)b_low) >> 16);
    const int32_t lower = a_low * b_high + (upper & 0xFFFF);
    return a_high * b_high + (upper >> 16) + (lower >> 16);
#else
    return (int32_t)(((int64_t)a * b) >> 32);
#endif
}

/* twice: 1 where requantization rounds twice; a constant at every call. */
static inline int8_t tc_byte_scalar(int32_t acc, int32_t multiplier, int32_t shift, int32_t zero, int32_t twice)
{
    const int32_t high = tc_high_scalar(4 * acc, multiplier) + (twice ? (acc >> 31) | 1 : 0);
    return tc_saturate(((high >> shift) + zero) >> 1);
}

/* n bytes at x clamped to [low, high]; nothing is done where that is all of int8. */
static inline void tc_clamp_bytes_scalar(int8_t *x, int32_t n, int32_t low, int32_t high)
{
    if (low == INT8_MIN && high == INT8_MAX) {
        return;
    }
    for (; n > 0; n--, x++) {
        *x = (int8_t)tc_clamp(*x, low, high);
    }
}

/* Bytes of four channels of n pixels, 1 or 2; the second's first. sums: [4][n]; constants: four multipliers, four
 * shifts as bytes. */
static inline void tc_finish_scalar(const tc_matmul_scalar *p, const int32_t *sums, const int32_t *constants,
                                    int8_t *out, int32_t n, int32_t twice)
{
    const int32_t zero = p->zero;
    const int8_t *shifts = (const int8_t *)(constants + 4);
    int8_t *const next = out + p->pitch;
    for (int32_t c = 0; c < 4; c++) {
        const int32_t multiplier = *constants++;
        const int32_t shift = *shifts++;
        if (n == 2) {
            next[c] = tc_byte_scalar(sums[1], multiplier, shift, zero, twice);
        }
        out[c] = tc_byte_scalar(sums[0], multiplier, shift, zero, twice);
        sums += n;
    }
}

/* Until w is `stop`: `taps`, which are n. a0 .. d1: sums; x: inputs of the first pixel, the second's `step` behind. */
#if defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_7M__) && !defined(__OPTIMIZE_SIZE__)
#define TC_TAP_2X4(i)                                                                                                  \
    "ldrsb %[x1], [%[x], %[step]]\n\t"                                                                                 \
    "ldrsb %[x0], [%[x]], #1\n\t"                                                                                      \
    "ldrsb %[f], [%[w]], #1\n\t"                                                                                       \
    "mla %[a0], %[x0], %[f], %[a0]\n\t"                                                                                \
    "mla %[a1], %[x1], %[f], %[a1]\n\t"                                                                                \
    "ldrsb %[f], [%[w]], #1\n\t"                                                                                       \
    "mla %[b0], %[x0], %[f], %[b0]\n\t"                                                                                \
    "mla %[b1], %[x1], %[f], %[b1]\n\t"                                                                                \
    "ldrsb %[f], [%[w]], #1\n\t"                                                                                       \
    "mla %[c0], %[x0], %[f], %[c0]\n\t"                                                                                \
    "mla %[c1], %[x1], %[f], %[c1]\n\t"                                                                                \
    "ldrsb %[f], [%[w]], #1\n\t"                                                                                       \
    "mla %[d0], %[x0], %[f], %[d0]\n\t"                                                                                \
    "mla %[d1], %[x1], %[f], %[d1]\n\t"
#define TC_TAPS_2X4(stop, taps, n)                                                                                     \
    {                                                                                                                  \
        int32_t x0, x1, f;                                                                                             \
        __asm__ volatile(                                                                                              \
            "1:\n\t" taps "ldr %[f], %[last]\n\t"                                                                      \
            "cmp %[w], %[f]\n\t"                                                                                       \
            "bne 1b\n\t"                                                                                               \
            : [a0] "+r"(a0), [a1] "+r"(a1), [b0] "+r"(b0), [b1] "+r"(b1), [c0] "+r"(c0), [c1] "+r"(c1), [d0] "+r"(d0), \
              [d1] "+r"(d1), [x] "+r"(x), [w] "+r"(w), [x0] "=&r"(x0), [x1] "=&r"(x1), [f] "=&r"(f)                    \
            : [step] "r"(step), [last] "m"(stop)                                                                       \
            : "cc", "memory");                                                                                         \
    }
#elif defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_6M__) && !defined(__OPTIMIZE_SIZE__)
/* Two channels at a time, in eight low registers and four high ones for the sums. A word holds a tap's weights: a and b
 * are its lower half, c and d its upper. */
#define TC_LOWER_2X4                                                                                                   \
    "sxtb %[t], %[f]\n\t"                                                                                              \
    "muls %[t], %[x0], %[t]\n\t"                                                                                       \
    "add %[s0], %[s0], %[t]\n\t"                                                                                       \
    "sxtb %[t], %[f]\n\t"                                                                                              \
    "muls %[t], %[x1], %[t]\n\t"                                                                                       \
    "add %[s1], %[s1], %[t]\n\t"                                                                                       \
    "lsls %[f], %[f], #16\n\t"                                                                                         \
    "asrs %[f], %[f], #24\n\t"                                                                                         \
    "mov %[t], %[f]\n\t"                                                                                               \
    "muls %[t], %[x0], %[t]\n\t"                                                                                       \
    "add %[s2], %[s2], %[t]\n\t"                                                                                       \
    "muls %[f], %[x1], %[f]\n\t"                                                                                       \
    "add %[s3], %[s3], %[f]\n\t"
#define TC_UPPER_2X4                                                                                                   \
    "lsls %[t], %[f], #8\n\t"                                                                                          \
    "asrs %[t], %[t], #24\n\t"                                                                                         \
    "muls %[t], %[x0], %[t]\n\t"                                                                                       \
    "add %[s0], %[s0], %[t]\n\t"                                                                                       \
    "lsls %[t], %[f], #8\n\t"                                                                                          \
    "asrs %[t], %[t], #24\n\t"                                                                                         \
    "muls %[t], %[x1], %[t]\n\t"                                                                                       \
    "add %[s1], %[s1], %[t]\n\t"                                                                                       \
    "asrs %[f], %[f], #24\n\t"                                                                                         \
    "mov %[t], %[f]\n\t"                                                                                               \
    "muls %[t], %[x0], %[t]\n\t"                                                                                       \
    "add %[s2], %[s2], %[t]\n\t"                                                                                       \
    "muls %[f], %[x1], %[f]\n\t"                                                                                       \
    "add %[s3], %[s3], %[f]\n\t"
#define TC_LOOP_2X4(code, a, b, c, d)                                                                                  \
    {                                                                                                                  \
        int32_t x0, x1, f, t;                                                                                          \
        int32_t i = -p->depth;                                                                                         \
        w = (const int8_t *)(weights + 4);                                                                             \
        __asm__ volatile(".syntax unified\n\t"                                                                         \
                         "1:\n\t"                                                                                      \
                         "ldrsb %[x0], [%[x], %[i]]\n\t"                                                               \
                         "ldrsb %[x1], [%[y], %[i]]\n\t"                                                               \
                         "ldmia %[w]!, {%[f]}\n\t" code "adds %[i], #1\n\t"                                            \
                         "bne 1b\n\t"                                                                                  \
                         : [s0] "+h"(a), [s1] "+h"(b), [s2] "+h"(c), [s3] "+h"(d), [w] "+l"(w), [i] "+l"(i),           \
                           [x0] "=&l"(x0), [x1] "=&l"(x1), [f] "=&l"(f), [t] "=&l"(t)                                  \
                         : [x] "l"(x + p->depth), [y] "l"(x + step + p->depth)                                         \
                         : "cc", "memory");                                                                            \
    }
#define TC_TAPS_2X4                                                                                                    \
    TC_LOOP_2X4(TC_LOWER_2X4, a0, a1, b0, b1)                                                                          \
    TC_LOOP_2X4(TC_UPPER_2X4, c0, c1, d0, d1)
#else
/* A barrier keeps the compiler from loading all taps first: there are no registers for that. */
#define TC_TAP_2X4(i)                                                                                                  \
    {                                                                                                                  \
        __asm__ volatile("" ::: "memory");                                                                             \
        const int32_t x0 = x[i];                                                                                       \
        const int32_t x1 = second[i];                                                                                  \
        a0 += x0 * w[4 * (i)];                                                                                         \
        a1 += x1 * w[4 * (i)];                                                                                         \
        b0 += x0 * w[4 * (i) + 1];                                                                                     \
        b1 += x1 * w[4 * (i) + 1];                                                                                     \
        c0 += x0 * w[4 * (i) + 2];                                                                                     \
        c1 += x1 * w[4 * (i) + 2];                                                                                     \
        d0 += x0 * w[4 * (i) + 3];                                                                                     \
        d1 += x1 * w[4 * (i) + 3];                                                                                     \
    }
#define TC_TAPS_2X4(stop, taps, n)                                                                                     \
    for (const int8_t *second = x + step; w != stop; x += n, second += n, w += 4 * n) {                                \
        taps                                                                                                           \
    }
#endif

/* Four channels of two pixels. */
static inline const int32_t *tc_block_2x4_scalar(const tc_matmul_scalar *p, const int8_t *x, int32_t step,
                                                 const int32_t *weights, int8_t *out, int32_t twice)
{
    int32_t a0 = weights[0];
    int32_t b0 = weights[1];
    int32_t c0 = weights[2];
    int32_t d0 = weights[3];
    int32_t a1 = a0;
    int32_t b1 = b0;
    int32_t c1 = c0;
    int32_t d1 = d0;
    const int8_t *w = (const int8_t *)(weights + 4);
#ifdef TC_LOOP_2X4
    TC_TAPS_2X4
#else
    const int8_t *const end = w + 4 * p->depth;
    const int8_t *const unrolled = w + 4 * (p->depth & ~3);
    if (w != unrolled) {
        TC_TAPS_2X4(unrolled, TC_TAP_2X4(0) TC_TAP_2X4(1) TC_TAP_2X4(2) TC_TAP_2X4(3), 4)
    }
    if (w != end) {
        TC_TAPS_2X4(end, TC_TAP_2X4(0), 1)
    }
#endif
    const int32_t *const m = (const int32_t *)(const void *)w;
    const int32_t sums[] = {a0, a1, b0, b1, c0, c1, d0, d1};
    tc_finish_scalar(p, sums, m, out, 2, twice);
    return m + 5;
}

/* Four channels of one pixel. */
static inline const int32_t *tc_block_1x4_scalar(const tc_matmul_scalar *p, const int8_t *x, const int32_t *weights,
                                                 int8_t *out, int32_t twice)
{
    int32_t a = weights[0];
    int32_t b = weights[1];
    int32_t c = weights[2];
    int32_t d = weights[3];
    const int8_t *w = (const int8_t *)(weights + 4);
    const int8_t *const end = w + 4 * p->depth;
    const int8_t *const unrolled = w + 4 * (p->depth & ~3);
#define TC_TAP(i)                                                                                                      \
    {                                                                                                                  \
        const int32_t x0 = x[i];                                                                                       \
        a += x0 * w[4 * (i)];                                                                                          \
        b += x0 * w[4 * (i) + 1];                                                                                      \
        c += x0 * w[4 * (i) + 2];                                                                                      \
        d += x0 * w[4 * (i) + 3];                                                                                      \
    }
    for (; w != unrolled; x += 4, w += 16) {
        TC_TAP(0)
        TC_TAP(1)
        TC_TAP(2)
        TC_TAP(3)
    }
    for (; w != end; x++, w += 4) {
        TC_TAP(0)
    }
#undef TC_TAP
    const int32_t *const m = (const int32_t *)(const void *)w;
    const int32_t sums[] = {a, b, c, d};
    tc_finish_scalar(p, sums, m, out, 1, twice);
    return m + 5;
}

/* One channel of `pixels` pixels, 1 or 2. */
static inline const int32_t *tc_block_1_scalar(const tc_matmul_scalar *p, const int8_t *x, int32_t step,
                                               const int32_t *weights, int8_t *out, int32_t pixels, int32_t twice)
{
    const int8_t *w = (const int8_t *)(weights + 1);
    const int32_t *const m = weights + 1 + ((p->depth + 3) >> 2);
    for (int32_t i = 0; i < pixels; i++, x += step, out += p->pitch) {
        int32_t acc = weights[0];
        for (int32_t k = 0; k < p->depth; k++) {
            acc += x[k] * w[k];
        }
        out[0] = tc_byte_scalar(acc, m[0], m[1], p->zero, twice);
    }
    return m + 2;
}

/* All channels of `pixels` pixels, the inputs of which lie `step` bytes apart. */
static inline void tc_pixels_scalar(const tc_matmul_scalar *p, const int8_t *x, int32_t step, const int32_t *weights,
                                    int8_t *out, int32_t pixels, int32_t twice)
{
    for (; pixels > 0; pixels -= 2, x += 2 * step, out += 2 * p->pitch) {
        const int32_t *w = weights;
        int32_t c = 0;
        if (pixels > 1) {
            for (; c + 4 <= p->out_c; c += 4) {
                w = tc_block_2x4_scalar(p, x, step, w, out + c, twice);
            }
        } else {
            for (; c + 4 <= p->out_c; c += 4) {
                w = tc_block_1x4_scalar(p, x, w, out + c, twice);
            }
        }
        for (; c < p->out_c; c++) {
            w = tc_block_1_scalar(p, x, step, w, out + c, tc_min(pixels, 2), twice);
        }
    }
}

#endif

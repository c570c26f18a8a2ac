/* What every kernel shares: the row ABI and fixed-point requantization.
 *
 * A spatial kernel computes one segment of one output row from `rows`, an array of kernel_h pointers:
 * rows[ky] is the input row that kernel row ky reads, or NULL where that row lies in the padding. Where the rows live
 * (a whole tensor, a ring, a patch) is the caller's business. A kernel whose weights differ from row to row is also
 * given the number of the output row. */
#ifndef TINYC_KERNEL_H
#define TINYC_KERNEL_H

#include <stddef.h>
#include <stdint.h>

/* Whether a statement of assembly may use nearly all registers. GCC can be told, function by function, to need none as
 * frame pointer, but not where it does not optimise; clang cannot be told. Elsewhere portable code does the same. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__OPTIMIZE__)
#define TC_MANY_REGISTERS
#define TC_NO_FRAME_POINTER __attribute__((optimize("omit-frame-pointer")))
#else
#define TC_NO_FRAME_POINTER
#endif

/* A kernel is weak so that two generated folders, each with its own copy, link into one program. */
#define TC_KERNEL __attribute__((weak))

/* A function that several kernels have a copy of, of which one is linked. */
#define TC_SHARED __attribute__((weak, noinline))

/* A body that kernels share: a function it is given becomes part of it. */
#define TC_INLINE static inline __attribute__((always_inline))

/* Columns [begin, end) of the output row are computed; rows[ky][0] is column `origin` of the input image.
 * Columns of the image outside what the row holds are never read. */
typedef struct {
    int32_t begin;
    int32_t end;
    int32_t origin;
} tc_span;

static inline int32_t tc_min(int32_t a, int32_t b) { return a < b ? a : b; }

static inline int32_t tc_max(int32_t a, int32_t b) { return a > b ? a : b; }

static inline int32_t tc_clamp(int32_t x, int32_t low, int32_t high) { return tc_min(tc_max(x, low), high); }

/* sum / count, rounded to nearest, halves away from zero: the mean of `count` bytes. */
static inline int32_t tc_mean(int32_t sum, int32_t count)
{
    return (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
}

/* a + b * c modulo 2^32: an accumulator overflows as it does in the reference kernels. */
static inline int32_t tc_mac(int32_t a, int32_t b, int32_t c)
{
    return (int32_t)((uint32_t)a + (uint32_t)b * (uint32_t)c);
}

/* round(a * b / 2^31), halves up. Not both are -2^31. */
static inline int32_t tc_high_mul(int32_t a, int32_t b)
{
    return (int32_t)(((int64_t)a * b + ((int64_t)1 << 30)) >> 31);
}

/* x / 2^shift, halves away from zero. shift in [0, 31]. */
static inline int32_t tc_divide_pot(int32_t x, int32_t shift)
{
    const int32_t mask = (int32_t)(((uint32_t)1 << shift) - 1u);
    const int32_t remainder = x & mask;
    const int32_t threshold = (mask >> 1) + (x < 0);
    return (x >> shift) + (remainder > threshold);
}

/* acc * multiplier * 2^(shift - 31), rounded twice as TFLite's MultiplyByQuantizedMultiplier does.
 * multiplier: Q31, >= 0; shift in [-31, 30], positive to the left. */
static inline int32_t tc_requant(int32_t acc, int32_t multiplier, int32_t shift)
{
    const int32_t left = tc_max(shift, 0);
    const int32_t right = tc_max(-shift, 0);
    return tc_divide_pot(tc_high_mul((int32_t)((uint32_t)acc << left), multiplier), right);
}

/* acc * multiplier / 2^shift, rounded once, halves up. multiplier in [0, 2^31); shift in [1, 62]. */
static inline int32_t tc_requant_once(int32_t acc, int32_t multiplier, int32_t shift)
{
    return (int32_t)(((int64_t)acc * multiplier + ((int64_t)1 << (shift - 1))) >> shift);
}

#endif

/* Depthwise convolution by ternary weights, four channels in a word.
 *
 * A tap of four channels is a word x of bytes. A weight of 1 counts x + 128, one of -1 the complement of that, 127 - x,
 * and one of 0 nothing: (x ^ flip) & keep are all four, bytes from 0 to 255. Words are added up as they are, which
 * carries from byte to byte, and their odd bytes apart as halves of a word; what these leave of the former are the even
 * bytes. The compiler subtracts the 127 and 128 from what sums start from. */
#ifndef TINYC_SCALAR_MASKS_H
#define TINYC_SCALAR_MASKS_H

#include "tinyc/scalar/blocks.h"
#include "tinyc/scalar/rests.h"
#include "tinyc/ternary.h"

#ifdef __ARM_ARCH_6M__ /* no long multiplication */
#define TC_MASKED_SPLIT
#endif

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

/* How the sums of one channel become bytes. Where no negative sum matters, a byte is
 * (floor((start + magnitude * sum) * multiplier / 2^32) + more) >> shift; else see scalar/matmul.h. */
typedef struct {
    int32_t start; /* four times as much, like the magnitude */
    int32_t magnitude;
    int32_t multiplier;
    int32_t more;
    int32_t shift;
} tc_masked_scale;

/* The masks of two channels by their weights, t0 + 3 t1, t = 0, 1, 2 for 0, 1, -1: flip + 2^16 * keep. */
static const uint32_t tc_mask_pairs[9] = {0x00000000, 0x00FF0080, 0x00FF007F, 0xFF008000, 0xFFFF8080,
                                          0xFFFF807F, 0xFF007F00, 0xFFFF7F80, 0xFFFF7F7F};

/* Masks of five taps. pairs: two fractions of 2^16, of channels 0 and 1 and of 2 and 3, whose multiples by nine have
 * the weights of a tap each. */
static inline void tc_unpack_five(tc_mask *mask, const uint16_t *pairs)
{
    uint32_t a = pairs[0];
    uint32_t b = pairs[1];
    for (tc_mask *const end = mask + 5; mask != end; mask++) {
        uint16_t *const half = (uint16_t *)mask;
        a *= 9;
        const uint32_t first = tc_mask_pairs[a >> 16];
        a &= 0xFFFF;
        half[0] = (uint16_t)first;
        half[2] = (uint16_t)(first >> 16);
        b *= 9;
        const uint32_t second = tc_mask_pairs[b >> 16];
        b &= 0xFFFF;
        half[1] = (uint16_t)second;
        half[3] = (uint16_t)(second >> 16);
    }
}

/* Masks of one tap of `channels` channels, at most four, by trits. */
static __attribute__((noinline)) void tc_unpack_rest(tc_mask *mask, tc_rest *rest, int32_t channels)
{
    uint16_t *half = (uint16_t *)mask;
    for (int32_t i = 0; i < 2; i++, half++, channels -= 2) {
        uint32_t pair = channels > 0 ? tc_rest_digit(rest) : 0;
        pair += channels > 1 ? 3 * tc_rest_digit(rest) : 0;
        half[0] = (uint16_t)tc_mask_pairs[pair];
        half[2] = (uint16_t)(tc_mask_pairs[pair] >> 16);
    }
}

/* Masks of `channels` channels, for each four of them one for each tap. Returns where the next pairs are. */
static __attribute__((noinline)) const uint16_t *tc_unpack_masks(tc_mask *mask, int32_t taps, int32_t channels,
                                                                 const uint16_t *pairs, tc_rest *rest)
{
    int32_t whole = taps * (channels >> 2);
    for (; whole >= 5; whole -= 5, mask += 5, pairs += 2) {
        tc_unpack_five(mask, pairs);
    }
    for (; whole > 0; whole--, mask++) {
        tc_unpack_rest(mask, rest, 4);
    }
    if (channels & 3) {
        for (int32_t i = 0; i < taps; i++, mask++) {
            tc_unpack_rest(mask, rest, channels & 3);
        }
    }
    return pairs;
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
#ifdef TC_MASKED_SPLIT
    if (p->split) {
        /* start * multiplier = first * 2^split + second; magnitude * multiplier alike */
        const int32_t split = p->split;
        const uint32_t mask = ((uint32_t)1 << split) - 1;
        const uint32_t low_start = (uint32_t)start * (uint32_t)multiplier;
        const uint32_t low = (uint32_t)magnitude * (uint32_t)multiplier;
        const uint32_t high_start = (uint32_t)tc_high_scalar(start, multiplier) << (32 - split) | low_start >> split;
        const uint32_t high = (uint32_t)tc_high_scalar(magnitude, multiplier) << (32 - split) | low >> split;
        const tc_masked_scale halves = {(int32_t)(high_start + ((uint32_t)more << (30 - split))),
                                        (int32_t)(low_start & mask), (int32_t)high, (int32_t)(low & mask),
                                        31 - split + shift};
        return halves;
    }
#endif
    const tc_masked_scale s = {4 * start, 4 * magnitude, multiplier, more, p->is_signed ? shift : shift + 1};
    return s;
}

/* The byte of a sum where no negative one matters. */
TC_INLINE int8_t tc_masked_byte(const tc_masked_scale *s, int32_t sum, int32_t split)
{
#ifdef TC_MASKED_SPLIT
    if (split) {
        return tc_saturate((s->start + s->multiplier * sum + ((s->magnitude + s->more * sum) >> split)) >> s->shift);
    }
#else
    (void)split;
#endif
    return tc_saturate((tc_high_scalar(s->start + s->magnitude * sum, s->multiplier) + s->more) >> s->shift);
}

/* The same of any sum. */
TC_INLINE int8_t tc_masked_byte_signed(const tc_masked_scale *s, int32_t sum, int32_t zero)
{
    const int32_t acc = s->start + s->magnitude * sum;
    const int32_t high = tc_high_scalar(acc, s->multiplier) + ((acc >> 31) | 1);
    return tc_saturate(((high >> s->shift) + zero) >> 1);
}

/* Bytes of one channel of two pixels. */
TC_INLINE void tc_masked_two(const tc_masked_scale *scale, uint32_t first, uint32_t second, int8_t *out, int8_t *next,
                             int32_t split)
{
    const tc_masked_scale s = *scale;
    *next = tc_masked_byte(&s, (int32_t)second, split);
    *out = tc_masked_byte(&s, (int32_t)first, split);
}

/* Bytes of some channels, at most four, of two pixels; pitch: bytes from the first one's to the second's. */
static __attribute__((noinline)) void tc_masked_some(const tc_depthwise_ternary_params *p, const tc_masked_sums *sums,
                                                     const tc_masked_scale *s, int8_t *out, int32_t pitch,
                                                     int32_t channels)
{
    for (int32_t i = 0; i < 2; i++, out += pitch) {
        uint32_t words[2] = {sums->all[i] - (sums->odd[i] << 8), sums->odd[i]};
        for (int32_t c = 0; c < channels; c++) {
            const int32_t sum = (int32_t)(words[c & 1] & 0xFFFF);
            words[c & 1] >>= 16;
            out[c] = p->is_signed ? tc_masked_byte_signed(s + c, sum, p->zero) : tc_masked_byte(s + c, sum, p->split);
        }
    }
}

/* Fours of channels of two pixels, whose bytes are loaded as words. */
typedef struct {
    const tc_masked_tap *taps;
    const tc_mask *mask;
    const tc_masked_scale *scale;
    const int8_t *base; /* of the first channel */
    int8_t *out;
    int32_t pitch; /* bytes from the first pixel's output to the second's */
    int32_t depth; /* taps */
    int32_t count; /* fours, 0 and more */
} tc_masked_fours;

TC_INLINE void tc_masked_fours_by(tc_masked_fours f, int32_t split)
{
    for (; f.count > 0; f.count--, f.mask += f.depth, f.scale += 4, f.base += 4, f.out += 4) {
        const tc_masked_sums s = tc_masked_words(f.base, f.taps, f.mask, f.mask + f.depth);
        int8_t *const next = f.out + f.pitch;
        const uint32_t even0 = s.all[0] - (s.odd[0] << 8);
        const uint32_t even1 = s.all[1] - (s.odd[1] << 8);
        tc_masked_two(f.scale, even0 & 0xFFFF, even1 & 0xFFFF, f.out, next, split);
        tc_masked_two(f.scale + 1, s.odd[0] & 0xFFFF, s.odd[1] & 0xFFFF, f.out + 1, next + 1, split);
        tc_masked_two(f.scale + 2, even0 >> 16, even1 >> 16, f.out + 2, next + 2, split);
        tc_masked_two(f.scale + 3, s.odd[0] >> 16, s.odd[1] >> 16, f.out + 3, next + 3, split);
    }
}

TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_masked_run(const tc_depthwise_ternary_params *p,
                                                                        const tc_masked_fours *fours)
{
    tc_masked_fours f = *fours;
    if (p->is_signed) {
        for (; f.count > 0; f.count--, f.mask += f.depth, f.scale += 4, f.base += 4, f.out += 4) {
            const tc_masked_sums s = tc_masked_words(f.base, f.taps, f.mask, f.mask + f.depth);
            tc_masked_some(p, &s, f.scale, f.out, f.pitch, 4);
        }
        return;
    }
#ifdef TC_MASKED_SPLIT
    if (p->split) {
        tc_masked_fours_by(f, p->split);
        return;
    }
#endif
    tc_masked_fours_by(f, 0);
}

/* The taps of n pixels from the input's column ix0 on. */
static void tc_find_masked_taps(const tc_depthwise_ternary_params *p, const int8_t *const *rows, int32_t origin,
                                int32_t ix0, int32_t n, const int8_t *padding, tc_masked_tap *taps)
{
    const int32_t step = n == 2 ? p->stride_w : 0;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int8_t *const row = rows[ky];
        for (int32_t kx = 0; kx < p->kernel_w; kx++, taps++) {
            const int32_t ix = ix0 + kx * p->dilation_w;
            const int32_t next = ix + step;
            const int32_t from = (int32_t)((uintptr_t)row - (uintptr_t)padding);
            taps->x0 = row && (uint32_t)ix < (uint32_t)p->in_w ? from + (ix - origin) * p->in_c : 0;
            taps->x1 = row && (uint32_t)next < (uint32_t)p->in_w ? from + (next - origin) * p->in_c : 0;
        }
    }
}

/* The taps of the next two pixels, where all of them lie in the image as far as its columns go. */
static void tc_move_masked_taps(const tc_depthwise_ternary_params *p, const int8_t *const *rows, tc_masked_tap *taps)
{
    const int32_t step = 2 * p->stride_w * p->in_c;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        tc_masked_tap *const end = taps + p->kernel_w;
        if (rows[ky] == NULL) {
            taps = end;
        }
        for (; taps != end; taps++) {
            taps->x0 += step;
            taps->x1 += step;
        }
    }
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

TC_INLINE void tc_depthwise_masked(const tc_depthwise_ternary_params *p, const int8_t *const *rows, const tc_span *cols,
                                   const uint16_t *pairs, const int32_t *channels, const uint8_t *magnitudes,
                                   const uint8_t *rests, const int8_t *padding, int8_t *out, void *scratch)
{
    const int32_t depth = p->kernel_h * p->kernel_w;
    tc_masked_tap *const taps = scratch;
    tc_masked_scale *const scales = (tc_masked_scale *)(void *)(taps + depth);
    tc_mask *const masks = (tc_mask *)(void *)(scales + 4 * p->group);
    const int32_t last_tap = (p->kernel_w - 1) * p->dilation_w + p->stride_w;
    const int32_t in_words = tc_loads_words(p, rows);
    tc_rest rest = {rests, 0, 0};
    for (int32_t first = 0; first < p->out_c; first += 4 * p->group) {
        const int32_t count = tc_min(p->out_c - first, 4 * p->group);
        pairs = tc_unpack_masks(masks, depth, count, pairs, &rest);
        for (int32_t c = 0; c < count; c++, channels += 2) {
            scales[c] = tc_masked_scale_of(p, channels, p->magnitude ? p->magnitude : *magnitudes++);
        }
        int8_t *to = out + first;
        int32_t inside = 0;
        for (int32_t ox = cols->begin; ox < cols->end; ox += 2, to += 2 * p->out_c) {
            const int32_t ix = ox * p->stride_w - p->pad_left;
            const int32_t n = tc_min(cols->end - ox, 2);
            const int32_t was_inside = inside;
            inside = n == 2 && ix >= 0 && ix + last_tap < p->in_w;
            if (was_inside && inside) {
                tc_move_masked_taps(p, rows, taps);
            } else {
                tc_find_masked_taps(p, rows, cols->origin, ix, n, padding, taps);
            }
            const int32_t pitch = n == 2 ? p->out_c : 0;
            const int32_t fours = in_words ? count >> 2 : 0;
            const tc_masked_fours words = {taps, masks, scales, padding + first, to, pitch, depth, fours};
            tc_masked_run(p, &words);
            for (int32_t c = 4 * fours; c < count; c += 4) {
                const int32_t left = tc_min(count - c, 4);
                int32_t at[4];
                for (int32_t i = 0; i < 4; i++) {
                    at[i] = (first + c + tc_min(i, left - 1)) / p->multiplier;
                }
                const tc_mask *const mask = masks + (c >> 2) * depth;
                const tc_masked_sums s = tc_masked_bytes(padding, at, taps, mask, mask + depth);
                tc_masked_some(p, &s, scales + c, to + c, pitch, left);
            }
        }
    }
    tc_clamp_bytes_scalar(out, (cols->end - cols->begin) * p->out_c, p->act_min, p->act_max);
}

#endif

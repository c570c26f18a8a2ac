/* Vectors through ternary weights by Armv7E-M SIMD; weights are those of dsp/fours.h. */
#ifndef TINYC_DSP_TERNARY_VECTOR_H
#define TINYC_DSP_TERNARY_VECTOR_H

#include <string.h>

#include "tinyc/dsp/fours.h"
#include "tinyc/dsp/ternary.h"
#include "tinyc/scalar/blocks.h"
#include "tinyc/ternary.h"

enum {
    TC_FOURS_INPUTS = 10, /* of the fours in a word */
    TC_FOURS_STEPS = 6    /* words whose sums fit */
};

static inline int32_t tc_smlad(int32_t a, uint32_t b, int32_t c)
{
    int32_t sum;
    __asm__("smlad %0, %1, %2, %3" : "=r"(sum) : "r"(a), "r"(b), "r"(c));
    return sum;
}

/* The next four weights times a pair of inputs, added to a sum. */
static inline int32_t tc_four_dsp(uint32_t *fraction, int32_t pair, int32_t sum)
{
    return tc_smlad(pair, tc_fours[tc_next_four(fraction)], sum);
}

/* A sum of two outputs. */
static inline void tc_two_dsp(int32_t *sums, int32_t sum)
{
    const int32_t a = (int32_t)((uint32_t)sum << 18) >> 18;
    sums[0] = a;
    sums[1] = (sum - a) >> 14;
}

/* The same, added. */
static inline void tc_add_two_dsp(int32_t *sums, int32_t sum)
{
    int32_t two[2];
    tc_two_dsp(two, sum);
    sums[0] += two[0];
    sums[1] += two[1];
}

/* Blocks of eight outputs, at least one, of one part of the inputs. What the assembly keeps on the stack. */
typedef struct {
    const int32_t *pairs;
    const uint32_t *weights; /* [blocks, words, 4] */
    int32_t *sums;
    const uint32_t *table;
    uint32_t skipped; /* of TC_FOURS_STEPS */
    int32_t blocks;
} tc_eights_dsp;

#ifdef TC_MANY_REGISTERS
/* r0: pairs, r1: weights, r4 to r7: fractions, r8 to r11: sums, r12: the table, lr: 81. 66 instructions for 80 MACs. */
#define TC_FOUR_DSP(fraction, sum)                                                                                     \
    "umull " fraction ", r3, " fraction ", lr\n\t"                                                                     \
    "ldr r3, [r12, r3, lsl #2]\n\t"                                                                                    \
    "smlad " sum ", r2, r3, " sum "\n\t"
#define TC_PAIR_DSP                                                                                                    \
    "ldr r2, [r0], #4\n\t" TC_FOUR_DSP("r4", "r8") TC_FOUR_DSP("r5", "r9") TC_FOUR_DSP("r6", "r10")                    \
        TC_FOUR_DSP("r7", "r11")
#define TC_STEP_DSP "ldmia r1!, {r4, r5, r6, r7}\n\t" TC_PAIR_DSP TC_PAIR_DSP TC_PAIR_DSP TC_PAIR_DSP TC_PAIR_DSP
/* A sum in `sum` to two at r2. */
#define TC_TWO_DSP(sum)                                                                                                \
    "sbfx r4, " sum ", #0, #14\n\t"                                                                                    \
    "ldrd r5, r6, [r2]\n\t"                                                                                            \
    "sub " sum ", " sum ", r4\n\t"                                                                                     \
    "add r5, r5, r4\n\t"                                                                                               \
    "add r6, r6, " sum ", asr #14\n\t"                                                                                 \
    "strd r5, r6, [r2], #8\n\t"
TC_NO_FRAME_POINTER static __attribute__((noinline)) const uint32_t *tc_eights(tc_eights_dsp b)
{
    __asm__ volatile(
        "ldr r1, %[weights]\n\t"
        "ldr r12, %[table]\n\t"
        "mov lr, #81\n\t"
        "ldr r2, %[skipped]\n\t"
        "ldr r3, 9f\n\t"
        "adr r4, 2f\n\t"
        "mla r4, r2, r3, r4\n\t"
        "orr r4, r4, #1\n\t"
        "str r4, %[skipped]\n\t"
        "1:\n\t"
        "ldr r0, %[pairs]\n\t"
        "mov r8, #0\n\t"
        "mov r9, #0\n\t"
        "mov r10, #0\n\t"
        "mov r11, #0\n\t"
        "ldr pc, %[skipped]\n\t"
        ".balign 4\n\t"
        "9: .word (3f - 2f) / 6\n\t"
        "2:\n\t" TC_STEP_DSP TC_STEP_DSP TC_STEP_DSP TC_STEP_DSP TC_STEP_DSP TC_STEP_DSP "3:\n\t"
        "ldr r2, %[sums]\n\t" TC_TWO_DSP("r8") TC_TWO_DSP("r9") TC_TWO_DSP("r10") TC_TWO_DSP("r11") /* */
        "str r2, %[sums]\n\t"
        "ldr r2, %[blocks]\n\t"
        "subs r2, r2, #1\n\t"
        "str r2, %[blocks]\n\t"
        "bne 1b\n\t"
        "str r1, %[weights]\n\t"
        : [weights] "+m"(b.weights), [sums] "+m"(b.sums), [skipped] "+m"(b.skipped), [blocks] "+m"(b.blocks)
        : [pairs] "m"(b.pairs), [table] "m"(b.table)
        : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
    return b.weights;
}
#else
static inline const uint32_t *tc_eights(tc_eights_dsp b)
{
    const int32_t words = TC_FOURS_STEPS - (int32_t)b.skipped;
    for (; b.blocks > 0; b.blocks--) {
        int32_t s[4] = {0, 0, 0, 0};
        for (int32_t word = 0; word < words; word++) {
            for (int32_t i = 0; i < 4; i++) {
                uint32_t fraction = *b.weights++;
                for (int32_t k = 0; k < 5; k++) {
                    s[i] = tc_four_dsp(&fraction, b.pairs[5 * word + k], s[i]);
                }
            }
        }
        for (int32_t i = 0; i < 4; i++, b.sums += 2) {
            tc_add_two_dsp(b.sums, s[i]);
        }
    }
    return b.weights;
}
#endif

/* n inputs as `count` pairs, filled up with zeros. */
static inline void tc_pairs_dsp(int32_t *pairs, const int8_t *x, int32_t n, int32_t count)
{
    int32_t *const end = pairs + count;
    for (const int32_t *const twos = pairs + (tc_min(count >> 1, n >> 2) << 1); pairs != twos; n -= 4, x += 4) {
        uint32_t word;
        memcpy(&word, x, 4);
        int32_t even;
        int32_t odd;
        __asm__("sxtb16 %0, %1" : "=r"(even) : "r"(word));
        __asm__("sxtb16 %0, %1, ror #8" : "=r"(odd) : "r"(word));
        __asm__("pkhbt %0, %1, %2, lsl #16" : "=r"(*pairs++) : "r"(even), "r"(odd));
        __asm__("pkhtb %0, %1, %2, asr #16" : "=r"(*pairs++) : "r"(odd), "r"(even));
    }
    for (; pairs != end; n -= 2, x += 2) {
        const int32_t low = n > 0 ? x[0] : 0;
        const int32_t high = n > 1 ? x[1] : 0;
        *pairs++ = (int32_t)((uint32_t)low & 0xFFFFu) | (int32_t)((uint32_t)high << 16);
    }
}

/* The sums of the inputs that are in no word, `rest` pairs of them. */
#ifdef TC_MANY_REGISTERS
/* r4 to r8: sums, r9: a fraction, r2: inputs, r11: the table, r12: 81. */
#define TC_REST_DSP(sum)                                                                                               \
    "umull r9, r3, r9, r12\n\t"                                                                                        \
    "ldr r3, [r11, r3, lsl #2]\n\t"                                                                                    \
    "smlad " sum ", r2, r3, " sum "\n\t"
#define TC_TWO_OF_REST_DSP(sum)                                                                                        \
    "sbfx r2, " sum ", #0, #14\n\t"                                                                                    \
    "sub r3, " sum ", r2\n\t"                                                                                          \
    "asr r3, r3, #14\n\t"                                                                                              \
    "strd r2, r3, [r10], #8\n\t"
TC_NO_FRAME_POINTER static __attribute__((noinline)) void
tc_ternary_rest_dsp(const int32_t *pairs, int32_t rest, const uint32_t *w, int32_t *sums, int32_t outputs)
{
    const int32_t *const pairs_end = pairs + rest;
    const int32_t *const end = sums + outputs;
    const uint32_t *const table = tc_fours;
    __asm__ volatile("ldr r1, %[w]\n\t"
                     "ldr r10, %[sums]\n\t"
                     "ldr r11, %[table]\n\t"
                     "ldr lr, %[pairs_end]\n\t"
                     "mov r12, #81\n\t"
                     "1:\n\t"
                     "ldr r0, %[pairs]\n\t"
                     "mov r4, #0\n\t"
                     "mov r5, #0\n\t"
                     "mov r6, #0\n\t"
                     "mov r7, #0\n\t"
                     "mov r8, #0\n\t"
                     "2:\n\t"
                     "ldr r2, [r0], #4\n\t"
                     "ldr r9, [r1], #4\n\t"                                                                    /* */
                     TC_REST_DSP("r4") TC_REST_DSP("r5") TC_REST_DSP("r6") TC_REST_DSP("r7") TC_REST_DSP("r8") /* */
                     "cmp r0, lr\n\t"
                     "bne 2b\n\t"                                                               /* */
                     TC_TWO_OF_REST_DSP("r4") TC_TWO_OF_REST_DSP("r5") TC_TWO_OF_REST_DSP("r6") /* */
                     TC_TWO_OF_REST_DSP("r7") TC_TWO_OF_REST_DSP("r8")                          /* */
                     "ldr r2, %[end]\n\t"
                     "cmp r10, r2\n\t"
                     "blo 1b\n\t"
                     :
                     : [w] "m"(w), [sums] "m"(sums), [table] "m"(table), [pairs] "m"(pairs), [pairs_end] "m"(pairs_end),
                       [end] "m"(end)
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc",
                       "memory");
}
#else
static inline void tc_ternary_rest_dsp(const int32_t *pairs, int32_t rest, const uint32_t *w, int32_t *sums,
                                       int32_t outputs)
{
    for (int32_t oc = 0; oc < outputs; oc += 10, sums += 10) {
        int32_t s[5] = {0, 0, 0, 0, 0};
        for (int32_t i = 0; i < rest; i++) {
            const int32_t pair = pairs[i];
            uint32_t fraction = *w++;
            s[0] = tc_four_dsp(&fraction, pair, s[0]);
            s[1] = tc_four_dsp(&fraction, pair, s[1]);
            s[2] = tc_four_dsp(&fraction, pair, s[2]);
            s[3] = tc_four_dsp(&fraction, pair, s[3]);
            s[4] = tc_four_dsp(&fraction, pair, s[4]);
        }
        tc_two_dsp(sums, s[0]);
        tc_two_dsp(sums + 2, s[1]);
        tc_two_dsp(sums + 4, s[2]);
        tc_two_dsp(sums + 6, s[3]);
        tc_two_dsp(sums + 8, s[4]);
    }
}
#endif

/* The sums of `count` outputs of one vector, rounded up to a multiple of ten. Returns their weights' end. */
static inline const uint32_t *tc_ternary_sums_dsp(const tc_fully_connected_ternary_dsp_params *p, const int8_t *in,
                                                  const uint32_t *w, int32_t *sums, int32_t count)
{
    const int32_t n = p->vector.in_n;
    const int32_t outputs = (count + 1) & ~1;
    int32_t pairs[TC_FOURS_STEPS * TC_FOURS_INPUTS / 2];
    const int32_t in_words = TC_FOURS_INPUTS * p->words;
    const int32_t rest = (n - in_words + 1) >> 1;
    if (rest > 0) {
        tc_pairs_dsp(pairs, in + in_words, n - in_words, rest);
        tc_ternary_rest_dsp(pairs, rest, w + p->words * (outputs >> 1), sums, outputs);
    } else {
        memset(sums, 0, (size_t)outputs * sizeof(int32_t));
    }
    for (int32_t step = 0; step < p->words; step += TC_FOURS_STEPS) {
        const int32_t words = tc_min(p->words - step, TC_FOURS_STEPS);
        const int32_t at = TC_FOURS_INPUTS * step;
        tc_pairs_dsp(pairs, in + at, n - at, 5 * words);
        int32_t oc = outputs & ~7;
        if (oc > 0) {
            const tc_eights_dsp b = {pairs, w, sums, tc_fours, (uint32_t)(TC_FOURS_STEPS - words), oc >> 3};
            w = tc_eights(b);
        }
        for (; oc < outputs; oc += 2) {
            int32_t sum = 0;
            for (const int32_t *x = pairs; x != pairs + 5 * words; x += 5) {
                uint32_t fraction = *w++;
                sum = tc_four_dsp(&fraction, x[0], sum);
                sum = tc_four_dsp(&fraction, x[1], sum);
                sum = tc_four_dsp(&fraction, x[2], sum);
                sum = tc_four_dsp(&fraction, x[3], sum);
                sum = tc_four_dsp(&fraction, x[4], sum);
            }
            tc_add_two_dsp(sums + oc, sum);
        }
    }
    return w + (rest > 0 ? rest * ((outputs + 9) / 10) : 0);
}

#ifdef TC_MANY_REGISTERS
/* The byte of a sum in a register. */
#define TC_LINE_DSP(sum)                                                                                               \
    "ldrd r8, r9, [r1], #8\n\t"                                                                                        \
    "lsl " sum ", " sum ", r10\n\t"                                                                                    \
    "smmla " sum ", " sum ", r8, r9\n\t"                                                                               \
    "asr " sum ", " sum ", r11\n\t"                                                                                    \
    "ssat " sum ", #8, " sum "\n\t"                                                                                    \
    "strb " sum ", [r3], #1\n\t"
/* Bytes of fours of sums, at least one: up to the end of their constants. */
TC_NO_FRAME_POINTER static __attribute__((noinline)) void
tc_lines_dsp(const int32_t *sums, const int32_t *channels, const int32_t *end, int8_t *out, const tc_ternary_vector *p)
{
    register const int32_t *r0 __asm__("r0") = sums;
    register const int32_t *r1 __asm__("r1") = channels;
    register const int32_t *r2 __asm__("r2") = end;
    register int8_t *r3 __asm__("r3") = out;
    register const tc_ternary_vector *r12 __asm__("r12") = p;
    __asm__ volatile(
        "ldr r10, [r12, %[left]]\n\t"
        "ldr r11, [r12, %[shift]]\n\t"
        "1:\n\t"
        "ldmia r0!, {r4, r5, r6, r7}\n\t"                                       /* */
        TC_LINE_DSP("r4") TC_LINE_DSP("r5") TC_LINE_DSP("r6") TC_LINE_DSP("r7") /* */
        "cmp r1, r2\n\t"
        "bne 1b\n\t"
        : "+r"(r0), "+r"(r1), "+r"(r3)
        : "r"(r2),
          "r"(r12), [left] "i"(offsetof(tc_ternary_vector, left)), [shift] "i"(offsetof(tc_ternary_vector, shift))
        : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "cc", "memory");
}
/* The byte of a sum that is rounded twice; the magnitude is i bytes from r11 on. */
#define TC_TWICE_DSP(sum, i)                                                                                           \
    "ldrd r8, r9, [r1], #8\n\t"                                                                                        \
    "ldrb lr, [r11, #" i "]\n\t"                                                                                       \
    "mla " sum ", " sum ", lr, r8\n\t"                                                                                 \
    "ldrb lr, [r10], #1\n\t"                                                                                           \
    "lsl " sum ", " sum ", #1\n\t"                                                                                     \
    "sub lr, lr, #1\n\t"                                                                                               \
    "lsl r8, r12, lr\n\t"                                                                                              \
    "add r8, r8, " sum ", asr #31\n\t"                                                                                 \
    "smmlar " sum ", " sum ", r9, r8\n\t"                                                                              \
    "asr " sum ", " sum ", lr\n\t"                                                                                     \
    "ssat " sum ", #8, " sum ", asr #1\n\t"                                                                            \
    "strb " sum ", [r3], #1\n\t"
/* The same of fours of sums. scales: shifts; magnitudes: of each, four bytes that are all of them where step is 0. */
TC_NO_FRAME_POINTER static __attribute__((noinline, unused)) void
tc_twices_dsp(const int32_t *sums, const int32_t *channels, const int32_t *end, int8_t *out, const uint8_t *scales,
              const uint8_t *magnitudes, int32_t step, int32_t zero)
{
    register const int32_t *r0 __asm__("r0") = sums;
    register const int32_t *r1 __asm__("r1") = channels;
    register const int32_t *r2 __asm__("r2") = end;
    register int8_t *r3 __asm__("r3") = out;
    __asm__ volatile("ldr r10, %[scales]\n\t"
                     "ldr r11, %[magnitudes]\n\t"
                     "ldr r12, %[zero]\n\t"
                     "1:\n\t"
                     "ldmia r0!, {r4, r5, r6, r7}\n\t" /* */
                     TC_TWICE_DSP("r4", "0") TC_TWICE_DSP("r5", "1") TC_TWICE_DSP("r6", "2")
                         TC_TWICE_DSP("r7", "3") /* */
                     "ldr lr, %[step]\n\t"
                     "add r11, r11, lr\n\t"
                     "cmp r1, r2\n\t"
                     "bne 1b\n\t"
                     : "+r"(r0), "+r"(r1), "+r"(r3)
                     : "r"(r2), [scales] "m"(scales), [magnitudes] "m"(magnitudes), [step] "m"(step), [zero] "m"(zero)
                     : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#endif

static inline int8_t tc_line_dsp(int32_t sum, const int32_t *channel, const tc_ternary_vector *p)
{
    int32_t byte;
    __asm__("smmla %0, %1, %2, %3" : "=r"(byte) : "r"(sum << p->left), "r"(channel[0]), "r"(channel[1]));
    byte >>= p->shift;
    __asm__("ssat %0, #8, %1" : "=r"(byte) : "r"(byte));
    return (int8_t)byte;
}

/* Bytes of `count` sums; scales as in tinyc/ternary.h. twice: 1 where requantization rounds twice; a constant at every
 * call. */
TC_INLINE void tc_ternary_bytes_dsp(const tc_ternary_vector *p, const int32_t *sums, int32_t count,
                                    const int32_t *channels, const uint8_t *scales, int8_t *out, int32_t twice)
{
    const int32_t *const end = channels + 2 * count;
    if (twice) {
        const int32_t zero = p->zero;
#ifdef TC_MANY_REGISTERS
        const int32_t fours = count & ~3;
        if (fours > 0) {
            const uint32_t all = 0x01010101u * (uint32_t)p->magnitude;
            const uint8_t *const magnitudes = p->magnitude == 0 ? scales + p->out_n : (const uint8_t *)&all;
            tc_twices_dsp(sums, channels, channels + 2 * fours, out, scales, magnitudes, p->magnitude == 0 ? 4 : 0,
                          zero);
            sums += fours;
            channels += 2 * fours;
            scales += fours;
            out += fours;
        }
#endif
        for (; channels != end; channels += 2, scales++) {
            const int32_t acc = channels[0] + (p->magnitude == 0 ? scales[p->out_n] : p->magnitude) * *sums++;
            *out++ = tc_byte_dsp(2 * acc, channels[1], (int32_t)((uint32_t)zero << (*scales - 1)), *scales);
        }
    } else {
#ifdef TC_MANY_REGISTERS
        const int32_t fours = count & ~3;
        if (fours > 0) {
            tc_lines_dsp(sums, channels, channels + 2 * fours, out, p);
            sums += fours;
            channels += 2 * fours;
            out += fours;
        }
#endif
        for (; channels != end; channels += 2) {
            *out++ = tc_line_dsp(*sums++, channels, p);
        }
    }
}

TC_INLINE void tc_ternary_vectors_dsp(const tc_fully_connected_ternary_dsp_params *p, const int8_t *in,
                                      const uint32_t *codes, const int32_t *channels, const uint8_t *scales,
                                      int8_t *out, int32_t vectors, int32_t *sums, int32_t twice)
{
    const tc_ternary_vector *const to = &p->vector;
    for (int32_t v = 0; v < vectors; v++, in += to->in_n, out += to->out_n) {
        const uint32_t *w = codes;
        for (int32_t first = 0; first < to->out_n; first += p->group) {
            const int32_t count = tc_min(to->out_n - first, p->group);
            w = tc_ternary_sums_dsp(p, in, w, sums, count);
            tc_ternary_bytes_dsp(to, sums, count, channels + 2 * first, twice ? scales + first : NULL, out + first,
                                 twice);
        }
        tc_clamp_bytes_scalar(out, to->out_n, to->act_min, to->act_max);
    }
}

#endif

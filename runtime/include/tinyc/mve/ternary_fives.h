/* Convolutions of ternary weights by Helium for few pixels: two pixels times five channels at a time.
 *
 * Codes are those of mve/ternary.h, and no weight is unpacked, so a call for two pixels takes as long for each as one
 * for many. The sums by a code divided by 9, 27 and 81 are made first, those by it and its third afterwards. */
#ifndef TINYC_MVE_TERNARY_FIVES_H
#define TINYC_MVE_TERNARY_FIVES_H

#include "tinyc/mve/ternary.h"
#include "tinyc/mve/ternary_columns.h"

/* Channels whose sums are made bytes together, a multiple of four and of five. */
enum { TC_FIVES_BLOCK_MVE = 80 };

/* Bytes of the sums of two pixels of so many channels. */
static inline int32_t tc_bytes_of_fives_mve(int32_t outputs)
{
    return 4 * (TC_FIVES_BLOCK_MVE + tc_min((outputs + 4) / 5 * 5, TC_FIVES_BLOCK_MVE));
}

/* Sums of two pixels, of some fives of channels. What the assembly below keeps on the stack. */
typedef struct {
    const int8_t *x0; /* the inputs of both, where they are in line */
    const int8_t *x1;
    const int8_t *const *segments; /* else where both have each run of inputs: [segments, 2] */
    const int8_t *const *behind;   /* the last of these */
    int32_t n;                     /* inputs of a run, or all */
    int32_t depth;                 /* all inputs */
    int32_t turns;                 /* of the unrolled loop over n */
    int32_t skipped;               /* steps of the first turn */
    const int8_t *codes;           /* [fives, depth], at least one */
    const int8_t *end;             /* of these */
    int32_t *sums;                 /* of both, TC_FIVES_BLOCK_MVE apart */
    uint32_t first;                /* where the loops start */
    uint32_t last;
    int32_t count;         /* channels */
    const int32_t *starts; /* of these */
    const int32_t *multipliers;
    const int8_t *shifts;
    const uint8_t *magnitudes;
} tc_fives_of_two_mve;

#ifdef TC_MANY_REGISTERS
/* 13 instructions for 96 products. Sums r0, r2, r4 of one pixel, by a code divided by 9, 27 and 81, and r6, r8, r10 of
 * the other. r1, r3: inputs; r5: codes. */
#define TC_FIRST_OF_FIVES_MVE                                                                                          \
    "vldrb.u8 q2, [r5], #16\n\t"                                                                                       \
    "vrmulh.s8 q2, q2, %q[third]\n\t"                                                                                  \
    "vldrb.u8 q0, [r1], #16\n\t"                                                                                       \
    "vrmulh.s8 q2, q2, %q[third]\n\t"                                                                                  \
    "vldrb.u8 q1, [r3], #16\n\t"                                                                                       \
    "vmladava.s8 r0, q0, q2\n\t"                                                                                       \
    "vrmulh.s8 q3, q2, %q[third]\n\t"                                                                                  \
    "vmladava.s8 r6, q1, q2\n\t"                                                                                       \
    "vmladava.s8 r2, q0, q3\n\t"                                                                                       \
    "vrmulh.s8 q2, q3, %q[third]\n\t"                                                                                  \
    "vmladava.s8 r8, q1, q3\n\t"                                                                                       \
    "vmladava.s8 r4, q0, q2\n\t"                                                                                       \
    "vmladava.s8 r10, q1, q2\n\t"
/* 8 for 64, from `at` on. Sums r2, r4 by a code and its third, and r8, r10. */
#define TC_LAST_OF_FIVES_MVE(at)                                                                                       \
    "vldrb.u8 q2, [r5" at "\n\t"                                                                                       \
    "vldrb.u8 q0, [r1" at "\n\t"                                                                                       \
    "vrmulh.s8 q3, q2, %q[third]\n\t"                                                                                  \
    "vldrb.u8 q1, [r3" at "\n\t"                                                                                       \
    "vmladava.s8 r2, q0, q2\n\t"                                                                                       \
    "vmladava.s8 r8, q1, q2\n\t"                                                                                       \
    "vmladava.s8 r4, q0, q3\n\t"                                                                                       \
    "vmladava.s8 r10, q1, q3\n\t"
#define TC_FORWARD_MVE "], #16"
#define TC_BACKWARD_MVE ", #-16]!"

/* The loop's label is `label`. Four steps in a turn, of which the first leaves some out, or one, of up to 16 inputs. */
#define TC_STEPS_OF_FIVES_MVE(label, turns, start, step)                                                               \
    "dls lr, " turns "\n\t"                                                                                            \
    "ldr pc, %[" start "]\n\t"                                                                                         \
    ".balign 4\n\t" label ":\n\t" step step step step "le lr, " label "b\n\t"
#define TC_STEP_OF_FIVES_MVE(label, inputs, step)                                                                      \
    "dlstp.8 lr, " inputs "\n\t" label ":\n\t" step "letp lr, " label "b\n\t"

#define TC_CLEAR_FIRST_OF_FIVES_MVE "clrm {r0, r2, r4, r6, r8, r10}\n\t"
#define TC_CLEAR_LAST_OF_FIVES_MVE "clrm {r2, r4, r8, r10}\n\t"
/* Sums of the third to fifth channel to r9, of which r0 and r6 are left; those of the first and second. three: a
 * register that has 3. */
#define TC_STORE_FIRST_OF_FIVES_MVE(three)                                                                             \
    "mls lr, r2, " three ", r0\n\t"                                                                                    \
    "mls r2, r4, " three ", r2\n\t"                                                                                    \
    "strd lr, r2, [r9, #8]\n\t"                                                                                        \
    "str r4, [r9, #16]\n\t"                                                                                            \
    "mls lr, r8, " three ", r6\n\t"                                                                                    \
    "mls r8, r10, " three ", r8\n\t"                                                                                   \
    "strd lr, r8, [r9, #328]\n\t"                                                                                      \
    "str r10, [r9, #336]\n\t"
#define TC_STORE_LAST_OF_FIVES_MVE(three)                                                                              \
    "mls r8, r10, " three ", r8\n\t"                                                                                   \
    "mls r10, r6, " three ", r10\n\t"                                                                                  \
    "strd r8, r10, [r9, #320]\n\t"                                                                                     \
    "mls r2, r4, " three ", r2\n\t"                                                                                    \
    "mls r4, r0, " three ", r4\n\t"                                                                                    \
    "strd r2, r4, [r9], #20\n\t"

/* Where the loops begin: as many steps later as are left out. */
#define TC_FIND_STARTS_OF_FIVES_MVE                                                                                    \
    "ldr r0, %[skipped]\n\t"                                                                                           \
    "adr r1, 2f\n\t"                                                                                                   \
    "mov r2, #52\n\t"                                                                                                  \
    "mla r1, r0, r2, r1\n\t"                                                                                           \
    "add r1, r1, #1\n\t"                                                                                               \
    "str r1, %[first]\n\t"                                                                                             \
    "adr r1, 4f\n\t"                                                                                                   \
    "add r1, r1, r0, lsl #5\n\t"                                                                                       \
    "add r1, r1, #1\n\t"                                                                                               \
    "str r1, %[last]\n\t"

/* Inputs in line, of whole vectors: backward the second time. r7: the codes' end; r11: turns; r12: 3. */
#define TC_SUM_VECTORS_MVE                                                                                             \
    TC_FIND_STARTS_OF_FIVES_MVE                                                                                        \
    "ldr r5, %[codes]\n\t"                                                                                             \
    "ldr r7, %[end]\n\t"                                                                                               \
    "ldr r9, %[sums]\n\t"                                                                                              \
    "ldr r11, %[turns]\n\t"                                                                                            \
    "mov r12, #3\n\t"                                                                                                  \
    "ldrd r1, r3, %[x0]\n\t"                                                                                           \
    "1:\n\t" TC_CLEAR_FIRST_OF_FIVES_MVE TC_STEPS_OF_FIVES_MVE("2", "r11", "first", TC_FIRST_OF_FIVES_MVE)             \
        TC_STORE_FIRST_OF_FIVES_MVE("r12") TC_CLEAR_LAST_OF_FIVES_MVE TC_STEPS_OF_FIVES_MVE(                           \
            "4", "r11", "last", TC_LAST_OF_FIVES_MVE(TC_BACKWARD_MVE))                                                 \
            TC_STORE_LAST_OF_FIVES_MVE("r12") "ldr r0, %[depth]\n\t"                                                   \
                                              "add r5, r5, r0\n\t"                                                     \
                                              "cmp r5, r7\n\t"                                                         \
                                              "bne 1b\n\t"

/* Inputs in line, of any number. r7: codes of the five; r11: inputs. */
#define TC_SUM_ANY_MVE                                                                                                 \
    "ldr r7, %[codes]\n\t"                                                                                             \
    "ldr r9, %[sums]\n\t"                                                                                              \
    "ldr r11, %[depth]\n\t"                                                                                            \
    "mov r12, #3\n\t"                                                                                                  \
    "1:\n\t"                                                                                                           \
    "mov r5, r7\n\t"                                                                                                   \
    "ldrd r1, r3, %[x0]\n\t" TC_CLEAR_FIRST_OF_FIVES_MVE TC_STEP_OF_FIVES_MVE("2", "r11", TC_FIRST_OF_FIVES_MVE)       \
        TC_STORE_FIRST_OF_FIVES_MVE("r12") "mov r5, r7\n\t"                                                            \
                                           "ldrd r1, r3, %[x0]\n\t" TC_CLEAR_LAST_OF_FIVES_MVE TC_STEP_OF_FIVES_MVE(   \
                                               "4", "r11", TC_LAST_OF_FIVES_MVE(TC_FORWARD_MVE))                       \
                                               TC_STORE_LAST_OF_FIVES_MVE("r12") "add r7, r7, r11\n\t"                 \
                                                                                 "ldr r0, %[end]\n\t"                  \
                                                                                 "cmp r7, r0\n\t"                      \
                                                                                 "bne 1b\n\t"

/* Runs of inputs, of whole vectors each. r7: codes of the five; r11: of the next segment; r12: turns. */
#define TC_SUM_SEGMENTS_MVE(segment, label, start, step)                                                               \
    "mov r5, r7\n\t"                                                                                                   \
    "ldr r11, %[segments]\n\t" segment ":\n\t"                                                                         \
    "ldrd r1, r3, [r11], #8\n\t" TC_STEPS_OF_FIVES_MVE(label, "r12", start, step) "ldr r1, %[behind]\n\t"              \
                                                                                  "cmp r11, r1\n\t"                    \
                                                                                  "bne " segment "b\n\t"
#define TC_SUM_APART_MVE                                                                                               \
    TC_FIND_STARTS_OF_FIVES_MVE                                                                                        \
    "ldr r7, %[codes]\n\t"                                                                                             \
    "ldr r9, %[sums]\n\t"                                                                                              \
    "ldr r12, %[turns]\n\t"                                                                                            \
    "1:\n\t" TC_CLEAR_FIRST_OF_FIVES_MVE TC_SUM_SEGMENTS_MVE(                                                          \
        "3", "2", "first", TC_FIRST_OF_FIVES_MVE) "mov r1, #3\n\t" TC_STORE_FIRST_OF_FIVES_MVE("r1")                   \
        TC_CLEAR_LAST_OF_FIVES_MVE TC_SUM_SEGMENTS_MVE(                                                                \
            "5", "4", "last",                                                                                          \
            TC_LAST_OF_FIVES_MVE(                                                                                      \
                TC_FORWARD_MVE)) "mov r1, #3\n\t" TC_STORE_LAST_OF_FIVES_MVE("r1") "mov r7, r5\n\t"                    \
                                                                                   "ldr r0, %[end]\n\t"                \
                                                                                   "cmp r7, r0\n\t"                    \
                                                                                   "bne 1b\n\t"

/* Operands lie on the stack. */
#define TC_RUN_FIVES_MVE(b, text)                                                                                      \
    __asm__ volatile(                                                                                                  \
        text                                                                                                           \
        : [first] "=m"((b).first), [last] "=m"((b).last)                                                               \
        : [x0] "m"((b).x0), [x1] "m"((b).x1), [segments] "m"((b).segments), [behind] "m"((b).behind),                  \
          [depth] "m"((b).depth), [turns] "m"((b).turns), [skipped] "m"((b).skipped), [codes] "m"((b).codes),          \
          [end] "m"((b).end), [sums] "m"((b).sums), [third] "w"(vdupq_n_s8(TC_THIRD_MVE))                              \
        : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2",     \
          "q3", "cc", "memory")

/* Of inputs in line. */
TC_INLINE void tc_sum_in_line_mve(tc_fives_of_two_mve *b)
{
    if (b->depth & 15) {
        TC_RUN_FIVES_MVE(*b, TC_SUM_ANY_MVE);
    } else {
        TC_RUN_FIVES_MVE(*b, TC_SUM_VECTORS_MVE);
    }
}
/* Of runs of inputs, of whole vectors each. */
TC_INLINE void tc_sum_apart_mve(tc_fives_of_two_mve *b) { TC_RUN_FIVES_MVE(*b, TC_SUM_APART_MVE); }
#else
static inline void tc_sum_apart_mve(const tc_fives_of_two_mve *b)
{
    const int8x16_t third = vdupq_n_s8(TC_THIRD_MVE);
    int32_t *sums = b->sums;
    for (const int8_t *codes = b->codes; codes != b->end; codes += b->depth, sums += 5) {
        for (int32_t pixel = 0; pixel < 2; pixel++) {
            int32_t s[6] = {0, 0, 0, 0, 0, 0};
            const int8_t *from = codes;
            for (const int8_t *const *at = b->segments; at != b->behind; at += 2, from += b->n) {
                for (int32_t i = 0; i < b->n; i += 16) {
                    const mve_pred16_t lanes = vctp8q((uint32_t)(b->n - i));
                    const int8x16_t input = vldrbq_z_s8(at[pixel] + i, lanes);
                    int8x16_t code = vldrbq_z_s8(from + i, lanes);
                    for (int32_t k = 0; k < 5; k++) {
                        s[k] = vmladavaq_s8(s[k], input, code);
                        code = vrmulhq_s8(code, third);
                    }
                }
            }
            for (int32_t k = 0; k < 5; k++) {
                sums[pixel * TC_FIVES_BLOCK_MVE + k] = s[k] - 3 * s[k + 1];
            }
        }
    }
}

static inline void tc_sum_in_line_mve(const tc_fives_of_two_mve *b) { tc_sum_apart_mve(b); }
#endif

#ifdef TC_MANY_REGISTERS
/* Sums of two pixels, q0 and q1, in one loop. */
#define TC_BYTES_OF_FIVES_MVE(text)                                                                                    \
    __asm__ volatile("dlstp.32 lr, %[count]\n\t"                                                                       \
                     "1:\n\t"                                                                                          \
                     "vldrw.u32 q1, [%[sums], #320]\n\t"                                                               \
                     "vldrw.u32 q0, [%[sums]], #16\n\t" text "vmax.s32 q1, q1, %q[low]\n\t"                            \
                     "vmax.s32 q0, q0, %q[low]\n\t"                                                                    \
                     "vmin.s32 q1, q1, %q[high]\n\t"                                                                   \
                     "vmin.s32 q0, q0, %q[high]\n\t"                                                                   \
                     "vstrb.32 q1, [%[out1]], #4\n\t"                                                                  \
                     "vstrb.32 q0, [%[out0]], #4\n\t"                                                                  \
                     "letp lr, 1b\n\t"                                                                                 \
                     : [sums] "+&r"(sums), [starts] "+&r"(starts), [multipliers] "+&r"(multipliers),                   \
                       [shifts] "+&l"(shifts), [magnitudes] "+&l"(magnitudes), [out0] "+&l"(out0), [out1] "+&l"(out1)  \
                     : [count] "r"(count), [a] "r"(of_all), [b] "r"(of_bytes), [low] "w"(low), [high] "w"(high)        \
                     : "lr", "q0", "q1", "q2", "q3", "q4", "cc", "memory")
/* a: what a trit counts; b: the zero point. */
#define TC_TWICE_OF_FIVES_MVE(load, times)                                                                             \
    load "vldrw.u32 q2, [%[starts]], #16\n\t"                                                                          \
         "vmul.i32 q1, q1, " times "\n\t"                                                                              \
         "vmul.i32 q0, q0, " times "\n\t"                                                                              \
         "vldrw.u32 q3, [%[multipliers]], #16\n\t"                                                                     \
         "vadd.i32 q1, q1, q2\n\t"                                                                                     \
         "vadd.i32 q0, q0, q2\n\t"                                                                                     \
         "vqrdmulh.s32 q1, q1, q3\n\t"                                                                                 \
         "vqrdmulh.s32 q0, q0, q3\n\t"                                                                                 \
         "vshr.s32 q3, q1, #31\n\t"                                                                                    \
         "vshr.s32 q2, q0, #31\n\t"                                                                                    \
         "vadd.i32 q1, q1, q3\n\t"                                                                                     \
         "vadd.i32 q0, q0, q2\n\t"                                                                                     \
         "vldrb.s32 q2, [%[shifts]], #4\n\t"                                                                           \
         "vrshl.s32 q1, q1, q2\n\t"                                                                                    \
         "vrshl.s32 q0, q0, q2\n\t"                                                                                    \
         "vadd.i32 q1, q1, %[b]\n\t"                                                                                   \
         "vadd.i32 q0, q0, %[b]\n\t"
/* a, b: shifts. Starts are slopes, multipliers offsets. */
#define TC_LINE_OF_FIVES_MVE                                                                                           \
    "vldrw.u32 q2, [%[starts]], #16\n\t"                                                                               \
    "vshl.s32 q1, %[a]\n\t"                                                                                            \
    "vshl.s32 q0, %[a]\n\t"                                                                                            \
    "vldrw.u32 q3, [%[multipliers]], #16\n\t"                                                                          \
    "vmulh.s32 q1, q1, q2\n\t"                                                                                         \
    "vmulh.s32 q0, q0, q2\n\t"                                                                                         \
    "vadd.i32 q1, q1, q3\n\t"                                                                                          \
    "vadd.i32 q0, q0, q3\n\t"                                                                                          \
    "vshl.s32 q1, %[b]\n\t"                                                                                            \
    "vshl.s32 q0, %[b]\n\t"
#endif

/* Bytes of two pixels, as tc_ternary_twice_mve and tc_ternary_once_mve make those of one. */
TC_NO_FRAME_POINTER static __attribute__((noinline)) void
tc_finish_fives_mve(const tc_ternary_fives_mve *of, const tc_fives_of_two_mve *b, int8_t *out0, int8_t *out1)
{
    const tc_ternary_vector *const p = &of->product.vector;
    const int32_t count = b->count;
    const int32_t *sums = b->sums, *starts = b->starts, *multipliers = b->multipliers;
    const int8_t *shifts = b->shifts;
    const uint8_t *magnitudes = b->magnitudes;
    const int32x4_t low = vdupq_n_s32(p->act_min), high = vdupq_n_s32(p->act_max);
    const int32_t of_all = of->is_once ? p->left : p->magnitude;
    const int32_t of_bytes = of->is_once ? -p->shift : p->zero >> 1;
#ifdef TC_MANY_REGISTERS
    if (of->is_once) {
        TC_BYTES_OF_FIVES_MVE(TC_LINE_OF_FIVES_MVE);
    } else if (of_all) {
        TC_BYTES_OF_FIVES_MVE(TC_TWICE_OF_FIVES_MVE("", "%[a]"));
    } else {
        TC_BYTES_OF_FIVES_MVE(TC_TWICE_OF_FIVES_MVE("vldrb.u32 q4, [%[magnitudes]], #4\n\t", "q4"));
    }
#else
    int32x4_t magnitude = vdupq_n_s32(of_all);
    for (int32_t i = 0; i < count; i += 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)(count - i));
        const int32x4_t start = vldrwq_z_s32(starts + i, lanes), multiplier = vldrwq_z_s32(multipliers + i, lanes);
        if (of_all == 0) {
            magnitude = vreinterpretq_s32_u32(vldrbq_z_u32(magnitudes + i, lanes));
        }
        for (int32_t pixel = 0; pixel < 2; pixel++) {
            int32x4_t x = vldrwq_z_s32(sums + pixel * TC_FIVES_BLOCK_MVE + i, lanes);
            if (of->is_once) {
                x = vshlq_r_s32(vaddq_s32(vmulhq_s32(vshlq_r_s32(x, of_all), start), multiplier), of_bytes);
            } else {
                x = vqrdmulhq_s32(vaddq_s32(vmulq_s32(x, magnitude), start), multiplier);
                x = vrshlq_s32(vaddq_s32(x, vshrq_n_s32(x, 31)), vldrbq_z_s32(shifts + i, lanes));
                x = vaddq_n_s32(x, of_bytes);
            }
            vstrbq_p_s32((pixel ? out1 : out0) + i, vminq_s32(vmaxq_s32(x, low), high), lanes);
        }
    }
#endif
}

/* Runs of n inputs. */
TC_INLINE void tc_begin_fives_mve(tc_fives_of_two_mve *b, const int8_t *const *segments, int32_t count, int32_t n,
                                  int32_t *sums)
{
    const int32_t steps = n >> 4;
    b->segments = segments;
    b->behind = segments + 2 * count;
    b->n = n;
    b->depth = count * n;
    b->turns = (steps + 3) >> 2;
    b->skipped = 4 * b->turns - steps;
    b->sums = sums;
}

/* Channels [first, first + count), of which `fives` are in fives, with these codes. */
TC_INLINE void tc_begin_block_mve(const tc_ternary_fives_mve *p, tc_fives_of_two_mve *b, int32_t first, int32_t fives,
                                  const int8_t *codes, const int32_t *channels, const int8_t *scales)
{
    const int32_t outputs = p->product.vector.out_n;
    b->count = tc_min(outputs - first, TC_FIVES_BLOCK_MVE);
    b->codes = codes;
    b->end = codes + fives * b->depth;
    b->starts = channels + first;
    b->multipliers = b->starts + outputs;
    b->shifts = p->is_once ? NULL : scales + first;
    b->magnitudes = p->is_once ? NULL : (const uint8_t *)b->shifts + outputs;
}

/* Fives of channels, from `first` on, in a block. */
TC_INLINE int32_t tc_fives_of_block_mve(const tc_ternary_fives_mve *p, int32_t first)
{
    return tc_clamp((p->product.fives - first + 4) / 5, 0, TC_FIVES_BLOCK_MVE / 5);
}

/* All channels of pairs of pixels that are in line, `pitch` bytes apart. */
TC_NO_FRAME_POINTER static __attribute__((noinline)) void
tc_pairs_in_line_mve(const tc_ternary_fives_mve *p, const int8_t *x, int32_t pitch, const int8_t *codes,
                     const int32_t *channels, const int8_t *scales, int8_t *out, int32_t pixels, int32_t *sums)
{
    const int32_t outputs = p->product.vector.out_n;
    const int32_t run = (p->product.vector.in_n + 4) / 5;
    tc_fives_of_two_mve b;
    b.x0 = b.x1 = NULL;
    tc_begin_fives_mve(&b, &b.x0, 1, p->product.vector.in_n, sums);
    for (int32_t first = 0; first < outputs; first += TC_FIVES_BLOCK_MVE, out += TC_FIVES_BLOCK_MVE) {
        const int32_t fives = tc_fives_of_block_mve(p, first);
        tc_begin_block_mve(p, &b, first, fives, codes, channels, scales);
        int8_t *to = out;
        const int8_t *from = x;
        for (int32_t i = 0; i + 1 < pixels; i += 2, to += 2 * outputs, from += 2 * pitch) {
            b.x0 = from;
            b.x1 = from + pitch;
            if (fives > 0) {
                tc_sum_in_line_mve(&b);
            }
            codes = b.end;
            for (int32_t k = 5 * fives; k < b.count; k++, codes += run) {
                sums[k] = tc_runs_mve(b.x0, codes, b.depth, run);
                sums[TC_FIVES_BLOCK_MVE + k] = tc_runs_mve(b.x1, codes, b.depth, run);
            }
            tc_finish_fives_mve(p, &b, to, to + outputs);
        }
    }
}

/* A function of its own, so that its sums are on the stack for no others. */
static __attribute__((noinline)) void tc_one_in_line_mve(const tc_ternary_fives_mve *p, const int8_t *x,
                                                         const int8_t *codes, const int32_t *channels,
                                                         const int8_t *scales, int8_t *out)
{
    tc_ternary_vectors_mve(&p->product, x, codes, channels, scales, out, 1, !p->is_once);
}

/* All channels of pixels. */
static inline void tc_ternary_in_line_mve(const tc_ternary_fives_mve *p, const int8_t *x, int32_t pitch,
                                          const int8_t *codes, const int32_t *channels, const int8_t *scales,
                                          int8_t *out, int32_t pixels, int32_t *sums)
{
    if (pixels > 1) {
        tc_pairs_in_line_mve(p, x, pitch, codes, channels, scales, out, pixels, sums);
    }
    if (pixels & 1) {
        x += (pixels - 1) * pitch;
        out += (pixels - 1) * p->product.vector.out_n;
        tc_one_in_line_mve(p, x, codes, channels, scales, out);
    }
}

#endif

/* Dense layers of ternary weights by Helium: outputs that are left over of fives, and bytes. */
#ifndef TINYC_MVE_TERNARY_VECTOR_H
#define TINYC_MVE_TERNARY_VECTOR_H

#include "tinyc/mve/ternary_sums.h"

/* `outputs` sums, one to four, whose n inputs are five runs of `run` a, b, c, d, e, the last one moved back to end
 * where the inputs do: what two runs have in common counts in one. Codes are [run] each, of an input of each run; the
 * lowest digit first:
 * - three outputs 0, 1, 2: 0d 1d 0a 1a 2a, 0e 1e 0b 1b 2b, 2d 2e 0c 1c 2c;
 * - two: 0c 0d 0e 0a 1a, 1c 1d 1e 0b 1b;
 * - one: a b c d e.
 * Four are three and one. */
#ifdef TC_MANY_REGISTERS
/* Inputs r0, r5, r7, r9 and r2, run by run; codes r1. q3: thirds. */
#define TC_LOAD_OF_RUNS_MVE(to, from) "vldrb.u8 " to ", [" from "], #16\n\t"
/* The lowest digit of `code` by x, to `sum`, and the other digits. r12: -3. */
#define TC_DIGIT_OF_RUNS_MVE(code, next, x, sum)                                                                       \
    "vrmulh.s8 " next ", " code ", q3\n\t"                                                                             \
    "vmla.s8 " code ", " next ", r12\n\t"                                                                              \
    "vmladava.s8 " sum ", " x ", " code "\n\t"
#define TC_ONE_OF_RUNS_MVE                                                                                             \
    TC_LOAD_OF_RUNS_MVE("q0", "r1")                                                                                    \
    TC_LOAD_OF_RUNS_MVE("q2", "r0")                                                                                    \
    TC_DIGIT_OF_RUNS_MVE("q0", "q1", "q2", "r4")                                                                       \
    TC_LOAD_OF_RUNS_MVE("q2", "r5")                                                                                    \
    TC_DIGIT_OF_RUNS_MVE("q1", "q0", "q2", "r4")                                                                       \
    TC_LOAD_OF_RUNS_MVE("q2", "r7")                                                                                    \
    TC_DIGIT_OF_RUNS_MVE("q0", "q1", "q2", "r4")                                                                       \
    TC_LOAD_OF_RUNS_MVE("q2", "r9")                                                                                    \
    TC_DIGIT_OF_RUNS_MVE("q1", "q0", "q2", "r4")                                                                       \
    TC_LOAD_OF_RUNS_MVE("q2", "r2")                                                                                    \
    "vmladava.s8 r4, q2, q0\n\t"
/* Three digits by q4, q5 and q6, to `sum`, the last two by x, to r4 and r6, of which r4 has three times r6 too much. */
#define TC_TWO_OF_RUNS_MVE(code, x, sum)                                                                               \
    TC_LOAD_OF_RUNS_MVE("q0", code)                                                                                    \
    TC_LOAD_OF_RUNS_MVE("q2", x)                                                                                       \
    TC_DIGIT_OF_RUNS_MVE("q0", "q1", "q4", sum)                                                                        \
    TC_DIGIT_OF_RUNS_MVE("q1", "q0", "q5", sum)                                                                        \
    TC_DIGIT_OF_RUNS_MVE("q0", "q1", "q6", sum)                                                                        \
    "vrmulh.s8 q0, q1, q3\n\t"                                                                                         \
    "vmladava.s8 r4, q2, q1\n\t"                                                                                       \
    "vmladava.s8 r6, q2, q0\n\t"
/* The last three digits of q0 by q2, to r4, r6 and r8, of which r4 has three times r6 too much, and r6 three times r8;
 * before that the first two by `low`, to r4 and r6: then r6 has three times r10 too much as well. */
#define TC_LAST_OF_RUNS_MVE                                                                                            \
    "vrmulh.s8 q1, q0, q3\n\t"                                                                                         \
    "vmladava.s8 r4, q2, q0\n\t"                                                                                       \
    "vrmulh.s8 q0, q1, q3\n\t"                                                                                         \
    "vmladava.s8 r6, q2, q1\n\t"                                                                                       \
    "vmladava.s8 r8, q2, q0\n\t"
#define TC_THREE_OF_RUNS_MVE(code, x, low)                                                                             \
    TC_LOAD_OF_RUNS_MVE("q0", code)                                                                                    \
    TC_LOAD_OF_RUNS_MVE("q2", x)                                                                                       \
    "vrmulh.s8 q1, q0, q3\n\t"                                                                                         \
    "vmladava.s8 r4, " low ", q0\n\t"                                                                                  \
    "vrmulh.s8 q0, q1, q3\n\t"                                                                                         \
    "vmladava.s8 r6, " low ", q1\n\t"                                                                                  \
    "vmladava.s8 r10, " low ", q0\n\t" TC_LAST_OF_RUNS_MVE
/* The lowest digit of `code` by x, to r12, and the other digits. q6: 3. */
#define TC_THIRD_OF_RUNS_MVE(code, next, x)                                                                            \
    "vrmulh.s8 " next ", " code ", q3\n\t"                                                                             \
    "vmul.i8 q7, " next ", q6\n\t"                                                                                     \
    "vsub.i8 " code ", " code ", q7\n\t"                                                                               \
    "vmladava.s8 r12, " x ", " code "\n\t"
#define TC_LOOP_OF_RUNS_MVE(label, step) "dlstp.8 lr, r3\n\t" label ":\n\t" step "letp lr, " label "b\n\t"
TC_NO_FRAME_POINTER TC_SHARED void tc_runs_mve(const int8_t *x, const int8_t *codes, int32_t n, int32_t run,
                                               int32_t *sums, int32_t outputs)
{
    register const int8_t *r0 __asm__("r0") = x;
    register const int8_t *r1 __asm__("r1") = codes;
    register int32_t r2 __asm__("r2") = n - run;
    register int32_t r3 __asm__("r3") = run;
    __asm__ volatile("ldr r4, %[outputs]\n\t"
                     "vmov.i8 q3, #85\n\t"
                     "add r5, r0, r3\n\t"
                     "add r7, r5, r3\n\t"
                     "add r9, r7, r3\n\t"
                     "add r2, r2, r0\n\t"
                     "cmp r4, #3\n\t"
                     "bge 5f\n\t"
                     "mvn r12, #2\n\t"
                     "cmp r4, #2\n\t"
                     "blt 3f\n\t"
                     "add r10, r1, r3\n\t"
                     "clrm {r4, r6, r8}\n\t" TC_LOOP_OF_RUNS_MVE("2", TC_LOAD_OF_RUNS_MVE("q4", "r7")
                                                                          TC_LOAD_OF_RUNS_MVE("q5", "r9") /* */
                                                                 TC_LOAD_OF_RUNS_MVE("q6", "r2")          /* */
                                                                 TC_TWO_OF_RUNS_MVE("r1", "r0", "r4")     /* */
                                                                 TC_TWO_OF_RUNS_MVE("r10", "r5", "r8"))   /* */
                     "ldr r3, %[sums]\n\t"
                     "mla r4, r6, r12, r4\n\t"
                     "add r6, r6, r8\n\t"
                     "strd r4, r6, [r3]\n\t"
                     "b 9f\n\t"
                     "5:\n\t"
                     "vmov.i8 q6, #3\n\t"
                     "add r11, r1, r3\n\t"
                     "clrm {r4, r6, r8, r10, r12}\n\t"
                     "dlstp.8 lr, r3\n\t"
                     "add r3, r11, r3\n\t"
                     "6:\n\t" TC_LOAD_OF_RUNS_MVE("q4", "r9") TC_LOAD_OF_RUNS_MVE("q5", "r2")       /* */
                     TC_THREE_OF_RUNS_MVE("r1", "r0", "q4") TC_THREE_OF_RUNS_MVE("r11", "r5", "q5") /* */
                     TC_LOAD_OF_RUNS_MVE("q0", "r3") TC_LOAD_OF_RUNS_MVE("q2", "r7")                /* */
                     TC_THIRD_OF_RUNS_MVE("q0", "q1", "q4") TC_THIRD_OF_RUNS_MVE("q1", "q0", "q5")
                         TC_LAST_OF_RUNS_MVE /* */
                     "letp lr, 6b\n\t"
                     "mvn r1, #2\n\t"
                     "add r10, r10, r8\n\t"
                     "mla r4, r6, r1, r4\n\t"
                     "mla r6, r10, r1, r6\n\t"
                     "add r8, r8, r12\n\t"
                     "ldr r1, %[sums]\n\t"
                     "stm r1, {r4, r6, r8}\n\t"
                     "beq 9f\n\t"
                     /* the fourth: inputs from their beginning */
                     "add r1, r1, #12\n\t"
                     "str r1, %[sums]\n\t"
                     "mvn r12, #2\n\t"
                     "sub r1, r5, r0\n\t"
                     "add r4, r1, #15\n\t"
                     "bic r4, r4, #15\n\t"
                     "sub r0, r0, r4\n\t"
                     "sub r5, r5, r4\n\t"
                     "sub r7, r7, r4\n\t"
                     "sub r9, r9, r4\n\t"
                     "sub r2, r2, r4\n\t"
                     "sub r4, r3, r4\n\t"
                     "mov r3, r1\n\t"
                     "add r1, r1, r4\n\t"
                     "3:\n\t"
                     "mov r4, #0\n\t" TC_LOOP_OF_RUNS_MVE("4", TC_ONE_OF_RUNS_MVE) /* */
                     "ldr r3, %[sums]\n\t"
                     "str r4, [r3]\n\t"
                     "9:\n\t"
                     : "+r"(r0), "+r"(r1), "+r"(r2), "+r"(r3), [sums] "+m"(sums)
                     : [outputs] "m"(outputs)
                     : "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2", "q3", "q4",
                       "q5", "q6", "q7", "cc", "memory");
}
#else
/* Adds to `sum` the weights of one run, which are the lowest digits of so many codes, or of what is left of these. */
static inline int32_t tc_digit_of_runs_mve(int32_t sum, const int8_t *x, const int8_t *codes, int32_t run,
                                           int32_t digit)
{
    const int8x16_t third = vdupq_n_s8(TC_THIRD_MVE);
    for (int32_t i = 0; i < run; i += 16) {
        const mve_pred16_t lanes = vctp8q((uint32_t)(run - i));
        int8x16_t code = vldrbq_z_s8(codes + i, lanes);
        for (int32_t k = 0; k < digit; k++) {
            code = vrmulhq_s8(code, third);
        }
        const int8x16_t rest = vrmulhq_s8(code, third);
        sum = vmladavaq_s8(sum, vldrbq_z_s8(x + i, lanes), vmlaq_n_s8(code, rest, -3));
    }
    return sum;
}

TC_SHARED void tc_runs_mve(const int8_t *x, const int8_t *codes, int32_t n, int32_t run, int32_t *sums, int32_t outputs)
{
    /* output and run of each digit */
    static const uint8_t three[3][5] = {
        {3, 8 + 3, 0, 8, 16}, {4, 8 + 4, 1, 8 + 1, 16 + 1}, {16 + 3, 16 + 4, 2, 8 + 2, 16 + 2}};
    static const uint8_t two[2][5] = {{2, 3, 4, 0, 8}, {8 + 2, 8 + 3, 8 + 4, 1, 8 + 1}};
    static const uint8_t one[1][5] = {{0, 1, 2, 3, 4}};
    for (int32_t count; outputs > 0; outputs -= count, sums += count) {
        count = outputs > 2 ? 3 : outputs;
        const uint8_t(*const table)[5] = count == 3 ? three : count == 2 ? two : one;
        for (int32_t k = 0; k < count; k++) {
            sums[k] = 0;
        }
        for (int32_t k = 0; k < count; k++, codes += run) {
            for (int32_t digit = 0; digit < 5; digit++) {
                const int32_t at = tc_min((table[k][digit] & 7) * run, n - run);
                int32_t *const sum = sums + (table[k][digit] >> 3);
                *sum = tc_digit_of_runs_mve(*sum, x + at, codes, run, digit);
            }
        }
    }
}
#endif

#define TC_TWICE_MVE(load, times)                                                                                      \
    __asm__ volatile("dlstp.32 lr, %[count]\n\t"                                                                       \
                     "1:\n\t"                                                                                          \
                     "vldrw.u32 q0, [%[sums]], #16\n\t" load "vldrw.u32 q2, [%[starts]], #16\n\t"                      \
                     "vmul.i32 q0, q0, " times "\n\t"                                                                  \
                     "vadd.i32 q0, q0, q2\n\t"                                                                         \
                     "vldrw.u32 q2, [%[multipliers]], #16\n\t"                                                         \
                     "vqrdmulh.s32 q0, q0, q2\n\t"                                                                     \
                     "vldrb.s32 q2, [%[shifts]], #4\n\t"                                                               \
                     "vshr.s32 q3, q0, #31\n\t"                                                                        \
                     "vadd.i32 q0, q0, q3\n\t"                                                                         \
                     "vrshl.s32 q0, q0, q2\n\t"                                                                        \
                     "vadd.i32 q0, q0, %[zero]\n\t"                                                                    \
                     "vmax.s32 q0, q0, %q[low]\n\t"                                                                    \
                     "vmin.s32 q0, q0, %q[high]\n\t"                                                                   \
                     "vstrb.32 q0, [%[out]], #4\n\t"                                                                   \
                     "letp lr, 1b\n\t"                                                                                 \
                     : [sums] "+&r"(sums), [starts] "+&r"(starts), [multipliers] "+&r"(multipliers),                   \
                       [shifts] "+&l"(shifts), [magnitudes] "+&l"(magnitudes), [out] "+&l"(out)                        \
                     : [count] "r"(count), [zero] "r"(p->zero >> 1), [magnitude] "r"(p->magnitude), [low] "w"(low),    \
                       [high] "w"(high)                                                                                \
                     : "lr", "q0", "q1", "q2", "q3", "cc", "memory")

/* Outputs [first, first + count) of their sums, rounded twice. scales: shifts as negative bytes. For the arithmetic see
 * mve/matmul.h. */
TC_INLINE void tc_ternary_twice_mve(const tc_ternary_vector *p, const int32_t *sums, int32_t first, int32_t count,
                                    const int32_t *channels, const int8_t *scales, int8_t *out)
{
    const int32_t *starts = channels + first;
    const int32_t *multipliers = starts + p->out_n;
    const int8_t *shifts = scales + first;
    const uint8_t *magnitudes = (const uint8_t *)shifts + p->out_n;
    out += first;
    const int32x4_t low = vdupq_n_s32(p->act_min), high = vdupq_n_s32(p->act_max);
#ifdef TC_MANY_REGISTERS
    if (p->magnitude) {
        TC_TWICE_MVE("", "%[magnitude]");
    } else {
        TC_TWICE_MVE("vldrb.u32 q1, [%[magnitudes]], #4\n\t", "q1");
    }
#else
    int32x4_t magnitude = vdupq_n_s32(p->magnitude);
    for (; count > 0; count -= 4, sums += 4, starts += 4, multipliers += 4, shifts += 4, magnitudes += 4, out += 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)count);
        if (p->magnitude == 0) {
            magnitude = vreinterpretq_s32_u32(vldrbq_z_u32(magnitudes, lanes));
        }
        const int32x4_t acc = vaddq_s32(vmulq_s32(vldrwq_z_s32(sums, lanes), magnitude), vldrwq_z_s32(starts, lanes));
        int32x4_t x = vqrdmulhq_s32(acc, vldrwq_z_s32(multipliers, lanes));
        x = vrshlq_s32(vaddq_s32(x, vshrq_n_s32(x, 31)), vldrbq_z_s32(shifts, lanes));
        x = vmaxq_s32(vaddq_n_s32(x, p->zero >> 1), low);
        vstrbq_p_s32(out, vminq_s32(x, high), lanes);
    }
#endif
}

/* The same, rounded once. */
TC_INLINE void tc_ternary_once_mve(const tc_ternary_vector *p, const int32_t *sums, int32_t first, int32_t count,
                                   const int32_t *channels, int8_t *out)
{
    const int32_t *slopes = channels + first;
    const int32_t *offsets = slopes + p->out_n;
    out += first;
    const int32x4_t low = vdupq_n_s32(p->act_min), high = vdupq_n_s32(p->act_max);
#ifdef TC_MANY_REGISTERS
    __asm__ volatile("dlstp.32 lr, %[count]\n\t"
                     "1:\n\t"
                     "vldrw.u32 q0, [%[sums]], #16\n\t"
                     "vldrw.u32 q1, [%[slopes]], #16\n\t"
                     "vshl.s32 q0, %[left]\n\t"
                     "vldrw.u32 q2, [%[offsets]], #16\n\t"
                     "vmulh.s32 q0, q0, q1\n\t"
                     "vadd.i32 q0, q0, q2\n\t"
                     "vshl.s32 q0, %[right]\n\t"
                     "vmax.s32 q0, q0, %q[low]\n\t"
                     "vmin.s32 q0, q0, %q[high]\n\t"
                     "vstrb.32 q0, [%[out]], #4\n\t"
                     "letp lr, 1b\n\t"
                     : [sums] "+&r"(sums), [slopes] "+&r"(slopes), [offsets] "+&r"(offsets), [out] "+&l"(out)
                     : [count] "r"(count), [left] "r"(p->left), [right] "r"(-p->shift), [low] "w"(low), [high] "w"(high)
                     : "lr", "q0", "q1", "q2", "cc", "memory");
#else
    for (; count > 0; count -= 4, sums += 4, slopes += 4, offsets += 4, out += 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)count);
        int32x4_t x = vshlq_r_s32(vldrwq_z_s32(sums, lanes), p->left);
        x = vaddq_s32(vmulhq_s32(x, vldrwq_z_s32(slopes, lanes)), vldrwq_z_s32(offsets, lanes));
        x = vmaxq_s32(vshlq_r_s32(x, -p->shift), low);
        vstrbq_p_s32(out, vminq_s32(x, high), lanes);
    }
#endif
}

/* Outputs whose sums are made bytes together, a multiple of four and of five. */
enum { TC_TERNARY_BLOCK_MVE = 40 };

/* twice: 1 where requantization rounds twice. */
TC_INLINE void tc_ternary_vectors_mve(const tc_fully_connected_ternary_mve_params *p, const int8_t *in,
                                      const int8_t *codes, const int32_t *channels, const int8_t *scales, int8_t *out,
                                      int32_t vectors, int32_t twice)
{
    const tc_ternary_vector *const to = &p->vector;
    for (;;) {
        const int8_t *w = codes;
        int32_t fives = p->fives;
        int32_t first = 0;
        for (;;) {
            int32_t sums[TC_TERNARY_BLOCK_MVE];
            int32_t *behind = sums;
            int32_t others = tc_min(to->out_n - first, TC_TERNARY_BLOCK_MVE);
            const int32_t count = others;
            if (fives > 0) {
                const int32_t some = tc_min(fives, TC_TERNARY_BLOCK_MVE / 5);
                tc_fives_mve(in, w, to->in_n, sums, some);
                w += some * to->in_n;
                behind += 5 * some;
                others -= 5 * some;
            }
            if (others > 0) {
                tc_runs_mve(in, w, to->in_n, p->run, behind, others);
            }
            if (twice) {
                tc_ternary_twice_mve(to, sums, first, count, channels, scales, out);
            } else {
                tc_ternary_once_mve(to, sums, first, count, channels, out);
            }
            first += TC_TERNARY_BLOCK_MVE;
            if (first >= to->out_n) {
                break;
            }
            fives -= TC_TERNARY_BLOCK_MVE / 5;
        }
        if (--vectors <= 0) {
            return;
        }
        in += to->in_n;
        out += to->out_n;
    }
}

#endif

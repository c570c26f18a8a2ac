/* Dense layers of ternary weights by Helium: outputs that are left over of fives, and bytes. */
#ifndef TINYC_MVE_TERNARY_VECTOR_H
#define TINYC_MVE_TERNARY_VECTOR_H

#include "tinyc/mve/ternary_sums.h"

/* `outputs` sums, at least one, whose n inputs are five runs of `run`, the last ones moved back to end where the inputs
 * do: [outputs, run] codes of an input of each. What two runs have in common counts in one. */
#ifdef TC_MANY_REGISTERS
/* Weights of one output in q0 or q1, codes of the others in `next`; of another in q2 or q3. */
#define TC_RUN_MVE(from, code, next)                                                                                   \
    "vldrb.u8 q4, [" from "], #16\n\t"                                                                                 \
    "vrmulh.s8 " next ", " code ", %q[third]\n\t"                                                                      \
    "vmla.s8 " code ", " next ", %[less]\n\t"                                                                          \
    "vmladava.s8 r0, q4, " code "\n\t"
#define TC_RUN_OF_ANOTHER_MVE(code, next)                                                                              \
    "vrmulh.s8 " next ", " code ", %q[third]\n\t"                                                                      \
    "vmla.s8 " code ", " next ", %[less]\n\t"                                                                          \
    "vmladava.s8 r2, q4, " code "\n\t"
TC_NO_FRAME_POINTER TC_SHARED void tc_runs_mve(const int8_t *x, const int8_t *codes, int32_t n, int32_t run,
                                               int32_t *sums, int32_t outputs)
{
    const int32_t last = n - run;
    const int8_t *const from[5] = {x, x + tc_min(run, last), x + tc_min(2 * run, last), x + tc_min(3 * run, last),
                                   x + last};
    __asm__ volatile(
        "1:\n\t"
        "ldrd r1, r3, %[a]\n\t"
        "ldrd r5, r7, %[c]\n\t"
        "ldr r9, %[e]\n\t"
        "ldr lr, %[run]\n\t"
        "clrm {r0, r2}\n\t"
        "subs %[outputs], %[outputs], #2\n\t"
        "mov r4, %[codes]\n\t"
        "add %[codes], %[codes], lr\n\t"
        "blt 3f\n\t"
        "mov r6, %[codes]\n\t"
        "add %[codes], %[codes], lr\n\t"
        "dlstp.8 lr, lr\n\t"
        "2:\n\t"
        "vldrb.u8 q0, [r4], #16\n\t"
        "vldrb.u8 q2, [r6], #16\n\t" /* */
        TC_RUN_MVE("r1", "q0", "q1") TC_RUN_OF_ANOTHER_MVE("q2", "q3") TC_RUN_MVE("r3", "q1", "q0")
            TC_RUN_OF_ANOTHER_MVE("q3", "q2") TC_RUN_MVE("r5", "q0", "q1") TC_RUN_OF_ANOTHER_MVE("q2", "q3")
                TC_RUN_MVE("r7", "q1", "q0") TC_RUN_OF_ANOTHER_MVE("q3", "q2") /* */
        "vldrb.u8 q4, [r9], #16\n\t"
        "vmladava.s8 r0, q4, q0\n\t"
        "vmladava.s8 r2, q4, q2\n\t"
        "letp lr, 2b\n\t"
        "strd r0, r2, [%[sums]], #8\n\t"
        "bne 1b\n\t"
        "b 5f\n\t"
        "3:\n\t"
        "dlstp.8 lr, lr\n\t"
        "4:\n\t"
        "vldrb.u8 q0, [r4], #16\n\t" /* */
        TC_RUN_MVE("r1", "q0", "q1") TC_RUN_MVE("r3", "q1", "q0") TC_RUN_MVE("r5", "q0", "q1")
            TC_RUN_MVE("r7", "q1", "q0") /* */
        "vldrb.u8 q4, [r9], #16\n\t"
        "vmladava.s8 r0, q4, q0\n\t"
        "letp lr, 4b\n\t"
        "str r0, [%[sums]]\n\t"
        "5:\n\t"
        : [codes] "+&r"(codes), [sums] "+&r"(sums), [outputs] "+&r"(outputs)
        : [a] "m"(from[0]), [b] "m"(from[1]), [c] "m"(from[2]), [d] "m"(from[3]), [e] "m"(from[4]), [run] "m"(run),
          [less] "r"(-3), [third] "w"(vdupq_n_s8(TC_THIRD_MVE))
        : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r9", "lr", "q0", "q1", "q2", "q3", "q4", "cc", "memory");
}
#else
TC_SHARED void tc_runs_mve(const int8_t *x, const int8_t *codes, int32_t n, int32_t run, int32_t *sums, int32_t outputs)
{
    const int8x16_t third = vdupq_n_s8(TC_THIRD_MVE);
    for (; outputs > 0; outputs--, codes += run) {
        int32_t sum = 0;
        for (int32_t i = 0; i < run; i += 16) {
            const mve_pred16_t lanes = vctp8q((uint32_t)(run - i));
            int8x16_t code = vldrbq_z_s8(codes + i, lanes);
            for (int32_t k = 0; k < 5; k++) {
                const int8x16_t rest = vrmulhq_s8(code, third);
                const int8x16_t input = vldrbq_z_s8(x + tc_min(k * run, n - run) + i, lanes);
                sum = vmladavaq_s8(sum, input, vmlaq_n_s8(code, rest, -3));
                code = rest;
            }
        }
        *sums++ = sum;
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
    const int32_t n = to->in_n;
    for (int32_t v = 0; v < vectors; v++, in += n, out += to->out_n) {
        const int8_t *w = codes;
        int32_t left = p->fives;
        for (int32_t first = 0; first < to->out_n; first += TC_TERNARY_BLOCK_MVE) {
            const int32_t count = tc_min(to->out_n - first, TC_TERNARY_BLOCK_MVE);
            const int32_t fives = tc_min(left, TC_TERNARY_BLOCK_MVE / 5);
            int32_t sums[TC_TERNARY_BLOCK_MVE];
            if (fives > 0) {
                tc_fives_mve(in, w, n, sums, fives);
                w += fives * n;
                left -= fives;
            }
            if (5 * fives < count) {
                tc_runs_mve(in, w, n, p->run, sums + 5 * fives, count - 5 * fives);
            }
            if (twice) {
                tc_ternary_twice_mve(to, sums, first, count, channels, scales, out);
            } else {
                tc_ternary_once_mve(to, sums, first, count, channels, out);
            }
        }
    }
}

#endif

/* One vector times four outputs at a time for Armv7E-M SIMD. Weights, sums and bytes are as in matmul_dsp.h. */
#ifndef TINYC_VECTOR_DSP_H
#define TINYC_VECTOR_DSP_H

#include <string.h>

#include "tinyc/fully_connected.h"

/* The assembly uses all registers but sp; what it has no register for is here. */
typedef struct {
    const int8_t *in;
    const int8_t *end;      /* after the vector */
    const int32_t *weights; /* of the next group */
    int8_t *out;
    int32_t advance; /* inputs that the first four count for: 1 to 4 */
    int32_t groups;  /* to do, >= 1 */
    uint32_t entry;  /* steps that the first turn of the unrolled loop leaves out; then where it starts */
} tc_vector_dsp;

/* Four inputs: r0 inputs, r1 weights, r5 r7 sums of a, r6 r8 sums of a + 256 * b. 16 instructions for 16 products. */
#define TC_VECTOR_STEP                                                                                                 \
    "ldr r2, [r0], #4\n\t"                                                                                             \
    "ldmia r1!, {r9, r10, r11, r12}\n\t"                                                                               \
    "sxtb16 r3, r2, ror #8\n\t"                                                                                        \
    "sxtb16 r2, r2\n\t"                                                                                                \
    "smlad r6, r2, r9, r6\n\t"                                                                                         \
    "smlad r6, r3, r10, r6\n\t"                                                                                        \
    "sxtb16 r9, r9\n\t"                                                                                                \
    "sxtb16 r10, r10\n\t"                                                                                              \
    "smlad r5, r2, r9, r5\n\t"                                                                                         \
    "smlad r5, r3, r10, r5\n\t"                                                                                        \
    "smlad r8, r2, r11, r8\n\t"                                                                                        \
    "smlad r8, r3, r12, r8\n\t"                                                                                        \
    "sxtb16 r11, r11\n\t"                                                                                              \
    "sxtb16 r12, r12\n\t"                                                                                              \
    "smlad r7, r2, r11, r7\n\t"                                                                                        \
    "smlad r7, r3, r12, r7\n\t"

/* x: accumulator; m: multiplier; o: offset. r10 holds the shift. `double`: the accumulator is doubled. */
#define TC_VECTOR_ONCE(x, m, o) "smmla " x ", " x ", " m ", " o "\n\tasr " x ", " x ", r10\n\tssat " x ", #8, " x "\n\t"
#define TC_VECTOR_TWICE(x, m, o)                                                                                       \
    "smmlar " x ", " x ", " m ", " o "\n\tasr " x ", " x ", r10\n\tssat " x ", #8, " x "\n\t"
#define TC_VECTOR_TWICE_SIGNED(x, m, o)                                                                                \
    "add r12, " o ", " x ", asr #31\n\tsmmlar " x ", " x ", " m ", r12\n\tasr " x ", " x ", r10\n\tssat " x ", #8, " x \
    "\n\t"

/* From the sums to the four accumulators. */
#define TC_VECTOR_PLAIN "sub r6, r6, r5\n\tsub r8, r8, r7\n\tasr r6, r6, #8\n\tasr r8, r8, #8\n\t"
#define TC_VECTOR_DOUBLED                                                                                              \
    "sub r6, r6, r5\n\tsub r8, r8, r7\n\tasr r6, r6, #7\n\tasr r8, r8, #7\n\tlsl r5, r5, #1\n\tlsl r7, r7, #1\n\t"

/* Groups of a vector. `split`: sums to accumulators; `byte`: accumulator to output byte. */
#define TC_DEFINE_VECTOR(name, split, byte)                                                                            \
    __attribute__((noinline, unused)) static void name(tc_vector_dsp v)                                                \
    {                                                                                                                  \
        __asm__ volatile(                                                                                              \
            "ldr r3, 9f\n\t"                                                                                           \
            "ldr r2, %[entry]\n\t"                                                                                     \
            "adr r4, 2f\n\t"                                                                                           \
            "mla r4, r2, r3, r4\n\t"                                                                                   \
            "orr r4, r4, #1\n\t"                                                                                       \
            "str r4, %[entry]\n\t"                                                                                     \
            "ldr r1, %[weights]\n\t"                                                                                   \
            "ldr lr, %[end]\n\t"                                                                                       \
            "1:\n\t"                                                                                                   \
            "ldr r0, %[in]\n\t"                                                                                        \
            "ldmia r1!, {r5, r6, r7, r8}\n\t" TC_VECTOR_STEP "ldr r2, %[advance]\n\t"                                  \
            "sub r0, r0, r2\n\t"                                                                                       \
            "ldr pc, %[entry]\n\t"                                                                                     \
            ".balign 4\n\t"                                                                                            \
            "9: .word (3f - 2f) / 4\n\t"                                                                               \
            "2:\n\t" TC_VECTOR_STEP TC_VECTOR_STEP TC_VECTOR_STEP TC_VECTOR_STEP "3:\n\t"                              \
            "cmp r0, lr\n\t"                                                                                           \
            "bne 2b\n\t" split                                                                                         \
            "ldmia r1!, {r2, r3, r4, r9, r10}\n\t" byte("r5", "r2", "r4") "lsr r10, r10, #8\n\t" byte(                 \
                "r6", "r3", "r9") "ldmia r1!, {r2, r3, r4, r9}\n\t"                                                    \
                                  "lsr r10, r10, #8\n\t" byte("r7", "r2", "r4") "lsr r10, r10, #8\n\t" byte(           \
                                      "r8", "r3", "r9") "ldr r2, %[out]\n\t"                                           \
                                                        "bfi r5, r6, #8, #8\n\t"                                       \
                                                        "bfi r5, r7, #16, #8\n\t"                                      \
                                                        "bfi r5, r8, #24, #8\n\t"                                      \
                                                        "str r5, [r2], #4\n\t"                                         \
                                                        "str r2, %[out]\n\t"                                           \
                                                        "ldr r2, %[groups]\n\t"                                        \
                                                        "subs r2, r2, #1\n\t"                                          \
                                                        "str r2, %[groups]\n\t"                                        \
                                                        "bne 1b\n\t"                                                   \
            : [out] "+m"(v.out), [groups] "+m"(v.groups), [entry] "+m"(v.entry)                                        \
            : [in] "m"(v.in), [end] "m"(v.end), [weights] "m"(v.weights), [advance] "m"(v.advance)                     \
            : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");  \
    }

TC_DEFINE_VECTOR(tc_vector_once_dsp, TC_VECTOR_PLAIN, TC_VECTOR_ONCE)
TC_DEFINE_VECTOR(tc_vector_twice_dsp, TC_VECTOR_DOUBLED, TC_VECTOR_TWICE)
TC_DEFINE_VECTOR(tc_vector_signed_dsp, TC_VECTOR_DOUBLED, TC_VECTOR_TWICE_SIGNED)

/* All outputs of one vector by one of the functions above. */
static inline void tc_vector_all_dsp(const tc_fully_connected_dsp_params *p, const int8_t *in, const int32_t *weights,
                                     int8_t *out, void (*groups)(tc_vector_dsp))
{
    const int32_t rest = p->in_n & 3;
    const int32_t whole = p->out_n >> 2;
    const int32_t steps = (p->in_n - 1) >> 2;
    tc_vector_dsp v = {in, in + p->in_n, weights, out, rest ? 4 - rest : 0, whole, steps ? (uint32_t)-steps & 3u : 4u};
    if (whole) {
        groups(v);
    }
    if (p->out_n & 3) {
        int8_t last[4];
        v.weights = weights + whole * (13 + ((p->in_n + 3) & ~3));
        v.out = last;
        v.groups = 1;
        groups(v);
        memcpy(out + 4 * whole, last, (size_t)(p->out_n & 3));
    }
}

#endif

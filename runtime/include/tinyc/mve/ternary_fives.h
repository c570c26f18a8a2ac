/* Convolutions of ternary weights by Helium for few pixels: two pixels times five channels at a time.
 *
 * Codes are those of mve/ternary.h, and but for channels that are left over of fives no weight is unpacked, so a call
 * for two pixels takes about as long for each as one for many. The sums by a code divided by 9, 27 and 81 are made
 * first, those by it and its third afterwards. */
#ifndef TINYC_MVE_TERNARY_FIVES_H
#define TINYC_MVE_TERNARY_FIVES_H

#include "tinyc/mve/ternary_columns.h"
#include "tinyc/mve/ternary_sums.h"

/* Channels whose sums are made bytes together, a multiple of four and of five. */
enum { TC_FIVES_BLOCK_MVE = 100 };

/* Bytes of the sums of two pixels of so many channels. */
static inline int32_t tc_bytes_of_sums_mve(int32_t outputs)
{
    return 4 * (TC_FIVES_BLOCK_MVE + tc_min(outputs + 4, TC_FIVES_BLOCK_MVE));
}

/* The same with unpacked weights of the channels behind the fives. */
static inline int32_t tc_bytes_of_fives_mve(const tc_ternary_fives_mve *p)
{
    return tc_bytes_of_sums_mve(p->vector.out_n) + ((5 * p->run + 3) & ~3);
}

/* Sums of two pixels, of some fives of channels. What the assembly below keeps on the stack. */
typedef struct {
    const int8_t *x0; /* the inputs of both, where they are in line */
    const int8_t *x1;
    const int8_t *codes; /* [fives, depth], at least one */
    const int8_t *end;   /* of these */
    int32_t fives;       /* of channels */
    int32_t *sums;       /* of both, TC_FIVES_BLOCK_MVE apart */
    int32_t depth;       /* all inputs */
    int32_t turns;       /* of the unrolled loop over vectors */
    int32_t lanes;       /* of the last vector of inputs in line */
    int32_t first_at;    /* where the loops start, behind their labels */
    int32_t last_at;
    uint32_t first; /* the same as addresses; 0: they are to be found */
    uint32_t last;
    const int8_t *weights;         /* of channels left over of fives, unpacked */
    int32_t *rest;                 /* their sums */
    int32_t pitch;                 /* from the weights of a channel to those of the next */
    int32_t others;                /* such channels */
    const int8_t *const *segments; /* inputs that are apart: where both have each run, [segments, 2] */
    const int8_t *const *behind;   /* the last of these */
    int32_t n;                     /* inputs of a run */
} tc_fives_of_two_mve;

#ifdef TC_MANY_REGISTERS
/* 13 instructions for 96 products. Sums r0, r2, r4 of one pixel, by a code divided by 9, 27 and 81, and r6, r8, r10 of
 * the other. r1, r3: inputs; r5: codes. */
#define TC_FIRST_OF_FIVES_MVE                                                                                          \
    "vldrb.u8 q2, [r5], #16\n\t"                                                                                       \
    "vrmulh.s8 q2, q2, q6\n\t"                                                                                         \
    "vldrb.u8 q0, [r1], #16\n\t"                                                                                       \
    "vrmulh.s8 q2, q2, q6\n\t"                                                                                         \
    "vldrb.u8 q1, [r3], #16\n\t"                                                                                       \
    "vmladava.s8 r0, q0, q2\n\t"                                                                                       \
    "vrmulh.s8 q3, q2, q6\n\t"                                                                                         \
    "vmladava.s8 r6, q1, q2\n\t"                                                                                       \
    "vmladava.s8 r2, q0, q3\n\t"                                                                                       \
    "vrmulh.s8 q2, q3, q6\n\t"                                                                                         \
    "vmladava.s8 r8, q1, q3\n\t"                                                                                       \
    "vmladava.s8 r4, q0, q2\n\t"                                                                                       \
    "vmladava.s8 r10, q1, q2\n\t"
/* 8 for 64, from `at` on. Sums r2, r4 by a code and its third, and r8, r10. */
#define TC_LAST_OF_FIVES_MVE(at)                                                                                       \
    "vldrb.u8 q2, [r5" at "\n\t"                                                                                       \
    "vldrb.u8 q0, [r1" at "\n\t"                                                                                       \
    "vrmulh.s8 q3, q2, q6\n\t"                                                                                         \
    "vldrb.u8 q1, [r3" at "\n\t"                                                                                       \
    "vmladava.s8 r2, q0, q2\n\t"                                                                                       \
    "vmladava.s8 r8, q1, q2\n\t"                                                                                       \
    "vmladava.s8 r4, q0, q3\n\t"                                                                                       \
    "vmladava.s8 r10, q1, q3\n\t"
#define TC_FORWARD_MVE "], #16"
#define TC_BACKWARD_MVE ", #-16]!"

/* The loop's label is `label`. Four steps in a turn, of which the first leaves some out, or none at all. */
#define TC_STEPS_OF_FIVES_MVE(label, turns, start, step)                                                               \
    "dls lr, " turns "\n\t"                                                                                            \
    "ldr pc, %[" start "]\n\t"                                                                                         \
    ".balign 4\n\t" label ":\n\t" step step step step "le lr, " label "b\n\t"

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
    "strd lr, r8, [r9, #408]\n\t"                                                                                      \
    "str r10, [r9, #416]\n\t"
#define TC_STORE_LAST_OF_FIVES_MVE(three)                                                                              \
    "mls r8, r10, " three ", r8\n\t"                                                                                   \
    "mls r10, r6, " three ", r10\n\t"                                                                                  \
    "strd r8, r10, [r9, #400]\n\t"                                                                                     \
    "mls r2, r4, " three ", r2\n\t"                                                                                    \
    "mls r4, r0, " three ", r4\n\t"                                                                                    \
    "strd r2, r4, [r9], #20\n\t"

/* Where the loops begin, found once: as many steps later as are left out. */
#define TC_FIND_STARTS_OF_FIVES_MVE                                                                                    \
    "ldr r0, %[first]\n\t"                                                                                             \
    "cbnz r0, 6f\n\t"                                                                                                  \
    "ldrd r0, r2, %[first_at]\n\t"                                                                                     \
    "adr r4, 2f\n\t"                                                                                                   \
    "add r0, r0, r4\n\t"                                                                                               \
    "str r0, %[first]\n\t"                                                                                             \
    "adr r4, 4f\n\t"                                                                                                   \
    "add r2, r2, r4\n\t"                                                                                               \
    "str r2, %[last]\n\t"                                                                                              \
    "6:\n\t"

/* Inputs in line, more than two vectors. The last one of any number of lanes, whose codes the second pass, backward,
 * need not divide again. r7: the codes' end; r11: turns; r12: 3. */
#define TC_TURN_OF_FIVES_MVE                                                                                           \
    "vpsttt\n\t"                                                                                                       \
    "vldrbt.u8 q4, [r5]\n\t"                                                                                           \
    "vldrbt.u8 q0, [r1]\n\t"                                                                                           \
    "vldrbt.u8 q1, [r3]\n\t"                                                                                           \
    "vrmulh.s8 q5, q4, q6\n\t"                                                                                         \
    "vrmulh.s8 q2, q5, q6\n\t"                                                                                         \
    "vrmulh.s8 q3, q2, q6\n\t"                                                                                         \
    "vmladava.s8 r0, q0, q2\n\t"                                                                                       \
    "vmladava.s8 r6, q1, q2\n\t"                                                                                       \
    "vrmulh.s8 q2, q3, q6\n\t"                                                                                         \
    "vmladava.s8 r2, q0, q3\n\t"                                                                                       \
    "vmladava.s8 r8, q1, q3\n\t"                                                                                       \
    "vmladava.s8 r4, q0, q2\n\t"                                                                                       \
    "vmladava.s8 r10, q1, q2\n\t"
#define TC_TURNED_OF_FIVES_MVE                                                                                         \
    "vmladav.s8 r2, q0, q4\n\t"                                                                                        \
    "vmladav.s8 r8, q1, q4\n\t"                                                                                        \
    "vmladav.s8 r4, q0, q5\n\t"                                                                                        \
    "vmladav.s8 r10, q1, q5\n\t"
#define TC_SUM_VECTORS_MVE                                                                                             \
    "vmov.i8 q6, #85\n\t"                                                                                              \
    "ldrd r11, r12, %[turns]\n\t"                                                                                      \
    "vctp.8 r12\n\t" TC_FIND_STARTS_OF_FIVES_MVE "ldrd r1, r3, %[x0]\n\t"                                              \
    "ldrd r5, r7, %[codes]\n\t"                                                                                        \
    "ldr r9, %[sums]\n\t"                                                                                              \
    "mov r12, #3\n\t"                                                                                                  \
    "1:\n\t" TC_CLEAR_FIRST_OF_FIVES_MVE TC_STEPS_OF_FIVES_MVE("2", "r11", "first", TC_FIRST_OF_FIVES_MVE)             \
    TC_TURN_OF_FIVES_MVE TC_STORE_FIRST_OF_FIVES_MVE("r12")                                                            \
        TC_TURNED_OF_FIVES_MVE TC_STEPS_OF_FIVES_MVE("4", "r11", "last", TC_LAST_OF_FIVES_MVE(TC_BACKWARD_MVE))        \
            TC_STORE_LAST_OF_FIVES_MVE("r12") "ldr r0, %[depth]\n\t"                                                   \
                                              "add r5, r5, r0\n\t"                                                     \
                                              "cmp r5, r7\n\t"                                                         \
                                              "bne 1b\n\t"

/* Inputs that stay in registers. q2: thirds; r1, r3: inputs; r5: codes; r7: fives; a predicate for the last inputs. */
#define TC_BEGIN_IN_REGISTERS_MVE                                                                                      \
    "vmov.i8 q2, #85\n\t"                                                                                              \
    "ldr r12, %[lanes]\n\t"                                                                                            \
    "ldrd r1, r3, %[x0]\n\t"                                                                                           \
    "vctp.8 r12\n\t"                                                                                                   \
    "ldr r5, %[codes]\n\t"                                                                                             \
    "ldr r7, %[fives]\n\t"

/* Up to 16 inputs, in registers: q0, q1; weights become q3 to q7. 24 instructions for 160 products with what is around
 * them. r11: the sums of the second pixel. */
#define TC_WEIGHT_OF_FIVES_MVE(code, next) "vrmulh.s8 " next ", " code ", q2\n\tvmla.s8 " code ", " next ", r12\n\t"
#define TC_SUMS_OF_FIVES_MVE(x, sums)                                                                                  \
    "vmladav.s8 r0, " x ", q3\n\t"                                                                                     \
    "vmladav.s8 r2, " x ", q4\n\t"                                                                                     \
    "vmladav.s8 r4, " x ", q5\n\t"                                                                                     \
    "vmladav.s8 r6, " x ", q6\n\t"                                                                                     \
    "vmladav.s8 r8, " x ", q7\n\t"                                                                                     \
    "stmia " sums "!, {r0, r2, r4, r6, r8}\n\t"
#define TC_SUM_VECTOR_MVE                                                                                              \
    TC_BEGIN_IN_REGISTERS_MVE                                                                                          \
    "vpstt\n\t"                                                                                                        \
    "vldrbt.u8 q0, [r1]\n\t"                                                                                           \
    "vldrbt.u8 q1, [r3]\n\t"                                                                                           \
    "ldr r9, %[sums]\n\t"                                                                                              \
    "ldr r1, %[depth]\n\t"                                                                                             \
    "add r11, r9, #400\n\t"                                                                                            \
    "mvn r12, #2\n\t"                                                                                                  \
    "dls lr, r7\n\t"                                                                                                   \
    "1:\n\t"                                                                                                           \
    "vpst\n\t"                                                                                                         \
    "vldrbt.u8 q3, [r5]\n\t"                                                                                           \
    "add r5, r5, r1\n\t" TC_WEIGHT_OF_FIVES_MVE("q3", "q4") TC_WEIGHT_OF_FIVES_MVE("q4", "q5")                         \
        TC_WEIGHT_OF_FIVES_MVE("q5", "q6") TC_WEIGHT_OF_FIVES_MVE("q6", "q7") TC_SUMS_OF_FIVES_MVE("q0", "r9")         \
            TC_SUMS_OF_FIVES_MVE("q1", "r11") "le lr, 1b\n\t"

/* Two vectors of inputs, in registers: q0, q1 and q6, q7. r12: 3. */
#define TC_THIRD_OF_TWO_MVE                                                                                            \
    "vrmulh.s8 q4, q4, q2\n\t"                                                                                         \
    "vrmulh.s8 q5, q5, q2\n\t"
#define TC_SUMS_OF_TWO_MVE(a, b)                                                                                       \
    "vmladav.s8 " a ", q0, q4\n\t"                                                                                     \
    "vmladav.s8 " b ", q1, q4\n\t"                                                                                     \
    "vmladava.s8 " a ", q6, q5\n\t"                                                                                    \
    "vmladava.s8 " b ", q7, q5\n\t"
#define TC_SUM_TWO_VECTORS_MVE                                                                                         \
    TC_BEGIN_IN_REGISTERS_MVE                                                                                          \
    "vldrb.u8 q0, [r1]\n\t"                                                                                            \
    "vldrb.u8 q1, [r3]\n\t"                                                                                            \
    "vpstt\n\t"                                                                                                        \
    "vldrbt.u8 q6, [r1, #16]\n\t"                                                                                      \
    "vldrbt.u8 q7, [r3, #16]\n\t"                                                                                      \
    "ldr r9, %[sums]\n\t"                                                                                              \
    "ldr r1, %[depth]\n\t"                                                                                             \
    "mov r12, #3\n\t"                                                                                                  \
    "dls lr, r7\n\t"                                                                                                   \
    "1:\n\t"                                                                                                           \
    "vldrb.u8 q4, [r5]\n\t"                                                                                            \
    "vpst\n\t"                                                                                                         \
    "vldrbt.u8 q5, [r5, #16]\n\t"                                                                                      \
    "add r5, r5, r1\n\t" TC_SUMS_OF_TWO_MVE("r0", "r6") TC_THIRD_OF_TWO_MVE TC_SUMS_OF_TWO_MVE("r2", "r8")             \
        TC_THIRD_OF_TWO_MVE TC_SUMS_OF_TWO_MVE("r4", "r10") /* */                                                      \
        "mls r0, r2, r12, r0\n\t"                                                                                      \
        "mls r2, r4, r12, r2\n\t"                                                                                      \
        "mls r6, r8, r12, r6\n\t"                                                                                      \
        "mls r8, r10, r12, r8\n\t"                                                                                     \
        "strd r6, r8, [r9, #400]\n\t"                                                                                  \
        "strd r0, r2, [r9], #20\n\t" TC_THIRD_OF_TWO_MVE TC_SUMS_OF_TWO_MVE("r0", "r6")                                \
            TC_THIRD_OF_TWO_MVE TC_SUMS_OF_TWO_MVE("r2", "r8") /* */                                                   \
        "mls r4, r0, r12, r4\n\t"                                                                                      \
        "mls r0, r2, r12, r0\n\t"                                                                                      \
        "mls r10, r6, r12, r10\n\t"                                                                                    \
        "mls r6, r8, r12, r6\n\t"                                                                                      \
        "strd r4, r0, [r9, #-12]\n\t"                                                                                  \
        "str r2, [r9, #-4]\n\t"                                                                                        \
        "strd r10, r6, [r9, #388]\n\t"                                                                                 \
        "str r8, [r9, #396]\n\t"                                                                                       \
        "le lr, 1b\n\t"

/* Runs of inputs, of whole vectors each. r7: codes of the five; r11: of the next segment; r12: turns. */
#define TC_SUM_SEGMENTS_MVE(segment, label, start, step)                                                               \
    "mov r5, r7\n\t"                                                                                                   \
    "ldr r11, %[segments]\n\t" segment ":\n\t"                                                                         \
    "ldrd r1, r3, [r11], #8\n\t" TC_STEPS_OF_FIVES_MVE(label, "r12", start, step) "ldr r1, %[behind]\n\t"              \
                                                                                  "cmp r11, r1\n\t"                    \
                                                                                  "bne " segment "b\n\t"
#define TC_SUM_APART_MVE                                                                                               \
    "vmov.i8 q6, #85\n\t" TC_FIND_STARTS_OF_FIVES_MVE "ldr r7, %[codes]\n\t"                                           \
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
        : [first] "+m"((b).first), [last] "+m"((b).last)                                                               \
        : [x0] "m"((b).x0), [x1] "m"((b).x1), [codes] "m"((b).codes), [end] "m"((b).end), [fives] "m"((b).fives),      \
          [sums] "m"((b).sums), [depth] "m"((b).depth), [turns] "m"((b).turns), [lanes] "m"((b).lanes),                \
          [first_at] "m"((b).first_at), [last_at] "m"((b).last_at), [weights] "m"((b).weights), [rest] "m"((b).rest),  \
          [pitch] "m"((b).pitch), [others] "m"((b).others), [segments] "m"((b).segments), [behind] "m"((b).behind)     \
        : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2",     \
          "q3", "q4", "q5", "q6", "q7", "cc", "memory")

/* Of inputs in line. */
TC_INLINE void tc_sum_in_line_mve(tc_fives_of_two_mve *b)
{
    if (b->depth > 32) {
        TC_RUN_FIVES_MVE(*b, TC_SUM_VECTORS_MVE);
    } else if (b->depth > 16) {
        TC_RUN_FIVES_MVE(*b, TC_SUM_TWO_VECTORS_MVE);
    } else {
        TC_RUN_FIVES_MVE(*b, TC_SUM_VECTOR_MVE);
    }
}
/* Of runs of inputs, of whole vectors each. */
TC_INLINE void tc_sum_apart_mve(tc_fives_of_two_mve *b) { TC_RUN_FIVES_MVE(*b, TC_SUM_APART_MVE); }

/* Five runs of weights of their codes. */
TC_NO_FRAME_POINTER TC_SHARED void tc_unpack_rest_mve(const int8_t *code, int32_t run, int8_t *a)
{
    int8_t *b = a + run, *c = b + run, *d = c + run, *e = d + run;
    __asm__ volatile("dlstp.8 lr, %[run]\n\t"
                     "2:\n\t" TC_UNPACK_CODES_MVE "letp lr, 2b\n\t"
                     : [code] "+&r"(code), [a] "+&r"(a), [b] "+&r"(b), [c] "+&r"(c), [d] "+&r"(d), [e] "+&r"(e)
                     : [run] "r"(run), [less] "r"(-3), [third] "w"(vdupq_n_s8(TC_THIRD_MVE))
                     : "lr", "q0", "q1", "q2", "q3", "cc", "memory");
}

/* Channels left over: three, or two at a time. r8: their weights; r9: sums; r10: from weights to those of the next;
 * r11: how many are left; r12: inputs. */
#define TC_SUM_REST_MVE                                                                                                \
    "ldrd r8, r9, %[weights]\n\t"                                                                                      \
    "ldrd r10, r11, %[pitch]\n\t"                                                                                      \
    "ldr r12, %[depth]\n\t"                                                                                            \
    "cmp r11, #3\n\t"                                                                                                  \
    "bne 1f\n\t"                                                                                                       \
    "ldrd r1, r3, %[x0]\n\t"                                                                                           \
    "mov r5, r8\n\t"                                                                                                   \
    "add r7, r5, r10\n\t"                                                                                              \
    "add r8, r7, r10\n\t"                                                                                              \
    "dlstp.8 lr, r12\n\t"                                                                                              \
    "clrm {r0, r2, r4, r6, r10, r12}\n\t"                                                                              \
    "6:\n\t"                                                                                                           \
    "vldrb.u8 q2, [r5], #16\n\t"                                                                                       \
    "vldrb.u8 q0, [r1], #16\n\t"                                                                                       \
    "vldrb.u8 q1, [r3], #16\n\t"                                                                                       \
    "vmladava.s8 r0, q0, q2\n\t"                                                                                       \
    "vldrb.u8 q3, [r7], #16\n\t"                                                                                       \
    "vmladava.s8 r6, q1, q2\n\t"                                                                                       \
    "vldrb.u8 q2, [r8], #16\n\t"                                                                                       \
    "vmladava.s8 r2, q0, q3\n\t"                                                                                       \
    "vmladava.s8 r10, q1, q3\n\t"                                                                                      \
    "vmladava.s8 r4, q0, q2\n\t"                                                                                       \
    "vmladava.s8 r12, q1, q2\n\t"                                                                                      \
    "letp lr, 6b\n\t"                                                                                                  \
    "strd r0, r2, [r9]\n\t"                                                                                            \
    "str r4, [r9, #8]\n\t"                                                                                             \
    "strd r6, r10, [r9, #400]\n\t"                                                                                     \
    "str r12, [r9, #408]\n\t"                                                                                          \
    "b 5f\n\t"                                                                                                         \
    "1:\n\t"                                                                                                           \
    "ldrd r1, r3, %[x0]\n\t"                                                                                           \
    "mov r5, r8\n\t"                                                                                                   \
    "clrm {r0, r2, r4, r6}\n\t"                                                                                        \
    "subs r11, r11, #2\n\t"                                                                                            \
    "blt 3f\n\t"                                                                                                       \
    "add r7, r5, r10\n\t"                                                                                              \
    "add r8, r7, r10\n\t"                                                                                              \
    "dlstp.8 lr, r12\n\t"                                                                                              \
    "2:\n\t"                                                                                                           \
    "vldrb.u8 q2, [r5], #16\n\t"                                                                                       \
    "vldrb.u8 q0, [r1], #16\n\t"                                                                                       \
    "vldrb.u8 q1, [r3], #16\n\t"                                                                                       \
    "vmladava.s8 r0, q0, q2\n\t"                                                                                       \
    "vldrb.u8 q3, [r7], #16\n\t"                                                                                       \
    "vmladava.s8 r4, q1, q2\n\t"                                                                                       \
    "vmladava.s8 r2, q0, q3\n\t"                                                                                       \
    "vmladava.s8 r6, q1, q3\n\t"                                                                                       \
    "letp lr, 2b\n\t"                                                                                                  \
    "strd r4, r6, [r9, #400]\n\t"                                                                                      \
    "strd r0, r2, [r9], #8\n\t"                                                                                        \
    "bne 1b\n\t"                                                                                                       \
    "b 5f\n\t"                                                                                                         \
    "3:\n\t"                                                                                                           \
    "dlstp.8 lr, r12\n\t"                                                                                              \
    "4:\n\t"                                                                                                           \
    "vldrb.u8 q2, [r5], #16\n\t"                                                                                       \
    "vldrb.u8 q0, [r1], #16\n\t"                                                                                       \
    "vldrb.u8 q1, [r3], #16\n\t"                                                                                       \
    "vmladava.s8 r0, q0, q2\n\t"                                                                                       \
    "vmladava.s8 r4, q1, q2\n\t"                                                                                       \
    "letp lr, 4b\n\t"                                                                                                  \
    "str r0, [r9]\n\t"                                                                                                 \
    "str r4, [r9, #400]\n\t"                                                                                           \
    "5:\n\t"
TC_INLINE void tc_sum_rest_mve(tc_fives_of_two_mve *b) { TC_RUN_FIVES_MVE(*b, TC_SUM_REST_MVE); }
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

static inline void tc_sum_in_line_mve(const tc_fives_of_two_mve *b)
{
    tc_fives_of_two_mve one = *b;
    one.segments = &one.x0;
    one.behind = one.segments + 2;
    one.n = one.depth;
    tc_sum_apart_mve(&one);
}

TC_SHARED void tc_unpack_rest_mve(const int8_t *codes, int32_t run, int8_t *to)
{
    const int8x16_t third = vdupq_n_s8(TC_THIRD_MVE);
    for (int32_t i = 0; i < run; i += 16) {
        const mve_pred16_t lanes = vctp8q((uint32_t)(run - i));
        int8x16_t code = vldrbq_z_s8(codes + i, lanes);
        for (int32_t k = 0; k < 5; k++) {
            const int8x16_t next = vrmulhq_s8(code, third);
            vstrbq_p_s8(to + k * run + i, vmlaq_n_s8(code, next, -3), lanes);
            code = next;
        }
    }
}

static inline void tc_sum_rest_mve(const tc_fives_of_two_mve *b)
{
    for (int32_t k = 0; k < b->others; k++) {
        for (int32_t pixel = 0; pixel < 2; pixel++) {
            const int8_t *const x = pixel ? b->x1 : b->x0;
            int32_t sum = 0;
            for (int32_t i = 0; i < b->depth; i += 16) {
                const mve_pred16_t lanes = vctp8q((uint32_t)(b->depth - i));
                const int8x16_t weights = vldrbq_z_s8(b->weights + k * b->pitch + i, lanes);
                sum = vmladavaq_s8(sum, vldrbq_z_s8(x + i, lanes), weights);
            }
            b->rest[pixel * TC_FIVES_BLOCK_MVE + k] = sum;
        }
    }
}
#endif

/* Bytes of two pixels. What the assembly below has in r1 to r12. */
typedef struct {
    const int32_t *sums;   /* of both, TC_FIVES_BLOCK_MVE apart */
    const int32_t *starts; /* slopes, where bytes are rounded once */
    const int32_t *multipliers;
    const int8_t *shifts;
    const uint8_t *magnitudes;
    int8_t *out1; /* stored first, so that it may be out0 */
    int8_t *out0;
    int32_t of_all; /* what a trit counts, or a shift to the left */
    int32_t of_bytes;
    int32_t act_min;
    int32_t act_max;
    int32_t count; /* channels */
} tc_bytes_of_two_mve;

#ifdef TC_MANY_REGISTERS
/* Sums q0 and q1, in one loop. */
#define TC_BYTES_OF_FIVES_MVE(text)                                                                                    \
    __asm__ volatile("ldm %[b], {r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12}\n\t"                               \
                     "vdup.32 q4, r10\n\t"                                                                             \
                     "vdup.32 q5, r11\n\t"                                                                             \
                     "dlstp.32 lr, r12\n\t"                                                                            \
                     "1:\n\t"                                                                                          \
                     "vldrw.u32 q1, [r1, #400]\n\t"                                                                    \
                     "vldrw.u32 q0, [r1], #16\n\t" text "vmax.s32 q1, q1, q4\n\t"                                      \
                     "vmax.s32 q0, q0, q4\n\t"                                                                         \
                     "vmin.s32 q1, q1, q5\n\t"                                                                         \
                     "vmin.s32 q0, q0, q5\n\t"                                                                         \
                     "vstrb.32 q1, [r6], #4\n\t"                                                                       \
                     "vstrb.32 q0, [r7], #4\n\t"                                                                       \
                     "letp lr, 1b\n\t"                                                                                 \
                     :                                                                                                 \
                     : [b] "r"(b)                                                                                      \
                     : "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1",    \
                       "q2", "q3", "q4", "q5", "q6", "cc", "memory")
/* a: what a trit counts; b: the zero point. */
#define TC_TWICE_OF_FIVES_MVE(load, times)                                                                             \
    load "vldrw.u32 q2, [r2], #16\n\t"                                                                                 \
         "vmul.i32 q1, q1, " times "\n\t"                                                                              \
         "vmul.i32 q0, q0, " times "\n\t"                                                                              \
         "vldrw.u32 q3, [r3], #16\n\t"                                                                                 \
         "vadd.i32 q1, q1, q2\n\t"                                                                                     \
         "vadd.i32 q0, q0, q2\n\t"                                                                                     \
         "vqrdmulh.s32 q1, q1, q3\n\t"                                                                                 \
         "vqrdmulh.s32 q0, q0, q3\n\t"                                                                                 \
         "vshr.s32 q3, q1, #31\n\t"                                                                                    \
         "vshr.s32 q2, q0, #31\n\t"                                                                                    \
         "vadd.i32 q1, q1, q3\n\t"                                                                                     \
         "vadd.i32 q0, q0, q2\n\t"                                                                                     \
         "vldrb.s32 q2, [r4], #4\n\t"                                                                                  \
         "vrshl.s32 q1, q1, q2\n\t"                                                                                    \
         "vrshl.s32 q0, q0, q2\n\t"                                                                                    \
         "vadd.i32 q1, q1, r9\n\t"                                                                                     \
         "vadd.i32 q0, q0, r9\n\t"
/* a, b: shifts. Starts are slopes, multipliers offsets. */
#define TC_LINE_OF_FIVES_MVE                                                                                           \
    "vldrw.u32 q2, [r2], #16\n\t"                                                                                      \
    "vshl.s32 q1, r8\n\t"                                                                                              \
    "vshl.s32 q0, r8\n\t"                                                                                              \
    "vldrw.u32 q3, [r3], #16\n\t"                                                                                      \
    "vmulh.s32 q1, q1, q2\n\t"                                                                                         \
    "vmulh.s32 q0, q0, q2\n\t"                                                                                         \
    "vadd.i32 q1, q1, q3\n\t"                                                                                          \
    "vadd.i32 q0, q0, q3\n\t"                                                                                          \
    "vshl.s32 q1, r9\n\t"                                                                                              \
    "vshl.s32 q0, r9\n\t"
#endif

/* As those of dense layers. is_once: 1 where they are rounded once. */
TC_NO_FRAME_POINTER TC_SHARED void tc_finish_fives_mve(const tc_bytes_of_two_mve *b, int32_t is_once)
{
#ifdef TC_MANY_REGISTERS
    if (is_once) {
        TC_BYTES_OF_FIVES_MVE(TC_LINE_OF_FIVES_MVE);
    } else if (b->of_all) {
        TC_BYTES_OF_FIVES_MVE(TC_TWICE_OF_FIVES_MVE("", "r8"));
    } else {
        TC_BYTES_OF_FIVES_MVE(TC_TWICE_OF_FIVES_MVE("vldrb.u32 q6, [r5], #4\n\t", "q6"));
    }
#else
    const int32x4_t low = vdupq_n_s32(b->act_min), high = vdupq_n_s32(b->act_max);
    int32x4_t magnitude = vdupq_n_s32(b->of_all);
    for (int32_t i = 0; i < b->count; i += 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)(b->count - i));
        const int32x4_t start = vldrwq_z_s32(b->starts + i, lanes);
        const int32x4_t multiplier = vldrwq_z_s32(b->multipliers + i, lanes);
        if (b->of_all == 0 && !is_once) {
            magnitude = vreinterpretq_s32_u32(vldrbq_z_u32(b->magnitudes + i, lanes));
        }
        for (int32_t pixel = 1; pixel >= 0; pixel--) {
            int32x4_t x = vldrwq_z_s32(b->sums + pixel * TC_FIVES_BLOCK_MVE + i, lanes);
            if (is_once) {
                x = vshlq_r_s32(vaddq_s32(vmulhq_s32(vshlq_r_s32(x, b->of_all), start), multiplier), b->of_bytes);
            } else {
                x = vqrdmulhq_s32(vaddq_s32(vmulq_s32(x, magnitude), start), multiplier);
                x = vrshlq_s32(vaddq_s32(x, vshrq_n_s32(x, 31)), vldrbq_z_s32(b->shifts + i, lanes));
                x = vaddq_n_s32(x, b->of_bytes);
            }
            vstrbq_p_s32((pixel ? b->out1 : b->out0) + i, vminq_s32(vmaxq_s32(x, low), high), lanes);
        }
    }
#endif
}

/* `turns` of the loops over so many whole vectors: none where there are none. */
TC_INLINE void tc_set_turns_mve(tc_fives_of_two_mve *b, int32_t vectors)
{
    const int32_t skipped = 3 & -vectors;
    b->first = 0;
    b->turns = (vectors + 3) >> 2;
    b->first_at = 52 * skipped + 1;
    b->last_at = 32 * skipped + 1;
}

/* What is the same for all channels. */
TC_INLINE void tc_begin_bytes_mve(const tc_ternary_fives_mve *p, tc_bytes_of_two_mve *b, const int32_t *sums)
{
    const tc_ternary_vector *const v = &p->vector;
    b->sums = sums;
    b->of_all = p->is_once ? v->left : v->magnitude;
    b->of_bytes = p->is_once ? -v->shift : v->zero >> 1;
    b->act_min = v->act_min;
    b->act_max = v->act_max;
}

/* Channels [first, first + b->count). */
TC_INLINE void tc_begin_block_mve(const tc_ternary_fives_mve *p, tc_bytes_of_two_mve *b, int32_t first,
                                  const int32_t *channels, const int8_t *scales)
{
    const int32_t outputs = p->vector.out_n;
    b->count = tc_min(outputs - first, TC_FIVES_BLOCK_MVE);
    b->starts = channels + first;
    b->multipliers = b->starts + outputs;
    b->shifts = p->is_once ? NULL : scales + first;
    b->magnitudes = p->is_once ? NULL : (const uint8_t *)b->shifts + outputs;
}

TC_NO_FRAME_POINTER TC_KERNEL __attribute__((noinline)) void
tc_conv2d_1x1_ternary_fives_s8_mve(const tc_ternary_fives_mve *p, const int8_t *in, const int8_t *codes,
                                   const int32_t *channels, const int8_t *scales, int8_t *out, int32_t pixels,
                                   void *scratch)
{
    const tc_ternary_vector *const v = &p->vector;
    const int32_t outputs = v->out_n, depth = v->in_n;
    tc_fives_of_two_mve b;
    tc_bytes_of_two_mve to;
    b.sums = (int32_t *)scratch;
    b.depth = depth;
    b.lanes = ((depth - 1) & 15) + 1;
    b.end = codes;
    tc_set_turns_mve(&b, (depth - 1) >> 4);
    tc_begin_bytes_mve(p, &to, b.sums);
    b.others = outputs - 5 * p->fives;
    if (b.others > 0) {
        int8_t *const weights = (int8_t *)scratch + tc_bytes_of_sums_mve(outputs);
        b.weights = weights;
        b.pitch = depth;
        tc_unpack_rest_mve(codes + p->fives * depth, p->run, weights);
    }
    int32_t fives = p->fives;
    for (int32_t first = 0; first < outputs; first += TC_FIVES_BLOCK_MVE, fives -= TC_FIVES_BLOCK_MVE / 5) {
        b.fives = tc_min(fives, TC_FIVES_BLOCK_MVE / 5);
        tc_begin_block_mve(p, &to, first, channels, scales);
        b.codes = b.end;
        b.end += b.fives * depth;
        b.rest = b.sums + 5 * b.fives;
        b.x0 = in;
        to.out0 = out + first;
        for (int32_t left = pixels; left > 0; left -= 2) {
            b.x1 = b.x0;
            to.out1 = to.out0;
            if (left > 1) {
                b.x1 += p->pitch;
                to.out1 += outputs;
                if (b.fives > 0) {
                    tc_sum_in_line_mve(&b);
                }
            } else if (b.fives > 0) {
                tc_fives_mve(b.x0, b.codes, depth, b.sums, b.fives);
            }
            if (5 * b.fives < to.count) {
                tc_sum_rest_mve(&b);
            }
            tc_finish_fives_mve(&to, p->is_once);
            b.x0 += 2 * p->pitch;
            to.out0 += 2 * outputs;
        }
    }
}

#endif

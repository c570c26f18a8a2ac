/* Blocks of mve/matmul.h in assembly: two pixels (or one) times four output channels at a time.
 *
 * VMLADAVA sums 16 products into one register; a step of two pixels is 6 loads and 8 of these for 128 products. */
#ifndef TINYC_MVE_BLOCKS_ASSEMBLY_H
#define TINYC_MVE_BLOCKS_ASSEMBLY_H

#include <stddef.h>

#include "tinyc/mve/finish.h"

/* What the assembly below keeps on the stack: it uses all registers but sp. */
typedef struct {
    const int8_t *x0;
    const int8_t *x1;
    int8_t *out;   /* of the next four channels */
    int32_t pitch; /* bytes from pixel to pixel of the output */
    int32_t left;  /* channels to do, >= 1 */
    int32_t tail;  /* the depth's rest, below 16 */
    int32_t turns; /* of the unrolled loop after its first */
    int32_t entry; /* bytes of code that its first turn leaves out */
    const int32_t *weights;
} tc_block_mve;

/* 16 products of each of two pixels, in x and y, and four channels, at r5. Loads: of x and y. 14 instructions of 4
 * bytes for 128 products. Sums: r0, r2, r4, r6 of x, r8, r10, r12, lr of y. */
#define TC_STEP_MVE(mac, x, y, load_x, load_y)                                                                         \
    load_x "vldrb.u8 q2, [r5], #16\n\t" mac " r0, " x ", q2\n\t" load_y mac " r8, " y ", q2\n\t"                       \
           "vldrb.u8 q3, [r5], #16\n\t" mac " r2, " x ", q3\n\t" mac " r10, " y ", q3\n\t"                             \
           "vldrb.u8 q2, [r5], #16\n\t" mac " r4, " x ", q2\n\t" mac " r12, " y ", q2\n\t"                             \
           "vldrb.u8 q3, [r5], #16\n\t" mac " r6, " x ", q3\n\t" mac " lr, " y ", q3\n\t"
#define TC_LOADS_MVE "vldrb.u8 q0, [r1], #16\n\t", "vldrb.u8 q1, [r3], #16\n\t"
#define TC_FIRST_MVE(loads) TC_STEP_OF_MVE("vmladav.s8", "q0", "q1", loads)
#define TC_NEXT_MVE TC_STEP_OF_MVE("vmladava.s8", "q0", "q1", TC_LOADS_MVE)
#define TC_STEP_OF_MVE(mac, x, y, ...) TC_STEP_MVE(mac, x, y, __VA_ARGS__)

/* Sums to x and y, and from there bytes to memory, all but the subtraction for negative ones. Uses q2, q3. */
#define TC_FINISH_MVE(x, y, subtract)                                                                                  \
    "vmov " x "[2], " x "[0], r0, r4\n\t"                                                                              \
    "vldrw.u32 q2, [r5], #16\n\t"                                                                                      \
    "vmov " x "[3], " x "[1], r2, r6\n\t"                                                                              \
    "ldrd r0, r2, %[out]\n\t"                                                                                          \
    "vmov " y "[2], " y "[0], r8, r12\n\t"                                                                             \
    "vadd.i32 " x ", " x ", q2\n\t"                                                                                    \
    "vmov " y "[3], " y "[1], r10, lr\n\t"                                                                             \
    "vldrw.u32 q3, [r5], #16\n\t"                                                                                      \
    "vadd.i32 " y ", " y ", q2\n\t"                                                                                    \
    "ldr r4, %[left]\n\t"                                                                                              \
    "vqrdmulh.s32 " x ", " x ", q3\n\t"                                                                                \
    "add r2, r0, r2\n\t"                                                                                               \
    "vqrdmulh.s32 " y ", " y ", q3\n\t" subtract(x, y) "vldrw.u32 q2, [r5], #16\n\t"                                   \
                                                       "vadd.i32 " x ", " x ", q2\n\t"                                 \
                                                       "vldrw.u32 q3, [r5], #16\n\t"                                   \
                                                       "vadd.i32 " y ", " y ", q2\n\t"                                 \
                                                       "vqshl.s32 " x ", " x ", q3\n\t"                                \
                                                       "vqshl.s32 " y ", " y ", q3\n\t"                                \
                                                       "vshr.s32 " x ", " x ", #24\n\t"                                \
                                                       "vctp.32 r4\n\t"                                                \
                                                       "vshr.s32 " y ", " y ", #24\n\t"                                \
                                                       "vpstt\n\t"                                                     \
                                                       "vstrbt.32 " x ", [r0], #4\n\t"                                 \
                                                       "vstrbt.32 " y ", [r2]\n\t"                                     \
                                                       "str r0, %[out]\n\t"                                            \
                                                       "subs r4, r4, #4\n\t"                                           \
                                                       "str r4, %[left]\n\t"                                           \
                                                       "bgt 1b\n\t"
#define TC_SUBTRACT_NOTHING_MVE(x, y) ""
#define TC_SUBTRACT_NEGATIVE_MVE(x, y)                                                                                 \
    "vshr.s32 q2, " x ", #31\n\t"                                                                                      \
    "vshr.s32 q3, " y ", #31\n\t"                                                                                      \
    "vadd.i32 " x ", " x ", q2\n\t"                                                                                    \
    "vadd.i32 " y ", " y ", q3\n\t"

/* The same, with what TC_FINISH_MVE has on the stack in registers: r1 and r3 outputs, r7 channels to do. */
#define TC_FINISH_HELD_MVE(x, y, subtract)                                                                             \
    "vmov " x "[2], " x "[0], r0, r4\n\t"                                                                              \
    "vldrw.u32 q2, [r5], #16\n\t"                                                                                      \
    "vmov " x "[3], " x "[1], r2, r6\n\t"                                                                              \
    "vldrw.u32 q3, [r5], #16\n\t"                                                                                      \
    "vmov " y "[2], " y "[0], r8, r12\n\t"                                                                             \
    "vadd.i32 " x ", " x ", q2\n\t"                                                                                    \
    "vmov " y "[3], " y "[1], r10, lr\n\t"                                                                             \
    "vqrdmulh.s32 " x ", " x ", q3\n\t"                                                                                \
    "vadd.i32 " y ", " y ", q2\n\t"                                                                                    \
    "vqrdmulh.s32 " y ", " y ", q3\n\t" subtract(x, y) "vldrw.u32 q2, [r5], #16\n\t"                                   \
                                                       "vadd.i32 " x ", " x ", q2\n\t"                                 \
                                                       "vldrw.u32 q3, [r5], #16\n\t"                                   \
                                                       "vadd.i32 " y ", " y ", q2\n\t"                                 \
                                                       "vqshl.s32 " x ", " x ", q3\n\t"                                \
                                                       "vqshl.s32 " y ", " y ", q3\n\t"                                \
                                                       "vshr.s32 " x ", " x ", #24\n\t"                                \
                                                       "vctp.32 r7\n\t"                                                \
                                                       "vshr.s32 " y ", " y ", #24\n\t"                                \
                                                       "vpstt\n\t"                                                     \
                                                       "vstrbt.32 " x ", [r1], #4\n\t"                                 \
                                                       "vstrbt.32 " y ", [r3], #4\n\t"                                 \
                                                       "subs r7, r7, #4\n\t"                                           \
                                                       "bgt 1b\n\t"

/* The same of one pixel: sums in r0, r2, r4, r6, output r1. high_mul: how v is rounded. */
#define TC_FINISH_LONE_MVE(high_mul, subtract)                                                                         \
    "vmov q0[2], q0[0], r0, r4\n\t"                                                                                    \
    "vldrw.u32 q1, [r5], #16\n\t"                                                                                      \
    "vmov q0[3], q0[1], r2, r6\n\t"                                                                                    \
    "vldrw.u32 q2, [r5], #16\n\t"                                                                                      \
    "vadd.i32 q0, q0, q1\n\t" high_mul " q0, q0, q2\n\t"                                                               \
    "vldrw.u32 q1, [r5], #16\n\t" subtract "vadd.i32 q0, q0, q1\n\t"                                                   \
    "vldrw.u32 q3, [r5], #16\n\t"                                                                                      \
    "vctp.32 r7\n\t"                                                                                                   \
    "vqshl.s32 q0, q0, q3\n\t"                                                                                         \
    "vshr.s32 q0, q0, #24\n\t"                                                                                         \
    "vpst\n\t"                                                                                                         \
    "vstrbt.32 q0, [r1], #4\n\t"                                                                                       \
    "subs r7, r7, #4\n\t"                                                                                              \
    "bgt 1b\n\t"
#define TC_SUBTRACT_LONE_MVE "vshr.s32 q2, q0, #31\n\tvadd.i32 q0, q0, q2\n\t"

#define TC_OUTPUTS_MVE "ldrd r1, r3, %[out]\n\tldr r7, %[left]\n\tadd r3, r1, r3\n\t"

/* All channels of two pixels: depth up to 16, the inputs stay in registers. */
#define TC_DEPTH_16_MVE(subtract)                                                                                      \
    "ldr r7, %[tail]\n\t"                                                                                              \
    "vctp.8 r7\n\t"                                                                                                    \
    "ldrd r1, r3, %[x]\n\t"                                                                                            \
    "ldr r5, %[weights]\n\t"                                                                                           \
    "vpstt\n\t"                                                                                                        \
    "vldrbt.u8 q0, [r1]\n\t"                                                                                           \
    "vldrbt.u8 q1, [r3]\n\t" TC_OUTPUTS_MVE "1:\n\t" TC_STEP_MVE("vmladav.s8", "q0", "q1", , )                         \
        TC_FINISH_HELD_MVE("q4", "q5", subtract)

/* Depth 17 to 32. */
#define TC_DEPTH_32_MVE(subtract)                                                                                      \
    "ldr r7, %[tail]\n\t"                                                                                              \
    "vctp.8 r7\n\t"                                                                                                    \
    "ldrd r1, r3, %[x]\n\t"                                                                                            \
    "ldr r5, %[weights]\n\t"                                                                                           \
    "vldrb.u8 q0, [r1], #16\n\t"                                                                                       \
    "vldrb.u8 q1, [r3], #16\n\t"                                                                                       \
    "vpstt\n\t"                                                                                                        \
    "vldrbt.u8 q4, [r1]\n\t"                                                                                           \
    "vldrbt.u8 q5, [r3]\n\t" TC_OUTPUTS_MVE "1:\n\t" TC_STEP_MVE("vmladav.s8", "q0", "q1", , )                         \
        TC_STEP_MVE("vmladava.s8", "q4", "q5", , ) TC_FINISH_HELD_MVE("q6", "q7", subtract)

/* Any depth of 16 or more. The loop is unrolled four times and entered in the middle. */
#define TC_DEPTH_MORE_MVE(subtract)                                                                                    \
    "ldr r5, %[weights]\n\t"                                                                                           \
    "ldr r7, %[tail]\n\t"                                                                                              \
    "ldr r11, %[entry]\n\t"                                                                                            \
    "1:\n\t"                                                                                                           \
    "ldrd r1, r3, %[x]\n\t"                                                                                            \
    "ldr r9, %[turns]\n\t" TC_FIRST_MVE(                                                                               \
        TC_LOADS_MVE) "add pc, r11\n\t"                                                                                \
                      "nop.n\n\t"                                                                                      \
                      "2:\n\t" TC_NEXT_MVE TC_NEXT_MVE TC_NEXT_MVE TC_NEXT_MVE "subs r9, r9, #1\n\t"                   \
                      "bpl 2b\n\t"                                                                                     \
                      "cbz r7, 3f\n\t"                                                                                 \
                      "vctp.8 r7\n\t"                                                                                  \
                      "vpstt\n\t"                                                                                      \
                      "vldrbt.u8 q0, [r1]\n\t"                                                                         \
                      "vldrbt.u8 q1, [r3]\n\t" TC_STEP_MVE("vmladava.s8", "q0", "q1",                                  \
                                                           , ) "3:\n\t" TC_FINISH_MVE("q0", "q1", subtract)

#define TC_RUN_BLOCK_MVE(b, text)                                                                                      \
    __asm__ volatile(text                                                                                              \
                     : [out] "+m"((b).out), [left] "+m"((b).left)                                                      \
                     : [x] "m"((b).x0), [turns] "m"((b).turns), [weights] "m"((b).weights), [entry] "m"((b).entry),    \
                       [tail] "m"((b).tail)                                                                            \
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "q0",    \
                       "q1", "q2", "q3", "q4", "q5", "q6", "q7", "cc", "memory")

enum { TC_STEP_BYTES_MVE = 14 * 4 };

/* All channels of pairs of pixels, which are `pitch` bytes apart. */
TC_INLINE_MVE void tc_pairs_of_mve(const tc_matmul_mve *m, const int8_t *x, int32_t pitch, const int32_t *w,
                                   int8_t *out, int32_t pairs, tc_rounding_mve rounding)
{
    const int32_t depth = m->depth;
    const int32_t more = (depth >> 4) - 1; /* steps after the first */
    const int32_t turns = more > 0 ? (more - 1) >> 2 : 0;
    const int32_t entry = (4 * (turns + 1) - more) * TC_STEP_BYTES_MVE;
    const int32_t tail = depth <= 32 ? ((depth - 1) & 15) + 1 : depth & 15;
    tc_block_mve b = {x, x + pitch, out, m->out_c, 0, tail, turns, entry, w};
    const int32_t out_step = 2 * m->out_c - ((m->out_c + 3) & ~3);
    do {
        b.left = b.pitch;
        if (depth <= 16) {
            if (rounding == TC_SIGNED_MVE) {
                TC_RUN_BLOCK_MVE(b, TC_DEPTH_16_MVE(TC_SUBTRACT_NEGATIVE_MVE));
            } else {
                TC_RUN_BLOCK_MVE(b, TC_DEPTH_16_MVE(TC_SUBTRACT_NOTHING_MVE));
            }
        } else if (depth <= 32) {
            if (rounding == TC_SIGNED_MVE) {
                TC_RUN_BLOCK_MVE(b, TC_DEPTH_32_MVE(TC_SUBTRACT_NEGATIVE_MVE));
            } else {
                TC_RUN_BLOCK_MVE(b, TC_DEPTH_32_MVE(TC_SUBTRACT_NOTHING_MVE));
            }
        } else if (rounding == TC_SIGNED_MVE) {
            TC_RUN_BLOCK_MVE(b, TC_DEPTH_MORE_MVE(TC_SUBTRACT_NEGATIVE_MVE));
        } else {
            TC_RUN_BLOCK_MVE(b, TC_DEPTH_MORE_MVE(TC_SUBTRACT_NOTHING_MVE));
        }
        b.x0 += 2 * pitch;
        b.x1 += 2 * pitch;
        b.out += depth <= 32 ? 2 * b.pitch : out_step;
    } while (--pairs);
}

__attribute__((noinline, unused)) TC_NO_FRAME_POINTER static void tc_pairs_signed_mve(const tc_matmul_mve *m,
                                                                                      const int8_t *x, int32_t pitch,
                                                                                      const int32_t *w, int8_t *out,
                                                                                      int32_t pairs)
{
    tc_pairs_of_mve(m, x, pitch, w, out, pairs, TC_SIGNED_MVE);
}

__attribute__((noinline, unused)) TC_NO_FRAME_POINTER static void tc_pairs_positive_mve(const tc_matmul_mve *m,
                                                                                        const int8_t *x, int32_t pitch,
                                                                                        const int32_t *w, int8_t *out,
                                                                                        int32_t pairs)
{
    tc_pairs_of_mve(m, x, pitch, w, out, pairs, TC_POSITIVE_MVE);
}

/* 16 products of one pixel and four channels: 9 instructions for 64. */
#define TC_LONE_STEP_MVE(mac)                                                                                          \
    "vldrb.u8 q0, [r3], #16\n\t"                                                                                       \
    "vldrb.u8 q1, [r5], #16\n\t" mac " r0, q0, q1\n\t"                                                                 \
    "vldrb.u8 q2, [r5], #16\n\t" mac " r2, q0, q2\n\t"                                                                 \
    "vldrb.u8 q1, [r5], #16\n\t" mac " r4, q0, q1\n\t"                                                                 \
    "vldrb.u8 q2, [r5], #16\n\t" mac " r6, q0, q2\n\t"
enum { TC_LONE_STEP_BYTES_MVE = 9 * 4 };

/* All channels of one pixel; the loop is that of TC_DEPTH_MORE_MVE. `pitch` is what the first step reads. */
#define TC_LONE_MVE(b, high_mul, subtract)                                                                             \
    __asm__ volatile("ldr lr, %[first]\n\t"                                                                            \
                     "ldr r1, %[out]\n\t"                                                                              \
                     "ldr r5, %[weights]\n\t"                                                                          \
                     "ldr r7, %[left]\n\t"                                                                             \
                     "ldr r8, %[tail]\n\t"                                                                             \
                     "ldr r9, %[entry]\n\t"                                                                            \
                     "ldr r10, %[turns]\n\t"                                                                           \
                     "ldr r11, %[x]\n\t"                                                                               \
                     "1:\n\t"                                                                                          \
                     "mov r3, r11\n\t"                                                                                 \
                     "mov r12, r10\n\t"                                                                                \
                     "vctp.8 lr\n\t"                                                                                   \
                     "vpst\n\t"                                                                                        \
                     "vldrbt.u8 q0, [r3], #16\n\t"                                                                     \
                     "vldrb.u8 q1, [r5], #16\n\t"                                                                      \
                     "vmladav.s8 r0, q0, q1\n\t"                                                                       \
                     "vldrb.u8 q2, [r5], #16\n\t"                                                                      \
                     "vmladav.s8 r2, q0, q2\n\t"                                                                       \
                     "vldrb.u8 q1, [r5], #16\n\t"                                                                      \
                     "vmladav.s8 r4, q0, q1\n\t"                                                                       \
                     "vldrb.u8 q2, [r5], #16\n\t"                                                                      \
                     "vmladav.s8 r6, q0, q2\n\t"                                                                       \
                     "add pc, r9\n\t"                                                                                  \
                     "nop.n\n\t"                                                                                       \
                     "2:\n\t" TC_LONE_STEP_MVE("vmladava.s8") TC_LONE_STEP_MVE("vmladava.s8")                          \
                         TC_LONE_STEP_MVE("vmladava.s8") TC_LONE_STEP_MVE("vmladava.s8") /* */                         \
                     "subs r12, r12, #1\n\t"                                                                           \
                     "bpl 2b\n\t"                                                                                      \
                     "cmp r8, #0\n\t"                                                                                  \
                     "beq 3f\n\t"                                                                                      \
                     "vctp.8 r8\n\t"                                                                                   \
                     "vpst\n\t"                                                                                        \
                     "vldrbt.u8 q0, [r3]\n\t"                                                                          \
                     "vldrb.u8 q1, [r5], #16\n\t"                                                                      \
                     "vmladava.s8 r0, q0, q1\n\t"                                                                      \
                     "vldrb.u8 q2, [r5], #16\n\t"                                                                      \
                     "vmladava.s8 r2, q0, q2\n\t"                                                                      \
                     "vldrb.u8 q1, [r5], #16\n\t"                                                                      \
                     "vmladava.s8 r4, q0, q1\n\t"                                                                      \
                     "vldrb.u8 q2, [r5], #16\n\t"                                                                      \
                     "vmladava.s8 r6, q0, q2\n\t"                                                                      \
                     "3:\n\t" TC_FINISH_LONE_MVE(high_mul, subtract)                                                   \
                     : /* none */                                                                                      \
                     : [x] "m"((b).x0), [out] "m"((b).out), [left] "m"((b).left), [weights] "m"((b).weights),          \
                       [turns] "m"((b).turns), [entry] "m"((b).entry), [tail] "m"((b).tail), [first] "m"((b).pitch)    \
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "q0",    \
                       "q1", "q2", "q3", "cc", "memory")

TC_INLINE_MVE void tc_pixel_mve(const tc_matmul_mve *m, const int8_t *x, const int32_t *w, int8_t *out,
                                tc_rounding_mve rounding)
{
    const int32_t more = tc_max((m->depth >> 4) - 1, 0); /* steps after the first, which may be short */
    const int32_t turns = more > 0 ? (more - 1) >> 2 : 0;
    const int32_t entry = (4 * (turns + 1) - more) * TC_LONE_STEP_BYTES_MVE;
    const int32_t first = tc_min(m->depth, 16);
    const tc_block_mve b = {x, NULL, out, first, m->out_c, m->depth > 16 ? m->depth & 15 : 0, turns, entry, w};
    if (rounding == TC_ONCE_MVE) {
        TC_LONE_MVE(b, "vqdmulh.s32", "");
    } else if (rounding == TC_SIGNED_MVE) {
        TC_LONE_MVE(b, "vqrdmulh.s32", TC_SUBTRACT_LONE_MVE);
    } else {
        TC_LONE_MVE(b, "vqrdmulh.s32", "");
    }
}

#endif

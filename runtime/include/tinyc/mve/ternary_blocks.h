/* Convolutions of ternary weights by Helium: two pixels times four channels at a time, as mve/blocks_assembly.h, whose
 * weights are unpacked for all pixels of a call.
 *
 * Codes and lines are those of mve/ternary_quads.h, but a line has blocks of four channels: for every 16 inputs those
 * of the first channel to those of the fourth, then what is left of the depth. Channels beyond the last have weights of
 * 0. A block's constants are 14 words, which mve/matmul.h has but for the magnitude: magnitude[4]   in bytes: what a
 * trit counts bias[4], multiplier[4], offset[4] left[4]        in bytes */
#ifndef TINYC_MVE_TERNARY_BLOCKS_H
#define TINYC_MVE_TERNARY_BLOCKS_H

#include "tinyc/mve/blocks.h"
#include "tinyc/mve/ternary_quads.h"

/* Words of a block's constants. */
enum { TC_TRIT_WORDS_MVE = 10 };

/* All channels of a line for pairs of pixels, at least one. What the assembly below keeps on the stack. */
typedef struct {
    const int8_t *x; /* of the next pair */
    int32_t pitch;   /* bytes from pixel to pixel of the input */
    int8_t *out;     /* of the next pair, of the line's first channel */
    int32_t out_c;   /* bytes from pixel to pixel of the output */
    const int8_t *weights;
    const int32_t *channels;
    int32_t count;      /* channels, >= 1 */
    int32_t pairs;      /* to do */
    int32_t zero_point; /* of the output */
    int32_t is_signed;  /* 1: negative sums matter */
    int32_t tail;       /* the depth's rest, below 16 */
    int32_t turns;      /* of the unrolled loop after its first */
    uint32_t entry;     /* bytes of code from the loop's beginning to where it starts, and 1 for Thumb */
    uint32_t start;     /* where that is */
    uint32_t behind;    /* where code goes on behind the loop: with the rest, if there is one */
    /* of the block */
    const int8_t *x0;
    const int8_t *x1;
    int8_t *next_out;
    int32_t next_step; /* out_c */
    int32_t left;      /* channels to do */
} tc_trit_pairs_mve;

#ifdef TC_MANY_REGISTERS
/* Sums, in the registers of TC_STEP_MVE, to x and y, and from there bytes to r1 and r3. r7: constants; r9: channels to
 * do; r11: zero point. Uses q2, q3. */
#define TC_FINISH_TRITS_MVE(x, y, subtract)                                                                            \
    "vmov " x "[2], " x "[0], r0, r4\n\t"                                                                              \
    "vldrb.u32 q2, [r7], #4\n\t"                                                                                       \
    "vmov " x "[3], " x "[1], r2, r6\n\t"                                                                              \
    "vldrw.u32 q3, [r7], #16\n\t"                                                                                      \
    "vmov " y "[2], " y "[0], r8, r12\n\t"                                                                             \
    "vmul.i32 " x ", " x ", q2\n\t"                                                                                    \
    "vmov " y "[3], " y "[1], r10, lr\n\t"                                                                             \
    "vadd.i32 " x ", " x ", q3\n\t"                                                                                    \
    "vmul.i32 " y ", " y ", q2\n\t"                                                                                    \
    "vldrw.u32 q2, [r7], #16\n\t"                                                                                      \
    "vadd.i32 " y ", " y ", q3\n\t"                                                                                    \
    "vqrdmulh.s32 " x ", " x ", q2\n\t"                                                                                \
    "vqrdmulh.s32 " y ", " y ", q2\n\t" subtract(x, y) "vldrb.s32 q3, [r7], #4\n\t"                                    \
                                                       "vrshl.s32 " x ", " x ", q3\n\t"                                \
                                                       "vctp.32 r9\n\t"                                                \
                                                       "vrshl.s32 " y ", " y ", q3\n\t"                                \
                                                       "vadd.i32 " x ", " x ", r11\n\t"                                \
                                                       "vadd.i32 " y ", " y ", r11\n\t"                                \
                                                       "vqshl.s32 " x ", " x ", #24\n\t"                               \
                                                       "vqshl.s32 " y ", " y ", #24\n\t"                               \
                                                       "vshr.s32 " x ", " x ", #24\n\t"                                \
                                                       "vshr.s32 " y ", " y ", #24\n\t"                                \
                                                       "vpstt\n\t"                                                     \
                                                       "vstrbt.32 " x ", [r1], #4\n\t"                                 \
                                                       "vstrbt.32 " y ", [r3], #4\n\t"                                 \
                                                       "subs r9, r9, #4\n\t"

/* Inputs r1 and r3 of the next pair; the same of its outputs, with its weights and constants. */
#define TC_PAIR_OF_TRITS_MVE                                                                                           \
    "ldrd r1, r8, %[x]\n\t"                                                                                            \
    "add r3, r1, r8\n\t"                                                                                               \
    "add r8, r3, r8\n\t"                                                                                               \
    "str r8, %[x]\n\t"
#define TC_OUTPUTS_OF_TRITS_MVE                                                                                        \
    "ldrd r1, r8, %[out]\n\t"                                                                                          \
    "add r3, r1, r8\n\t"                                                                                               \
    "add r8, r3, r8\n\t"                                                                                               \
    "str r8, %[out]\n\t"                                                                                               \
    "ldrd r5, r7, %[weights]\n\t"                                                                                      \
    "ldr r9, %[count]\n\t"

/* The next block, or the next pair, or the end. */
#define TC_NEXT_PAIR_OF_TRITS_MVE                                                                                      \
    "bgt 1b\n\t"                                                                                                       \
    "ldr r8, %[pairs]\n\t"                                                                                             \
    "subs r8, r8, #1\n\t"                                                                                              \
    "str r8, %[pairs]\n\t"                                                                                             \
    "bne 5b\n\t"

/* Depth 16: the inputs stay in registers. */
#define TC_TRITS_16_MVE(subtract)                                                                                      \
    "ldr r11, %[zero_point]\n\t"                                                                                       \
    "5:\n\t" TC_PAIR_OF_TRITS_MVE "vldrb.u8 q0, [r1]\n\t"                                                              \
    "vldrb.u8 q1, [r3]\n\t" TC_OUTPUTS_OF_TRITS_MVE "1:\n\t" TC_STEP_MVE("vmladav.s8", "q0", "q1", , )                 \
        TC_FINISH_TRITS_MVE("q4", "q5", subtract) TC_NEXT_PAIR_OF_TRITS_MVE

/* Depth 32. */
#define TC_TRITS_32_MVE(subtract)                                                                                      \
    "ldr r11, %[zero_point]\n\t"                                                                                       \
    "5:\n\t" TC_PAIR_OF_TRITS_MVE "vldrb.u8 q0, [r1], #16\n\t"                                                         \
    "vldrb.u8 q1, [r3], #16\n\t"                                                                                       \
    "vldrb.u8 q4, [r1]\n\t"                                                                                            \
    "vldrb.u8 q5, [r3]\n\t" TC_OUTPUTS_OF_TRITS_MVE "1:\n\t" TC_STEP_MVE("vmladav.s8", "q0", "q1", , )                 \
        TC_STEP_MVE("vmladava.s8", "q4", "q5", , ) TC_FINISH_TRITS_MVE("q6", "q7", subtract) TC_NEXT_PAIR_OF_TRITS_MVE

/* Where one text does for both: */
#define TC_SUBTRACT_IF_SIGNED_MVE(x, y)                                                                                \
    "ldr r0, %[is_signed]\n\t"                                                                                         \
    "cbz r0, 7f\n\t" TC_SUBTRACT_NEGATIVE_MVE(x, y) "7:\n\t"

/* Any depth of 16 or more; the loop is that of TC_DEPTH_MORE_MVE. The rest of a channel is r9 bytes. */
#define TC_TRITS_MORE_MVE                                                                                              \
    "adr r0, 2f\n\t"                                                                                                   \
    "ldr r1, %[entry]\n\t"                                                                                             \
    "add r0, r0, r1\n\t"                                                                                               \
    "str r0, %[start]\n\t"                                                                                             \
    "adr r0, 3f\n\t"                                                                                                   \
    "adr r1, 6f\n\t"                                                                                                   \
    "ldr r2, %[tail]\n\t"                                                                                              \
    "cmp r2, #0\n\t"                                                                                                   \
    "it ne\n\t"                                                                                                        \
    "movne r0, r1\n\t"                                                                                                 \
    "add r0, r0, #1\n\t"                                                                                               \
    "str r0, %[behind]\n\t"                                                                                            \
    "ldr r11, %[zero_point]\n\t"                                                                                       \
    "5:\n\t" TC_PAIR_OF_TRITS_MVE "strd r1, r3, %[x0]\n\t" TC_OUTPUTS_OF_TRITS_MVE "str r1, %[next_out]\n\t"           \
    "str r9, %[left]\n\t"                                                                                              \
    "1:\n\t"                                                                                                           \
    "ldrd r1, r3, %[x0]\n\t"                                                                                           \
    "ldr r9, %[turns]\n\t" TC_FIRST_MVE(TC_LOADS_MVE) "ldr pc, %[start]\n\t"                                           \
                                                      ".balign 4\n\t"                                                  \
                                                      "2:\n\t" TC_NEXT_MVE TC_NEXT_MVE TC_NEXT_MVE TC_NEXT_MVE         \
                                                      "subs r9, r9, #1\n\t"                                            \
                                                      "bpl 2b\n\t"                                                     \
                                                      "ldr pc, %[behind]\n\t"                                          \
                                                      "6:\n\t"                                                         \
                                                      "ldr r9, %[tail]\n\t"                                            \
                                                      "vctp.8 r9\n\t"                                                  \
                                                      "vpstt\n\t"                                                      \
                                                      "vldrbt.u8 q0, [r1]\n\t"                                         \
                                                      "vldrbt.u8 q1, [r3]\n\t" TC_TAIL_OF_TRITS_MVE("r0", "r8")        \
                                                          TC_TAIL_OF_TRITS_MVE("r2", "r10")                            \
                                                              TC_TAIL_OF_TRITS_MVE("r4", "r12")                        \
                                                                  TC_TAIL_OF_TRITS_MVE("r6", "lr") /* */               \
        "3:\n\t"                                                                                                       \
        "ldrd r1, r3, %[next_out]\n\t"                                                                                 \
        "add r3, r1, r3\n\t"                                                                                           \
        "ldr r9, %[left]\n\t" TC_FINISH_TRITS_MVE(                                                                     \
            "q4", "q5", TC_SUBTRACT_IF_SIGNED_MVE) "str r1, %[next_out]\n\t"                                           \
                                                   "str r9, %[left]\n\t" TC_NEXT_PAIR_OF_TRITS_MVE
#define TC_TAIL_OF_TRITS_MVE(of_x, of_y)                                                                               \
    "vldrb.u8 q2, [r5]\n\t"                                                                                            \
    "add r5, r5, r9\n\t"                                                                                               \
    "vmladava.s8 " of_x ", q0, q2\n\t"                                                                                 \
    "vmladava.s8 " of_y ", q1, q2\n\t"

#define TC_RUN_TRITS_MVE(b, text)                                                                                      \
    __asm__ volatile(                                                                                                  \
        text                                                                                                           \
        : [x] "+m"((b)->x), [out] "+m"((b)->out), [pairs] "+m"((b)->pairs), [x0] "=m"((b)->x0), [x1] "=m"((b)->x1),    \
          [next_out] "=m"((b)->next_out), [start] "=m"((b)->start), [behind] "=m"((b)->behind), [left] "=m"((b)->left) \
        : [weights] "m"((b)->weights), [count] "m"((b)->count), [tail] "m"((b)->tail), [turns] "m"((b)->turns),        \
          [entry] "m"((b)->entry), [pitch] "m"((b)->pitch), [out_c] "m"((b)->out_c), [channels] "m"((b)->channels),    \
          [next_step] "m"((b)->next_step), [zero_point] "m"((b)->zero_point), [is_signed] "m"((b)->is_signed)          \
        : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2",     \
          "q3", "q4", "q5", "q6", "q7", "cc", "memory")

TC_INLINE void tc_trit_pairs(tc_trit_pairs_mve *b, int32_t depth)
{
    if (depth == 16) {
        if (b->is_signed) {
            TC_RUN_TRITS_MVE(b, TC_TRITS_16_MVE(TC_SUBTRACT_NEGATIVE_MVE));
        } else {
            TC_RUN_TRITS_MVE(b, TC_TRITS_16_MVE(TC_SUBTRACT_NOTHING_MVE));
        }
    } else if (depth == 32) {
        if (b->is_signed) {
            TC_RUN_TRITS_MVE(b, TC_TRITS_32_MVE(TC_SUBTRACT_NEGATIVE_MVE));
        } else {
            TC_RUN_TRITS_MVE(b, TC_TRITS_32_MVE(TC_SUBTRACT_NOTHING_MVE));
        }
    } else {
        TC_RUN_TRITS_MVE(b, TC_TRITS_MORE_MVE);
    }
}
#else
enum { TC_STEP_BYTES_MVE = 0 };

/* Four channels of a pixel. */
static inline void tc_trit_block(const int8_t *x, const int8_t *w, int32_t depth, const int32_t *channel, int8_t *out,
                                 int32_t left, int32_t zero_point, int32_t is_signed)
{
    int32_t sums[4] = {0, 0, 0, 0};
    for (int32_t k = 0; k < depth; k += 16) {
        const int32_t n = tc_min(depth - k, 16);
        const mve_pred16_t lanes = vctp8q((uint32_t)n);
        const int8x16_t input = vldrbq_z_s8(x + k, lanes);
        for (int32_t c = 0; c < 4; c++, w += n) {
            sums[c] = vmladavaq_s8(sums[c], input, vldrbq_z_s8(w, lanes));
        }
    }
    const int32x4_t magnitude = vreinterpretq_s32_u32(vldrbq_u32((const uint8_t *)channel));
    const int32x4_t acc = vaddq_s32(vmulq_s32(vldrwq_s32(sums), magnitude), vldrwq_s32(channel + 1));
    int32x4_t v = vqrdmulhq_s32(acc, vldrwq_s32(channel + 5));
    if (is_signed) {
        v = vaddq_s32(v, vshrq_n_s32(v, 31));
    }
    v = vaddq_n_s32(vrshlq_s32(v, vldrbq_s32((const int8_t *)(channel + 9))), zero_point);
    v = vshrq_n_s32(vqshlq_n_s32(v, 24), 24);
    vstrbq_p_s32(out, v, vctp32q((uint32_t)left));
}

static inline void tc_trit_pairs(tc_trit_pairs_mve *b, int32_t depth)
{
    for (int32_t i = 2 * b->pairs; i > 0; i--, b->x += b->pitch, b->out += b->out_c) {
        for (int32_t c = 0; c < b->count; c += 4) {
            tc_trit_block(b->x, b->weights + c * depth, depth, b->channels + TC_TRIT_WORDS_MVE * (c >> 2), b->out + c,
                          b->count - c, b->zero_point, b->is_signed);
        }
    }
}
#endif

/* All channels of `pixels` pixels. x: `pitch` bytes apart; line: bytes of a
 * group's weights, and 16 more. */
static inline void tc_ternary_by_blocks_mve(const tc_ternary_mve *p, const int8_t *x, int32_t pitch,
                                            const int8_t *codes, const int32_t *channels, int8_t *out, int32_t pixels,
                                            int8_t *line)
{
    const int32_t more = (p->depth >> 4) - 1; /* steps after the first */
    tc_trit_pairs_mve b;
    b.turns = more > 0 ? (more - 1) >> 2 : 0;
    b.entry = (uint32_t)((4 * (b.turns + 1) - more) * TC_STEP_BYTES_MVE + 1);
    b.tail = p->depth & 15;
    b.zero_point = p->zero_point;
    b.is_signed = p->is_signed;
    b.weights = line;
    b.channels = channels;
    int8_t *first_out = out;
    for (int32_t first = 0; first < p->out_c; first += p->group, first_out += p->group) {
        b.count = tc_min(p->out_c - first, p->group);
        const int32_t run = (((b.count + 3) & ~3) * p->depth + 4) / 5;
        tc_unpack_mve(line, codes, run);
        codes += run;
        for (int32_t done = 0; done < pixels;) {
            const int32_t pairs = (pixels - done) >> 1;
            /* a lone pixel is computed as two that are the same */
            b.x = x + done * pitch;
            b.out = first_out + done * p->out_c;
            b.pitch = pairs ? pitch : 0;
            b.out_c = b.next_step = pairs ? p->out_c : 0;
            b.pairs = pairs ? pairs : 1;
            done += pairs ? 2 * pairs : 1;
            tc_trit_pairs(&b, p->depth);
        }
        b.channels += TC_TRIT_WORDS_MVE * ((b.count + 3) >> 2);
    }
    if (p->act_min > INT8_MIN || p->act_max < INT8_MAX) {
        const tc_matmul_mve m = {p->depth, p->out_c, p->is_signed, 1, p->act_min, p->act_max};
        tc_clamp_mve(&m, out, pixels * p->out_c);
    }
}

#endif

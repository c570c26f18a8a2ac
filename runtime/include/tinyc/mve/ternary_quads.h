/* Convolutions of ternary weights by Helium: four pixels times two channels at a time, whose weights are unpacked for
 * all pixels of a call.
 *
 * Codes are those of mve/ternary.h. The weights of a group of channels are a line of bytes, pair by pair of channels:
 * for every 16 inputs those of the first channel and of the second, then what is left of the depth. The line is cut
 * into five runs of equal length, the last one filled up, and a code has the weights at one place of all five. */
#ifndef TINYC_MVE_TERNARY_QUADS_H
#define TINYC_MVE_TERNARY_QUADS_H

#include "tinyc/mve/ternary.h"

/* 5 * run weights of as many codes. */
static inline void tc_unpack_mve(int8_t *to, const int8_t *codes, int32_t run)
{
    const int8x16_t third = vdupq_n_s8(TC_THIRD_MVE);
#ifdef TC_MANY_REGISTERS
    int8_t *b = to + run;
    int8_t *c = b + run;
    int8_t *d = c + run;
    int8_t *e = d + run;
    __asm__ volatile("dlstp.8 lr, %[run]\n\t"
                     "1:\n\t" TC_UNPACK_CODES_MVE "letp lr, 1b\n\t"
                     : [code] "+&r"(codes), [a] "+&r"(to), [b] "+&r"(b), [c] "+&r"(c), [d] "+&r"(d), [e] "+&r"(e)
                     : [run] "r"(run), [less] "r"(-3), [third] "w"(third)
                     : "lr", "q0", "q1", "q2", "q3", "cc", "memory");
#else
    for (int32_t i = 0; i < run; i += 16) {
        const mve_pred16_t lanes = vctp8q((uint32_t)(run - i));
        int8x16_t code = vldrbq_z_s8(codes + i, lanes);
        for (int32_t k = 0; k < 5; k++) {
            const int8x16_t rest = vrmulhq_s8(code, third);
            vstrbq_p_s8(to + k * run + i, vmlaq_n_s8(code, rest, -3), lanes);
            code = rest;
        }
    }
#endif
}

/* Of a step of the loop. */
enum { TC_QUAD_STEP_BYTES_MVE = 14 * 4 };
/* Bytes of the addresses of four pixels' inputs. */
enum { TC_QUAD_POINTERS_MVE = 4 * sizeof(const int8_t *) };

/* Pairs of channels, at least one, of fours of pixels, at least one. What the assembly below keeps on the stack. */
typedef struct {
    const int8_t *x; /* of the next four pixels */
    int32_t pitch;   /* bytes from pixel to pixel of the input */
    int8_t *out;     /* of the next four pixels, of the first channel */
    int32_t step;    /* bytes from four pixels to the next of the output */
    const int8_t *first_x;
    int8_t *first_out;
    int8_t *end;            /* what `out` is after the last pixels */
    int32_t apart;          /* bytes from the first channel of the output to the second: 1, or 0 where it counts not */
    const int8_t *weights;  /* of the next pair */
    int32_t bytes;          /* of its weights */
    const int32_t *channel; /* three words of each of its channels */
    int32_t zero_point;     /* of the output; read with what is before */
    int32_t pairs;          /* to do */
    int32_t turns;          /* of the unrolled loop after its first */
    int32_t skipped;        /* of its first turn's four */
    uint32_t entry;         /* bytes of code from the loop's beginning to where it starts, and 1 for Thumb */
    uint32_t start;         /* where that is */
    int32_t tail;           /* the depth's rest, below 16 */
    int32_t is_signed;      /* 1: negative sums matter */
    int32_t low;            /* clamp of the output byte */
    int32_t high;
    int32_t places[4]; /* of four pixels of the output */
    int32_t segments;  /* of a pixel's inputs that are apart: `x` is then where four pixels have them, [segments, 4] */
    int32_t left;      /* segments to do */
} tc_quads_mve;

#ifdef TC_MANY_REGISTERS
/* 14 instructions for 128 products. Sums: r0, r2, r4, r6 of the first channel, r8, r10, r12, lr of the second. */
#define TC_QUAD_STEP_MVE(mac)                                                                                          \
    "vldrb.u8 q4, [r5], #16\n\t"                                                                                       \
    "vldrb.u8 q0, [r1], #16\n\t" mac " r0, q0, q4\n\t"                                                                 \
    "vldrb.u8 q1, [r3], #16\n\t" mac " r2, q1, q4\n\t"                                                                 \
    "vldrb.u8 q2, [r7], #16\n\t" mac " r4, q2, q4\n\t"                                                                 \
    "vldrb.u8 q3, [r9], #16\n\t" mac " r6, q3, q4\n\t"                                                                 \
    "vldrb.u8 q4, [r5], #16\n\t" mac " r8, q0, q4\n\t" mac " r10, q1, q4\n\t" mac " r12, q2, q4\n\t" mac               \
    " lr, q3, q4\n\t"
/* Four sums to what is shifted, and to bytes in words. A shift is the lowest byte of a word. */
#define TC_QUAD_PRODUCTS_MVE(x, magnitude, start, multiplier)                                                          \
    "vmul.i32 " x ", " x ", " magnitude "\n\t"                                                                         \
    "vadd.i32 " x ", " x ", " start "\n\t"                                                                             \
    "vqrdmulh.s32 " x ", " x ", " multiplier "\n\t"
#define TC_QUAD_BYTES_MVE(x, shift)                                                                                    \
    "vrshl.s32 " x ", " shift "\n\t"                                                                                   \
    "vadd.i32 " x ", " x ", r10\n\t"                                                                                   \
    "vmax.s32 " x ", " x ", q6\n\t"                                                                                    \
    "vmin.s32 " x ", " x ", q7\n\t"

/* Where the inputs of four pixels are, and the first 16. */
#define TC_QUADS_IN_LINE_MVE                                                                                           \
    "ldrd r1, r11, %[x]\n\t"                                                                                           \
    "add r3, r1, r11\n\t"                                                                                              \
    "add r7, r3, r11\n\t"                                                                                              \
    "add r9, r7, r11\n\t"                                                                                              \
    "add r11, r9, r11\n\t"                                                                                             \
    "str r11, %[x]\n\t"                                                                                                \
    "ldr r5, %[weights]\n\t" TC_QUAD_STEP_MVE("vmladav.s8")
/* The same of segments. */
#define TC_QUADS_APART_MVE                                                                                             \
    "mov r0, #0\n\t"                                                                                                   \
    "mov r2, #0\n\t"                                                                                                   \
    "mov r4, #0\n\t"                                                                                                   \
    "mov r6, #0\n\t"                                                                                                   \
    "mov r8, #0\n\t"                                                                                                   \
    "mov r10, #0\n\t"                                                                                                  \
    "mov r12, #0\n\t"                                                                                                  \
    "mov lr, #0\n\t"                                                                                                   \
    "ldr r5, %[weights]\n\t"                                                                                           \
    "ldr r11, %[segments]\n\t"                                                                                         \
    "7:\n\t"                                                                                                           \
    "str r11, %[left]\n\t"                                                                                             \
    "ldr r11, %[x]\n\t"                                                                                                \
    "ldmia r11!, {r1, r3, r7, r9}\n\t"                                                                                 \
    "str r11, %[x]\n\t"
#define TC_QUADS_NEXT_SEGMENT_MVE                                                                                      \
    "ldr r11, %[left]\n\t"                                                                                             \
    "subs r11, r11, #1\n\t"                                                                                            \
    "bne 7b\n\t"
#define TC_QUADS_MVE(first, next)                                                                                      \
    "vldrw.u32 q5, %[places]\n\t"                                                                                      \
    "ldr r0, %[low]\n\t"                                                                                               \
    "vdup.32 q6, r0\n\t"                                                                                               \
    "ldr r0, %[high]\n\t"                                                                                              \
    "vdup.32 q7, r0\n\t"                                                                                               \
    "ldr r0, %[entry]\n\t"                                                                                             \
    "adr r2, 2f\n\t"                                                                                                   \
    "add r2, r2, r0\n\t"                                                                                               \
    "str r2, %[start]\n\t"                                                                                             \
    "5:\n\t"                                                                                                           \
    "ldrd r0, r1, %[first_x]\n\t"                                                                                      \
    "str r0, %[x]\n\t"                                                                                                 \
    "str r1, %[out]\n\t"                                                                                               \
    "1:\n\t" first "ldr r11, %[turns]\n\t"                                                                             \
    "ldr pc, %[start]\n\t"                                                                                             \
    ".balign 4\n\t"                                                                                                    \
    "2:\n\t" TC_QUAD_STEP_MVE("vmladava.s8") TC_QUAD_STEP_MVE("vmladava.s8") TC_QUAD_STEP_MVE("vmladava.s8")           \
        TC_QUAD_STEP_MVE(                                                                                              \
            "vmladava.s8") "subs r11, r11, #1\n\t"                                                                     \
                           "bpl 2b\n\t"                                                                                \
                           "ldr r11, %[tail]\n\t"                                                                      \
                           "cmp r11, #0\n\t"                                                                           \
                           "beq 4f\n\t"                                                                                \
                           "vctp.8 r11\n\t"                                                                            \
                           "vpstttt\n\t"                                                                               \
                           "vldrbt.u8 q0, [r1]\n\t"                                                                    \
                           "vldrbt.u8 q1, [r3]\n\t"                                                                    \
                           "vldrbt.u8 q2, [r7]\n\t"                                                                    \
                           "vldrbt.u8 q3, [r9]\n\t"                                                                    \
                           "vpst\n\t"                                                                                  \
                           "vldrbt.u8 q4, [r5]\n\t"                                                                    \
                           "add r5, r5, r11\n\t"                                                                       \
                           "vmladava.s8 r0, q0, q4\n\t"                                                                \
                           "vmladava.s8 r2, q1, q4\n\t"                                                                \
                           "vmladava.s8 r4, q2, q4\n\t"                                                                \
                           "vmladava.s8 r6, q3, q4\n\t"                                                                \
                           "vpst\n\t"                                                                                  \
                           "vldrbt.u8 q4, [r5]\n\t"                                                                    \
                           "vmladava.s8 r8, q0, q4\n\t"                                                                \
                           "vmladava.s8 r10, q1, q4\n\t"                                                               \
                           "vmladava.s8 r12, q2, q4\n\t"                                                               \
                           "vmladava.s8 lr, q3, q4\n\t"                                                                \
                           "4:\n\t" next "vmov q0[2], q0[0], r0, r4\n\t"                                               \
                           "vmov q0[3], q0[1], r2, r6\n\t"                                                             \
                           "vmov q1[2], q1[0], r8, r12\n\t"                                                            \
                           "vmov q1[3], q1[1], r10, lr\n\t"                                                            \
                           "ldrd r11, r10, %[channel]\n\t"                                                             \
                           "ldmia r11, {r0, r1, r2, r3, r4, r5}\n\t"                                                   \
                           "lsr r8, r2, #8\n\t"                                                                        \
                           "lsr r9, r5, #8\n\t" TC_QUAD_PRODUCTS_MVE("q0", "r8", "r0", "r1") TC_QUAD_PRODUCTS_MVE(     \
                               "q1", "r9", "r3", "r4") "ldr r7, %[is_signed]\n\t"                                      \
                                                       "cbz r7, 6f\n\t"                                                \
                                                       "vshr.s32 q2, q0, #31\n\t"                                      \
                                                       "vshr.s32 q3, q1, #31\n\t"                                      \
                                                       "vadd.i32 q0, q0, q2\n\t"                                       \
                                                       "vadd.i32 q1, q1, q3\n\t"                                       \
                                                       "6:\n\t" TC_QUAD_BYTES_MVE("q0", "r2")                          \
                                                           TC_QUAD_BYTES_MVE("q1", "r5") "ldrd r10, r12, %[out]\n\t"   \
                                                                                         "ldrd r0, r1, %[end]\n\t"     \
                                                                                         "add r1, r10, r1\n\t"         \
                                                                                         "vstrb.32 q1, [r1, q5]\n\t"   \
                                                                                         "vstrb.32 q0, [r10, q5]\n\t"  \
                                                                                         "add r10, r10, r12\n\t"       \
                                                                                         "str r10, %[out]\n\t"         \
                                                                                         "cmp r10, r0\n\t"             \
                                                                                         "bne 1b\n\t"                  \
                                                                                         "add r11, r11, #24\n\t"       \
                                                                                         "str r11, %[channel]\n\t"     \
                                                                                         "add r0, r0, #2\n\t"          \
                                                                                         "str r0, %[end]\n\t"          \
                                                                                         "ldr r0, %[first_out]\n\t"    \
                                                                                         "ldrd r1, r2, %[weights]\n\t" \
                                                                                         "add r0, r0, #2\n\t"          \
                                                                                         "str r0, %[first_out]\n\t"    \
                                                                                         "add r1, r1, r2\n\t"          \
                                                                                         "str r1, %[weights]\n\t"      \
                                                                                         "ldr r3, %[pairs]\n\t"        \
                                                                                         "subs r3, r3, #1\n\t"         \
                                                                                         "str r3, %[pairs]\n\t"        \
                                                                                         "bne 5b\n\t"

#define TC_DEFINE_QUADS_MVE(name, first, next)                                                                         \
    TC_INLINE void name(tc_quads_mve *b)                                                                               \
    {                                                                                                                  \
        __asm__ volatile(TC_QUADS_MVE(first, next)                                                                     \
                         : [x] "+m"(b->x), [out] "+m"(b->out), [end] "+m"(b->end), [first_out] "+m"(b->first_out),     \
                           [weights] "+m"(b->weights), [channel] "+m"(b->channel), [pairs] "+m"(b->pairs),             \
                           [start] "=m"(b->start), [left] "=m"(b->left)                                                \
                         : [first_x] "m"(b->first_x), [turns] "m"(b->turns), [entry] "m"(b->entry),                    \
                           [tail] "m"(b->tail), [low] "m"(b->low), [high] "m"(b->high), [places] "m"(b->places),       \
                           [zero_point] "m"(b->zero_point), [is_signed] "m"(b->is_signed), [segments] "m"(b->segments) \
                         : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr",      \
                           "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "cc", "memory");                            \
    }
TC_DEFINE_QUADS_MVE(tc_quads_in_line, TC_QUADS_IN_LINE_MVE, )
TC_DEFINE_QUADS_MVE(tc_quads_apart, TC_QUADS_APART_MVE, TC_QUADS_NEXT_SEGMENT_MVE)
#else
static inline int8_t tc_quad_byte(const tc_quads_mve *b, int32_t sum, const int32_t *channel)
{
    int32x4_t v = vdupq_n_s32(channel[0] + (channel[2] >> 8) * sum);
    v = vqrdmulhq_n_s32(v, channel[1]);
    v = vrshlq_n_s32(vaddq_s32(v, vshrq_n_s32(v, 31)), (int8_t)channel[2]);
    return (int8_t)tc_clamp(vgetq_lane_s32(v, 0) + b->zero_point, b->low, b->high);
}

/* segments: 0 where the inputs of a pixel are in line. */
static inline void tc_quads(tc_quads_mve *b, int32_t segments)
{
    const int32_t steps = 4 * (b->turns + 1) - b->skipped + (segments == 0);
    for (; b->pairs > 0; b->pairs--, b->first_out += 2, b->end += 2, b->weights += b->bytes, b->channel += 6) {
        const int8_t *x = b->first_x;
        for (int8_t *to = b->first_out; to != b->end; to += b->step) {
            for (int32_t i = 0; i < 4; i++) {
                int32_t sums[2] = {0, 0};
                const int8_t *w = b->weights;
                for (int32_t segment = 0; segment < tc_max(segments, 1); segment++) {
                    const int8_t *input =
                        segments ? ((const int8_t *const *)(const void *)x)[4 * segment + i] : x + i * b->pitch;
                    for (int32_t k = 0; k <= steps; k++, input += 16) {
                        const int32_t n = k < steps ? 16 : b->tail;
                        const mve_pred16_t lanes = vctp8q((uint32_t)n);
                        for (int32_t c = 0; c < 2; c++, w += n) {
                            sums[c] = vmladavaq_s8(sums[c], vldrbq_z_s8(input, lanes), vldrbq_z_s8(w, lanes));
                        }
                    }
                }
                to[b->places[i] + b->apart] = tc_quad_byte(b, sums[1], b->channel + 3);
                to[b->places[i]] = tc_quad_byte(b, sums[0], b->channel);
            }
            x += segments ? segments * TC_QUAD_POINTERS_MVE : 4 * b->pitch;
        }
    }
}
static inline void tc_quads_in_line(tc_quads_mve *b) { tc_quads(b, 0); }
static inline void tc_quads_apart(tc_quads_mve *b) { tc_quads(b, b->segments); }
#endif

typedef void tc_quads_of_mve(tc_quads_mve *b);

/* Some pixels of some channels: fours, one after the other, or one pixel. */
TC_INLINE void tc_some_quads(tc_quads_mve *b, tc_quads_of_mve *compute, const int8_t *x, int8_t *out, int32_t count,
                             int32_t out_c, const int8_t *line, const int32_t *channel, int32_t channels)
{
    b->first_x = x;
    b->first_out = out;
    b->end = out + count * out_c;
    b->weights = line;
    b->channel = channel;
    b->apart = 1;
    int32_t pairs = channels >> 1;
    int32_t odd = channels & 1;
    while (pairs + odd > 0) {
        if (pairs == 0) { /* the last channel twice */
            pairs = 1;
            odd = 0;
            b->apart = 0;
        }
        b->pairs = pairs;
        compute(b);
        pairs = 0;
    }
}

/* All channels of `pixels` pixels. x: `pitch` bytes apart, or, of segments, the addresses of all fours, [segments, 4]
 * each; steps: of 16 inputs, of a segment, or but the first; line: group * depth bytes, and 4 more. */
TC_INLINE void tc_all_quads_mve(const tc_ternary_mve *p, tc_quads_of_mve *compute, const int8_t *x, int32_t pitch,
                                int32_t segments, int32_t steps, const int8_t *codes, const int32_t *channels,
                                int8_t *out, int32_t pixels, int8_t *line)
{
    const int32_t turns = steps > 0 ? (steps - 1) >> 2 : 0;
    const int32_t out_c = p->out_c;
    const int32_t last = tc_min(pixels, 4) - 1; /* is computed again in place of those that are none */
    tc_quads_mve b;
    b.pitch = pitch;
    b.step = 4 * out_c;
    b.bytes = 2 * p->depth;
    b.turns = turns;
    b.skipped = 4 * (turns + 1) - steps;
    b.entry = (uint32_t)(b.skipped * TC_QUAD_STEP_BYTES_MVE + 1);
    b.tail = p->depth & 15;
    b.segments = segments;
    b.is_signed = p->is_signed;
    b.zero_point = p->zero_point;
    b.low = p->act_min;
    b.high = p->act_max;
    for (int32_t i = 0; i < 4; i++) {
        b.places[i] = tc_min(i, last) * out_c;
    }
    for (int32_t first = 0; first < out_c; first += p->group, out += p->group, channels += 3 * p->group) {
        const int32_t count = tc_min(out_c - first, p->group);
        const int32_t run = (((count + 1) & ~1) * p->depth + 4) / 5;
        tc_unpack_mve(line, codes, run);
        codes += run;
        const int32_t whole = tc_max(pixels & ~3, 4);
        const int8_t *from = x;
        int8_t *to = out;
        int32_t n = whole;
        for (int32_t left = pixels - whole;; left = 0) {
            tc_some_quads(&b, compute, from, to, n, out_c, line, channels, count);
            if (left <= 0) {
                break;
            }
            /* the last four */
            from = x + (segments ? (whole >> 2) * segments * TC_QUAD_POINTERS_MVE : (pixels - 4) * pitch);
            to = out + (pixels - 4) * out_c;
            n = 4;
        }
    }
}

/* Of pixels whose inputs are in line. */
static inline void tc_ternary_quads_mve(const tc_ternary_mve *p, const int8_t *x, int32_t pitch, const int8_t *codes,
                                        const int32_t *channels, int8_t *out, int32_t pixels, int8_t *line)
{
    if (pixels > 1 && pixels < 4) {
        const int8_t *at[4];
        for (int32_t i = 0; i < 4; i++) {
            at[i] = x + tc_min(i, pixels - 1) * pitch;
        }
        tc_all_quads_mve(p, tc_quads_apart, (const int8_t *)at, 0, 1, p->depth >> 4, codes, channels, out, pixels,
                         line);
    } else {
        pitch = pixels > 1 ? pitch : 0;
        tc_all_quads_mve(p, tc_quads_in_line, x, pitch, 0, (p->depth >> 4) - 1, codes, channels, out, pixels, line);
    }
}

#endif

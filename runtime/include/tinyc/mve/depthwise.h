/* Depthwise convolution by Helium: rows interleaved in scratch, a channel's kernel gathered as a few words. */
#ifndef TINYC_MVE_DEPTHWISE_H
#define TINYC_MVE_DEPTHWISE_H

#include "tinyc/depthwise_conv2d.h"
#include "tinyc/mve/blocks.h"

/* ROWS: that share a word; LANES: bytes of a vector; MAX_ROWS: of a kernel. */
enum { ROWS = 4, LANES = 16, MAX_ROWS = 16 };

/* Rows of the kernel by planes of four: where each starts, and bytes from column to column. Rows that are padding, and
 * those beyond the kernel, stay where they are. */
typedef struct {
    const int8_t *row[ROWS];
    int32_t step[ROWS];
} tc_plane;

/* at: offset of the first byte that is read of a row. */
static inline void tc_depthwise_find_rows(tc_plane *planes, const int8_t *const *rows, int32_t kernel_h,
                                          const int8_t *padding, int32_t at, int32_t step)
{
    for (int32_t k = 0; k < ((kernel_h + ROWS - 1) & -ROWS); k++) {
        const int32_t present = k < kernel_h && rows[k] != NULL;
        planes[k / ROWS].row[k % ROWS] = present ? rows[k] + at : padding;
        planes[k / ROWS].step[k % ROWS] = present ? step : 0;
    }
}

static void tc_depthwise_fill_words(uint32_t *to, uint32_t value, int32_t n)
{
    const uint32x4_t v = vdupq_n_u32(value);
    for (int32_t i = 0; i < n; i += 4) {
        vstrwq_p_u32(to + i, v, vctp32q((uint32_t)(n - i)));
    }
}

/* How much is interleaved: `count` times 16 bytes of each row, of which `left` are read, `less` fewer each time. */
typedef struct {
    int32_t left;
    int32_t less;
    int32_t count;
    int32_t channel; /* offset of the first byte */
    const tc_plane *plane;
    uint32_t *words; /* where they go */
} tc_source;

/* Two pixels, and what is the same for both. */
typedef struct {
    const uint32_t *x0; /* words of the group's first channel, under the kernel's first column */
    const uint32_t *x1;
    int8_t *out0;
    int8_t *out1;
    int32_t left; /* channels to do, >= 1 */
    const int32_t *weights;
    const uint32_t *taps;
} tc_channels_mve;

#ifdef TC_MANY_REGISTERS

/* Four rows bytewise interleaved (or three, and anything). */
#define TC_DEPTHWISE_INTERLEAVE(s, predicate, fourth_load, fourth_add)                                                 \
    __asm__ volatile(                                                                                                  \
        "ldr r3, %[channel]\n\t"                                                                                       \
        "ldrd r9, r11, %[plane]\n\t"                                                                                   \
        "ldm r9, {r0, r1, r2, r4, r6, r8, r10, r12}\n\t"                                                               \
        "ldr lr, %[count]\n\t"                                                                                         \
        "add r0, r0, r3\n\t"                                                                                           \
        "add r1, r1, r3\n\t"                                                                                           \
        "add r2, r2, r3\n\t"                                                                                           \
        "add r4, r4, r3\n\t"                                                                                           \
        "ldrd r3, r5, %[left]\n\t"                                                                                     \
        "dls lr, lr\n\t"                                                                                               \
        "1:\n\t"                                                                                                       \
        "vctp.8 r3\n\t" predicate "\n\t"                                                                               \
        "vldrbt.u8 q0, [r0]\n\t"                                                                                       \
        "vldrbt.u8 q1, [r1]\n\t"                                                                                       \
        "vldrbt.u8 q2, [r2]\n\t" fourth_load "add r0, r0, r6\n\t"                                                      \
        "vst40.8 {q0, q1, q2, q3}, [r11]\n\t"                                                                          \
        "add r1, r1, r8\n\t"                                                                                           \
        "vst41.8 {q0, q1, q2, q3}, [r11]\n\t"                                                                          \
        "add r2, r2, r10\n\t"                                                                                          \
        "vst42.8 {q0, q1, q2, q3}, [r11]\n\t" fourth_add "sub r3, r3, r5\n\t"                                          \
        "vst43.8 {q0, q1, q2, q3}, [r11]!\n\t"                                                                         \
        "le lr, 1b\n\t"                                                                                                \
        : /* none */                                                                                                   \
        : [plane] "m"((s).plane), [left] "m"((s).left), [count] "m"((s).count), [channel] "m"((s).channel), "m"(s)     \
        : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r8", "r9", "r10", "r11", "r12", "lr", "q0", "q1", "q2", "q3",     \
          "cc", "memory")

static inline void tc_depthwise_interleave(const tc_source *from, int32_t kernel_h, int32_t words)
{
    tc_source s = *from;
    for (int32_t k = kernel_h; k > 0; k -= ROWS, s.plane++, s.words += words) {
        if (k > 3) {
            TC_DEPTHWISE_INTERLEAVE(s, "vpstttt", "vldrbt.u8 q3, [r4]\n\t", "add r4, r4, r12\n\t");
        } else {
            TC_DEPTHWISE_INTERLEAVE(s, "vpsttt", "", "");
        }
    }
}

/* One channel of both pixels: addresses in q4 and q5. Sums to s0 and s1. */
#define TC_DEPTHWISE_CHANNEL_1(s0, s1)                                                                                 \
    "vldrb.u8 q2, [r5], #16\n\t"                                                                                       \
    "vldrw.u32 q0, [q4, #4]!\n\t"                                                                                      \
    "vmladav.s8 " s0 ", q0, q2\n\t"                                                                                    \
    "vldrw.u32 q1, [q5, #4]!\n\t"                                                                                      \
    "vmladav.s8 " s1 ", q1, q2\n\t"

/* 16 taps of one channel: bases in r9 and r11, offsets in q. */
#define TC_DEPTHWISE_TAPS(mac, q, s0, s1)                                                                              \
    "vldrb.u8 q2, [r5], #16\n\t"                                                                                       \
    "vldrw.u32 q0, [r9, " q "]\n\t" mac " " s0 ", q0, q2\n\t"                                                          \
    "vldrw.u32 q1, [r11, " q "]\n\t" mac " " s1 ", q1, q2\n\t"
#define TC_DEPTHWISE_NEXT_CHANNEL "add r9, r9, #4\n\tadd r11, r11, #4\n\t"
#define TC_DEPTHWISE_CHANNEL_2(s0, s1)                                                                                 \
    TC_DEPTHWISE_TAPS("vmladav.s8", "q4", s0, s1)                                                                      \
    TC_DEPTHWISE_TAPS("vmladava.s8", "q5", s0, s1) TC_DEPTHWISE_NEXT_CHANNEL
#define TC_DEPTHWISE_CHANNEL_3(s0, s1)                                                                                 \
    TC_DEPTHWISE_TAPS("vmladav.s8", "q4", s0, s1)                                                                      \
    TC_DEPTHWISE_TAPS("vmladava.s8", "q5", s0, s1)                                                                     \
    TC_DEPTHWISE_TAPS("vmladava.s8", "q6", s0, s1) TC_DEPTHWISE_NEXT_CHANNEL
#define TC_DEPTHWISE_CHANNEL_4(s0, s1)                                                                                 \
    TC_DEPTHWISE_TAPS("vmladav.s8", "q4", s0, s1)                                                                      \
    TC_DEPTHWISE_TAPS("vmladava.s8", "q5", s0, s1)                                                                     \
    TC_DEPTHWISE_TAPS("vmladava.s8", "q6", s0, s1)                                                                     \
    TC_DEPTHWISE_TAPS("vmladava.s8", "q7", s0, s1) TC_DEPTHWISE_NEXT_CHANNEL

/* The same of one pixel, one vector. */
#define TC_DEPTHWISE_LONE_CHANNEL(s0)                                                                                  \
    "vldrb.u8 q2, [r5], #16\n\t"                                                                                       \
    "vldrw.u32 q0, [q4, #4]!\n\t"                                                                                      \
    "vmladav.s8 " s0 ", q0, q2\n\t"

#define TC_DEPTHWISE_START_1                                                                                           \
    "vldrw.u32 q3, [r7]\n\t"                                                                                           \
    "vadd.i32 q4, q3, r9\n\t"                                                                                          \
    "vadd.i32 q5, q3, r11\n\t"
#define TC_DEPTHWISE_START_2 "vldrw.u32 q4, [r7]\n\tvldrw.u32 q5, [r7, #16]\n\t"
#define TC_DEPTHWISE_START_3 TC_DEPTHWISE_START_2 "vldrw.u32 q6, [r7, #32]\n\t"
#define TC_DEPTHWISE_START_4 TC_DEPTHWISE_START_3 "vldrw.u32 q7, [r7, #48]\n\t"

#define TC_DEPTHWISE_PAIR(b, start, channel, subtract)                                                                 \
    __asm__ volatile("ldrd r9, r11, %[x]\n\t"                                                                          \
                     "ldr r7, %[taps]\n\t"                                                                             \
                     "ldr r5, %[weights]\n\t" start "ldrd r1, r3, %[out]\n\t"                                          \
                     "ldr r7, %[left]\n\t"                                                                             \
                     "1:\n\t" channel("r0", "r8") channel("r2", "r10") channel("r4", "r12") channel("r6", "lr")        \
                         TC_FINISH_HELD_MVE("q0", "q1", subtract)                                                      \
                     : /* none */                                                                                      \
                     : [x] "m"((b).x0), [out] "m"((b).out0), [left] "m"((b).left), [weights] "m"((b).weights),         \
                       [taps] "m"((b).taps), "m"(b)                                                                    \
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "q0",    \
                       "q1", "q2", "q3", "q4", "q5", "q6", "q7", "cc", "memory")

#define TC_DEPTHWISE_LONE(b, subtract)                                                                                 \
    __asm__ volatile(                                                                                                  \
        "ldr r1, %[x]\n\t"                                                                                             \
        "ldr r3, %[taps]\n\t"                                                                                          \
        "ldr r5, %[weights]\n\t"                                                                                       \
        "vldrw.u32 q3, [r3]\n\t"                                                                                       \
        "ldr r7, %[left]\n\t"                                                                                          \
        "vadd.i32 q4, q3, r1\n\t"                                                                                      \
        "ldr r1, %[out]\n\t"                                                                                           \
        "1:\n\t" TC_DEPTHWISE_LONE_CHANNEL("r0") TC_DEPTHWISE_LONE_CHANNEL("r2") TC_DEPTHWISE_LONE_CHANNEL("r4")       \
            TC_DEPTHWISE_LONE_CHANNEL("r6") TC_FINISH_LONE_MVE("vqrdmulh.s32", subtract)                               \
        : /* none */                                                                                                   \
        : [x] "m"((b).x0), [out] "m"((b).out0), [left] "m"((b).left), [weights] "m"((b).weights), [taps] "m"((b).taps) \
        : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "q0", "q1", "q2", "q3", "q4", "cc", "memory")

/* Some channels of `pixels` pixels, from where b says. */
static inline void tc_depthwise_finish_group(const tc_depthwise_mve_params *p, const tc_channels_mve *start,
                                             int32_t pixels)
{
    tc_channels_mve b = *start;
    const int32_t step = 2 * p->stride_w * p->group;
    if (p->vectors == 1) {
        for (; pixels >= 2; pixels -= 2) {
            if (p->is_signed) {
                TC_DEPTHWISE_PAIR(b, TC_DEPTHWISE_START_1, TC_DEPTHWISE_CHANNEL_1, TC_SUBTRACT_NEGATIVE_MVE);
            } else {
                TC_DEPTHWISE_PAIR(b, TC_DEPTHWISE_START_1, TC_DEPTHWISE_CHANNEL_1, TC_SUBTRACT_NOTHING_MVE);
            }
            b.x0 += step;
            b.x1 += step;
            b.out0 += 2 * p->channels;
            b.out1 += 2 * p->channels;
        }
        if (pixels == 0) {
            return;
        }
        if (p->is_signed) {
            TC_DEPTHWISE_LONE(b, TC_SUBTRACT_LONE_MVE);
        } else {
            TC_DEPTHWISE_LONE(b, "");
        }
        return;
    }
    for (; pixels > 0; pixels -= 2) {
        if (pixels == 1) {
            b.x1 = b.x0;
            b.out1 = b.out0;
        }
        if (p->vectors == 2) {
            TC_DEPTHWISE_PAIR(b, TC_DEPTHWISE_START_2, TC_DEPTHWISE_CHANNEL_2, TC_SUBTRACT_NEGATIVE_MVE);
        } else if (p->vectors == 3) {
            TC_DEPTHWISE_PAIR(b, TC_DEPTHWISE_START_3, TC_DEPTHWISE_CHANNEL_3, TC_SUBTRACT_NEGATIVE_MVE);
        } else {
            TC_DEPTHWISE_PAIR(b, TC_DEPTHWISE_START_4, TC_DEPTHWISE_CHANNEL_4, TC_SUBTRACT_NEGATIVE_MVE);
        }
        b.x0 += step;
        b.x1 += step;
        b.out0 += 2 * p->channels;
        b.out1 += 2 * p->channels;
    }
}

#else

/* Four rows bytewise interleaved. */
static inline void tc_depthwise_interleave(const tc_source *from, int32_t kernel_h, int32_t words)
{
    const tc_plane *plane = from->plane;
    for (int32_t k = 0; k < kernel_h; k += ROWS, plane++) {
        int8_t *to = (int8_t *)(from->words + k / ROWS * words);
        int32_t left = from->left;
        for (int32_t n = 0; n < from->count; n++, left -= from->less, to += ROWS * LANES) {
            int8x16x4_t v;
            for (int32_t i = 0; i < ROWS; i++) {
                const int8_t *x = plane->row[i] + from->channel + n * plane->step[i];
                v.val[i] = vldrbq_z_s8(x, vctp8q((uint32_t)left));
            }
            vst4q_s8(to, v);
        }
    }
}

/* Some channels of one pixel. x: words of its first channel; shift: what the taps are short of. */
static inline void tc_depthwise_finish_pixel(const tc_channels_mve *b, const int32_t *x, int8_t *out, int32_t vectors,
                                             int32_t shift, tc_rounding_mve rounding)
{
    const int32_t *w = b->weights;
    for (int32_t left = b->left; left > 0; left -= 4, out += 4) {
        int32_t sums[4] = {0, 0, 0, 0};
        for (int32_t c = 0; c < 4; c++, x++) {
            for (int32_t i = 0; i < vectors; i++, w += 4) {
                const uint32x4_t at = vaddq_n_u32(vldrwq_u32(b->taps + 4 * i), (uint32_t)shift);
                const int8x16_t v = vreinterpretq_s8_s32(vldrwq_gather_offset_s32(x, at));
                sums[c] = vmladavaq_s8(sums[c], v, vldrbq_s8((const int8_t *)w));
            }
        }
        const int32x4_t acc = vaddq_s32(vldrwq_s32(sums), vldrwq_s32(w));
        vstrbq_p_s32(out, tc_bytes_of_four_mve(acc, w + 4, 4, rounding), vctp32q((uint32_t)left));
        w += 16;
    }
}

/* Some channels of `pixels` pixels, from where b says. */
static inline void tc_depthwise_finish_group(const tc_depthwise_mve_params *p, const tc_channels_mve *b, int32_t pixels)
{
    const int32_t lone = p->vectors == 1;
    const tc_rounding_mve rounding = lone && !p->is_signed ? TC_POSITIVE_MVE : TC_SIGNED_MVE;
    for (int32_t i = 0; i < pixels; i++) {
        const int32_t *x = (const int32_t *)(b->x0 + i * p->stride_w * p->group);
        tc_depthwise_finish_pixel(b, x, b->out0 + i * p->channels, p->vectors, lone ? 4 : 0, rounding);
    }
}

#endif

/* What the planes hold beside the image: columns before and after the `inside` ones. */
static inline void tc_depthwise_fill_padding(const tc_depthwise_mve_params *p, uint32_t *to, int32_t before,
                                             int32_t inside, int32_t count)
{
    const uint32_t zero = 0x01010101u * (uint8_t)p->in_zp;
    const int32_t group = p->group;
    for (int32_t k = 0; k < p->kernel_h; k += ROWS, to += p->plane) {
        tc_depthwise_fill_words(to, zero, before * group);
        tc_depthwise_fill_words(to + (before + inside) * group, zero, (count - before - inside) * group);
    }
}

#endif

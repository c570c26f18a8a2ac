#define TC_MVE_BLOCKS
#include "tinyc/depthwise_conv2d.h"

enum { ROWS = 4, LANES = 16, MAX_ROWS = 16 };

/* Rows of the kernel by planes of four: where each starts, and which are padding. */
typedef struct {
    const int8_t *row[MAX_ROWS];
    uint32_t padding[MAX_ROWS / ROWS]; /* 0xFF in the bytes of rows that are padding; all ones: every row is */
} planes;

static void find_rows(const tc_depthwise_mve_params *p, const int8_t *const *rows, planes *found)
{
    for (int32_t k = 0; k < p->kernel_h; k += ROWS) {
        const int32_t n = tc_min(p->kernel_h - k, ROWS);
        const int8_t *any = NULL;
        uint32_t padding = 0;
        for (int32_t i = 0; i < n; i++) {
            any = rows[k + i] != NULL ? rows[k + i] : any;
        }
        for (int32_t i = 0; i < ROWS; i++) {
            const int8_t *row = i < n ? rows[k + i] : any;
            padding |= row == NULL ? 0xFFu << 8 * i : 0;
            found->row[k + i] = row == NULL ? any : row;
        }
        found->padding[k / ROWS] = any == NULL ? ~0u : padding;
    }
}

static void fill_words(uint32_t *to, uint32_t value, int32_t n)
{
    const uint32x4_t v = vdupq_n_u32(value);
    for (int32_t i = 0; i < n; i += 4) {
        vstrwq_p_u32(to + i, v, vctp32q((uint32_t)(n - i)));
    }
}

static void replace_bytes(uint32_t *to, uint32_t mask, uint32_t value, int32_t n)
{
    const uint32x4_t m = vdupq_n_u32(mask), v = vdupq_n_u32(value & mask);
    for (int32_t i = 0; i < n; i += 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)(n - i));
        vstrwq_p_u32(to + i, vorrq_u32(vbicq_u32(vldrwq_z_u32(to + i, lanes), m), v), lanes);
    }
}

/* Where the interleaved bytes come from: `count` times 16 bytes, `step` apart, `left` of them, `less` fewer each time.
 */
typedef struct {
    int32_t count;
    int32_t step;
    int32_t left;
    int32_t less;
} tc_source;

/* Four rows (or three, and anything) bytewise interleaved. */
static inline void interleave(const int8_t *const *row, int32_t at, int32_t rows, tc_source s, uint32_t *to)
{
    const int8_t *a = row[0] + at, *b = row[1] + at, *c = row[2] + at, *d = row[3] + at;
    int32_t left = s.left;
    if (s.count <= 0) {
        return;
    }
    if (rows > 3) {
        __asm__ volatile("dls lr, %[count]\n\t"
                         "1:\n\t"
                         "vctp.8 %[left]\n\t"
                         "vpstttt\n\t"
                         "vldrbt.u8 q0, [%[a]]\n\t"
                         "vldrbt.u8 q1, [%[b]]\n\t"
                         "vldrbt.u8 q2, [%[c]]\n\t"
                         "vldrbt.u8 q3, [%[d]]\n\t"
                         "add %[a], %[a], %[step]\n\t"
                         "vst40.8 {q0, q1, q2, q3}, [%[to]]\n\t"
                         "add %[b], %[b], %[step]\n\t"
                         "vst41.8 {q0, q1, q2, q3}, [%[to]]\n\t"
                         "add %[c], %[c], %[step]\n\t"
                         "vst42.8 {q0, q1, q2, q3}, [%[to]]\n\t"
                         "add %[d], %[d], %[step]\n\t"
                         "vst43.8 {q0, q1, q2, q3}, [%[to]]!\n\t"
                         "sub %[left], %[left], %[less]\n\t"
                         "le lr, 1b\n\t"
                         : [a] "+&r"(a), [b] "+&r"(b), [c] "+&r"(c), [d] "+&r"(d), [to] "+&r"(to), [left] "+&r"(left)
                         : [count] "r"(s.count), [step] "r"(s.step), [less] "r"(s.less)
                         : "lr", "q0", "q1", "q2", "q3", "cc", "memory");
    } else {
        __asm__ volatile("dls lr, %[count]\n\t"
                         "1:\n\t"
                         "vctp.8 %[left]\n\t"
                         "vpsttt\n\t"
                         "vldrbt.u8 q0, [%[a]]\n\t"
                         "vldrbt.u8 q1, [%[b]]\n\t"
                         "vldrbt.u8 q2, [%[c]]\n\t"
                         "add %[a], %[a], %[step]\n\t"
                         "vst40.8 {q0, q1, q2, q3}, [%[to]]\n\t"
                         "add %[b], %[b], %[step]\n\t"
                         "vst41.8 {q0, q1, q2, q3}, [%[to]]\n\t"
                         "add %[c], %[c], %[step]\n\t"
                         "vst42.8 {q0, q1, q2, q3}, [%[to]]\n\t"
                         "sub %[left], %[left], %[less]\n\t"
                         "vst43.8 {q0, q1, q2, q3}, [%[to]]!\n\t"
                         "le lr, 1b\n\t"
                         : [a] "+&r"(a), [b] "+&r"(b), [c] "+&r"(c), [to] "+&r"(to), [left] "+&r"(left)
                         : [count] "r"(s.count), [step] "r"(s.step), [less] "r"(s.less)
                         : "lr", "q0", "q1", "q2", "q3", "cc", "memory");
    }
}

/* What the assembly below keeps on the stack: it uses all registers but sp. */
typedef struct {
    const uint32_t *x0; /* words of the group's first channel, under the kernel's first column */
    const uint32_t *x1;
    int8_t *out0;
    int8_t *out1;
    int32_t left; /* channels to do, >= 1 */
    const int32_t *weights;
    const uint32_t *taps;
} tc_pair;

/* One channel of both pixels: addresses in q4 and q5. Sums to s0 and s1. */
#define CHANNEL_1(s0, s1)                                                                                              \
    "vldrb.u8 q2, [r5], #16\n\t"                                                                                       \
    "vldrw.u32 q0, [q4, #4]!\n\t"                                                                                      \
    "vmladav.s8 " s0 ", q0, q2\n\t"                                                                                    \
    "vldrw.u32 q1, [q5, #4]!\n\t"                                                                                      \
    "vmladav.s8 " s1 ", q1, q2\n\t"

/* 16 taps of one channel: bases in r9 and r11, offsets in q. */
#define TAPS(mac, q, s0, s1)                                                                                           \
    "vldrb.u8 q2, [r5], #16\n\t"                                                                                       \
    "vldrw.u32 q0, [r9, " q "]\n\t" mac " " s0 ", q0, q2\n\t"                                                          \
    "vldrw.u32 q1, [r11, " q "]\n\t" mac " " s1 ", q1, q2\n\t"
#define NEXT_CHANNEL "add r9, r9, #4\n\tadd r11, r11, #4\n\t"
#define CHANNEL_2(s0, s1) TAPS("vmladav.s8", "q4", s0, s1) TAPS("vmladava.s8", "q5", s0, s1) NEXT_CHANNEL
#define CHANNEL_3(s0, s1)                                                                                              \
    TAPS("vmladav.s8", "q4", s0, s1)                                                                                   \
    TAPS("vmladava.s8", "q5", s0, s1) TAPS("vmladava.s8", "q6", s0, s1) NEXT_CHANNEL
#define CHANNEL_4(s0, s1)                                                                                              \
    TAPS("vmladav.s8", "q4", s0, s1)                                                                                   \
    TAPS("vmladava.s8", "q5", s0, s1)                                                                                  \
    TAPS("vmladava.s8", "q6", s0, s1) TAPS("vmladava.s8", "q7", s0, s1) NEXT_CHANNEL

#define START_1                                                                                                        \
    "vldrw.u32 q3, [r7]\n\t"                                                                                           \
    "vadd.i32 q4, q3, r9\n\t"                                                                                          \
    "vadd.i32 q5, q3, r11\n\t"
#define START_2 "vldrw.u32 q4, [r7]\n\tvldrw.u32 q5, [r7, #16]\n\t"
#define START_3 START_2 "vldrw.u32 q6, [r7, #32]\n\t"
#define START_4 START_3 "vldrw.u32 q7, [r7, #48]\n\t"

#define PAIR(b, start, channel, subtract)                                                                              \
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

/* `channels` channels of `pixels` pixels, whose words are in `words`. */
static __attribute__((noinline)) void finish_group(const tc_depthwise_mve_params *p, const uint32_t *words,
                                                   const uint32_t *taps, const int32_t *weights, int8_t *out,
                                                   int32_t channels, int32_t pixels)
{
    const int32_t step = p->stride_w * p->group;
    tc_pair b = {words, words + step, out, out + p->channels, channels, weights, taps};
    for (int32_t i = 0; i < pixels; i += 2) {
        if (i + 1 == pixels) {
            b.x1 = b.x0;
            b.out1 = b.out0;
        }
        if (p->vectors == 1 && !p->is_signed) {
            PAIR(b, START_1, CHANNEL_1, TC_SUBTRACT_NOTHING_MVE);
        } else if (p->vectors == 1) {
            PAIR(b, START_1, CHANNEL_1, TC_SUBTRACT_NEGATIVE_MVE);
        } else if (p->vectors == 2) {
            PAIR(b, START_2, CHANNEL_2, TC_SUBTRACT_NEGATIVE_MVE);
        } else if (p->vectors == 3) {
            PAIR(b, START_3, CHANNEL_3, TC_SUBTRACT_NEGATIVE_MVE);
        } else {
            PAIR(b, START_4, CHANNEL_4, TC_SUBTRACT_NEGATIVE_MVE);
        }
        b.x0 += 2 * step;
        b.x1 += 2 * step;
        b.out0 += 2 * p->channels;
        b.out1 += 2 * p->channels;
    }
}

TC_KERNEL void tc_depthwise_conv2d_s8_mve(const tc_depthwise_mve_params *p, const int8_t *const *rows,
                                          const tc_span *cols, const int32_t *weights, const uint32_t *taps,
                                          int8_t *out, void *scratch)
{
    const int32_t all = p->channels;
    const int32_t group = p->group;
    const uint32_t zero = 0x01010101u * (uint8_t)p->in_zp;
    const int32_t extent = (p->kernel_w - 1) * p->dilation_w + 1;
    planes from;
    find_rows(p, rows, &from);
    for (int32_t ox = cols->begin; ox < cols->end;) {
        const int32_t n = tc_min(cols->end - ox, p->block);
        const int32_t ix = ox * p->stride_w - p->pad_left;
        const int32_t count = (n - 1) * p->stride_w + extent;
        const int32_t before = tc_min(tc_max(-ix, 0), count);
        const int32_t inside = tc_max(tc_min(p->in_w - ix, count), before) - before;
        const int32_t at = (ix + before - cols->origin) * all;
        const int32_t *w = weights;
        for (int32_t c = 0; c < all; c += group) {
            const int32_t channels = tc_min(all - c, group);
            const tc_source source =
                group < LANES ? (tc_source){(inside * group + LANES - 1) / LANES, LANES, inside * group, LANES}
                              : (tc_source){inside, all, channels, 0};
            uint32_t *to = scratch;
            for (int32_t k = 0; k < p->kernel_h; k += ROWS, to += p->plane) {
                const uint32_t padding = from.padding[k / ROWS];
                uint32_t *const first = to + before * group;
                if (padding == ~0u) {
                    fill_words(to, zero, count * group);
                    continue;
                }
                interleave(from.row + k, at + c, p->kernel_h - k, source, first);
                if (padding) {
                    replace_bytes(first, padding, zero, inside * group);
                }
                if (inside < count) {
                    fill_words(to, zero, before * group);
                    fill_words(first + inside * group, zero, (count - before - inside) * group);
                }
            }
            finish_group(p, scratch, taps, w, out + c, channels, n);
            w += ((channels + 3) >> 2) * p->block_words;
        }
        if (p->clamp) {
            const tc_matmul_mve m = {0, all, 0, 1, p->act_min, p->act_max};
            tc_clamp_mve(&m, out, n * all);
        }
        ox += n;
        out += n * all;
    }
}

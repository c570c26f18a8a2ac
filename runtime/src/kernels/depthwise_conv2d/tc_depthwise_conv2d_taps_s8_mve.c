#include "tinyc/depthwise_conv2d.h"
#include "tinyc/mve/blocks.h"

enum { LANES = 16 };

/* What the assembly below keeps on the stack: it uses all registers but sp and r7. */
typedef struct {
    const int8_t *const *taps;
    int32_t pairs; /* of taps */
    int32_t odd;   /* 1: and one more */
    int32_t channel;
    const int32_t *weights;
    int8_t *out;
} tc_pixel_taps;

#ifdef TC_MANY_REGISTERS

/* 16-bit sums of even (q2) and odd (q3) channels to the 32-bit ones: channels 0, 4, .. (q4), 2, 6, .. (q5), 1, 5, ..
 * (q6), 3, 7, .. (q7). */
#define WIDEN                                                                                                          \
    "vmovlb.s16 q0, q2\n\t"                                                                                            \
    "vmovlt.s16 q1, q2\n\t"                                                                                            \
    "vadd.i32 q4, q4, q0\n\t"                                                                                          \
    "vmovlb.s16 q0, q3\n\t"                                                                                            \
    "vadd.i32 q5, q5, q1\n\t"                                                                                          \
    "vmovlt.s16 q1, q3\n\t"                                                                                            \
    "vadd.i32 q6, q6, q0\n\t"                                                                                          \
    "vadd.i32 q7, q7, q1\n\t"

#define FOUR(op, with_load)                                                                                            \
    with_load("q0") op("q4", "q0") with_load("q1") op("q5", "q1") with_load("q2") op("q6", "q2") with_load("q3")       \
        op("q7", "q3")
#define LOAD(q) "vldrw.u32 " q ", [r5], #16\n\t"
#define MULTIPLY(x, q) "vqrdmulh.s32 " x ", " x ", " q "\n\t"
#define ADD(x, q) "vadd.i32 " x ", " x ", " q "\n\t"
#define SHIFT(x, q) "vqshl.s32 " x ", " x ", " q "\n\t"
#define SUBTRACT_NOTHING ""
#define SUBTRACT_NEGATIVE                                                                                              \
    "vshr.s32 q0, q4, #31\n\tvshr.s32 q1, q5, #31\n\tvshr.s32 q2, q6, #31\n\tvshr.s32 q3, q7, #31\n\t"                 \
    "vadd.i32 q4, q4, q0\n\tvadd.i32 q5, q5, q1\n\tvadd.i32 q6, q6, q2\n\tvadd.i32 q7, q7, q3\n\t"

/* 16 channels of one pixel. */
#define GROUP(b, subtract)                                                                                             \
    __asm__ volatile("ldrd r0, lr, %[taps]\n\t"                                                                        \
                     "ldrd r1, r3, %[odd]\n\t"                                                                         \
                     "ldr r5, %[weights]\n\t"                                                                          \
                     "vldrw.u32 q4, [r5], #16\n\t"                                                                     \
                     "vldrw.u32 q5, [r5], #16\n\t"                                                                     \
                     "vldrw.u32 q6, [r5], #16\n\t"                                                                     \
                     "vldrw.u32 q7, [r5], #16\n\t"                                                                     \
                     "wls lr, lr, 2f\n\t"                                                                              \
                     "1:\n\t"                                                                                          \
                     "ldrd r2, r4, [r0], #8\n\t"                                                                       \
                     "add r2, r2, r3\n\t"                                                                              \
                     "vldrb.u8 q0, [r2]\n\t"                                                                           \
                     "add r4, r4, r3\n\t"                                                                              \
                     "vldrb.u8 q1, [r5], #16\n\t"                                                                      \
                     "vmullb.s8 q2, q0, q1\n\t"                                                                        \
                     "vmullt.s8 q3, q0, q1\n\t"                                                                        \
                     "vldrb.u8 q0, [r4]\n\t"                                                                           \
                     "vldrb.u8 q1, [r5]\n\t"                                                                           \
                     "vmullb.s8 q1, q0, q1\n\t"                                                                        \
                     "vadd.i16 q2, q2, q1\n\t"                                                                         \
                     "vldrb.u8 q1, [r5], #16\n\t"                                                                      \
                     "vmullt.s8 q1, q0, q1\n\t"                                                                        \
                     "vadd.i16 q3, q3, q1\n\t" WIDEN "le lr, 1b\n\t"                                                   \
                     "2:\n\t"                                                                                          \
                     "cbz r1, 3f\n\t"                                                                                  \
                     "ldr r2, [r0]\n\t"                                                                                \
                     "add r2, r2, r3\n\t"                                                                              \
                     "vldrb.u8 q0, [r2]\n\t"                                                                           \
                     "vldrb.u8 q1, [r5], #16\n\t"                                                                      \
                     "vmullb.s8 q2, q0, q1\n\t"                                                                        \
                     "vmullt.s8 q3, q0, q1\n\t" WIDEN "3:\n\t"                                                         \
                     "ldr r1, %[out]\n\t" FOUR(MULTIPLY, LOAD) subtract FOUR(ADD, LOAD) FOUR(SHIFT, LOAD) /* */        \
                     "vshrnb.i32 q4, q4, #16\n\t"                                                                      \
                     "vshrnb.i32 q6, q6, #16\n\t"                                                                      \
                     "vshrnt.i32 q4, q5, #16\n\t"                                                                      \
                     "vshrnt.i32 q6, q7, #16\n\t"                                                                      \
                     "vshrnb.i16 q4, q4, #8\n\t"                                                                       \
                     "vshrnt.i16 q4, q6, #8\n\t"                                                                       \
                     "str r5, %[weights]\n\t"                                                                          \
                     "vstrb.8 q4, [r1]\n\t"                                                                            \
                     : [weights] "+m"((b).weights)                                                                     \
                     : [taps] "m"((b).taps), [odd] "m"((b).odd), [out] "m"((b).out), "m"(b)                            \
                     : "r0", "r1", "r2", "r3", "r4", "r5", "lr", "q0", "q1", "q2", "q3", "q4", "q5", "q6", "q7", "cc", \
                       "memory")

static inline void finish_group(tc_pixel_taps *b, int32_t is_signed)
{
    if (is_signed) {
        GROUP(*b, SUBTRACT_NEGATIVE);
    } else {
        GROUP(*b, SUBTRACT_NOTHING);
    }
}

#else

/* 16 channels of one pixel; sums are in the order of the weights. */
static inline void finish_group(tc_pixel_taps *b, int32_t is_signed)
{
    const int32_t *w = b->weights;
    const int32_t taps = 2 * b->pairs + b->odd;
    int32x4_t sums[4] = {vldrwq_s32(w), vldrwq_s32(w + 4), vldrwq_s32(w + 8), vldrwq_s32(w + 12)};
    w += LANES;
    for (int32_t i = 0; i < taps; i++, w += 4) {
        const int8x16_t x = vldrbq_s8(b->taps[i] + b->channel);
        const int8x16_t k = vldrbq_s8((const int8_t *)w);
        const int16x8_t even = vmullbq_int_s8(x, k);
        const int16x8_t odd = vmulltq_int_s8(x, k);
        sums[0] = vaddq_s32(sums[0], vmovlbq_s16(even));
        sums[1] = vaddq_s32(sums[1], vmovltq_s16(even));
        sums[2] = vaddq_s32(sums[2], vmovlbq_s16(odd));
        sums[3] = vaddq_s32(sums[3], vmovltq_s16(odd));
    }
    static const uint8_t first[4] = {0, 2, 1, 3};
    for (int32_t i = 0; i < 4; i++) {
        const uint32x4_t at = vidupq_n_u32(0, 4);
        const tc_rounding_mve rounding = is_signed ? TC_SIGNED_MVE : TC_POSITIVE_MVE;
        vstrbq_scatter_offset_s32(b->out + first[i], at, tc_bytes_of_four_mve(sums[i], w + 4 * i, LANES, rounding));
    }
    b->weights = w + 3 * LANES;
}

#endif

/* Where the taps of the pixel whose first column is ix are. */
static void find_taps(const tc_depthwise_taps_mve_params *p, const int8_t *const *rows, int32_t ix, int32_t origin,
                      const int8_t *padding, const int8_t **tap)
{
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int8_t *const row = rows[ky];
        int32_t x = ix;
        for (int32_t kx = 0; kx < p->kernel_w; kx++, x += p->dilation_w) {
            const int32_t inside = row != NULL && x >= 0 && x < p->in_w;
            *tap++ = inside ? row + (x - origin) * p->channels : padding;
        }
    }
}

static void move_taps(const int8_t **tap, int32_t count, uint32_t bytes)
{
    uint32_t *const address = (uint32_t *)(void *)tap;
    for (int32_t i = 0; i < count; i += 4) {
        const mve_pred16_t lanes = vctp32q((uint32_t)(count - i));
        vstrwq_p_u32(address + i, vaddq_n_u32(vldrwq_z_u32(address + i, lanes), bytes), lanes);
    }
}

TC_KERNEL TC_NO_FRAME_POINTER void tc_depthwise_conv2d_taps_s8_mve(const tc_depthwise_taps_mve_params *p,
                                                                   const int8_t *const *rows, const tc_span *cols,
                                                                   const int32_t *weights, const int8_t *padding,
                                                                   int8_t *out, void *scratch)
{
    const int32_t all = p->channels;
    const int8_t **const taps = scratch;
    const int32_t count = p->kernel_h * p->kernel_w;
    const int32_t extent = (p->kernel_w - 1) * p->dilation_w + 1;
    int32_t whole = 1;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        whole &= rows[ky] != NULL;
    }
    int32_t moves = 0; /* 1: the taps in scratch are those of the pixel before, all inside */
    for (int32_t ox = cols->begin; ox < cols->end; ox++, out += all) {
        const int32_t ix = ox * p->stride_w - p->pad_left;
        const int32_t inside = whole && ix >= 0 && ix + extent <= p->in_w;
        if (inside && moves) {
            move_taps(taps, count, (uint32_t)(p->stride_w * all));
        } else {
            find_taps(p, rows, ix, cols->origin, padding, taps);
        }
        moves = inside;
        tc_pixel_taps b = {taps, count >> 1, count & 1, 0, weights, out};
        for (int32_t left = all; left > 0; left -= LANES) {
            b.channel = tc_min(b.channel, all - LANES);
            b.out = out + b.channel;
            finish_group(&b, p->is_signed);
            b.channel += LANES;
        }
        if (p->clamp) {
            const tc_matmul_mve m = {0, all, 0, 1, p->act_min, p->act_max};
            tc_clamp_mve(&m, out, all);
        }
    }
}

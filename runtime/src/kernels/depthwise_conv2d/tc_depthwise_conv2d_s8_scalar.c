#include "tinyc/depthwise_conv2d.h"
#include "tinyc/scalar/blocks.h"

/* Channels that are summed at once: what the core has registers for. */
#ifdef __riscv
enum { TOGETHER = 4 };
#else
enum { TOGETHER = 2 };
#endif

/* One tap of two neighbouring pixels, or of one and the same. Scratch is aligned to 4 bytes, also where pointers are
 * longer. */
typedef struct __attribute__((packed, aligned(4))) {
    const int8_t *x0; /* first channel */
    const int8_t *x1;
} tap;

/* The taps of n pixels from the input's column ix0 on; of those outside the image, the pixel of padding. */
static void find_taps(const tc_depthwise_conv2d_scalar_params *p, const int8_t *const *rows, int32_t origin,
                      int32_t ix0, int32_t n, const int8_t *padding, tap *taps)
{
    const int32_t step = n == 2 ? p->stride_w : 0;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        const int8_t *row = rows[ky];
        for (int32_t kx = 0; kx < p->kernel_w; kx++, taps++) {
            const int32_t ix = ix0 + kx * p->dilation_w;
            const int32_t next = ix + step;
            const int32_t c = p->product.out_c;
            taps->x0 = row && (uint32_t)ix < (uint32_t)p->in_w ? row + (ix - origin) * c : padding;
            taps->x1 = row && (uint32_t)next < (uint32_t)p->in_w ? row + (next - origin) * c : padding;
        }
    }
}

/* The taps of the next two pixels, where all of them lie in the image as far as its columns go. */
static void move_taps(const tc_depthwise_conv2d_scalar_params *p, const int8_t *const *rows, tap *taps)
{
    const int32_t step = 2 * p->stride_w * p->product.out_c;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        tap *const end = taps + p->kernel_w;
        if (rows[ky] == NULL) {
            taps = end;
        }
        for (; taps != end; taps++) {
            taps->x0 += step;
            taps->x1 += step;
        }
    }
}

/* Sums of the channels [c, c + TOGETHER). sums: [TOGETHER][2]; w: bytes of the first of them, four per tap. */
__attribute__((noinline)) static void sum(int32_t *sums, const int32_t *start, const int8_t *w, const tap *t,
                                          const tap *end, int32_t c)
{
    int32_t a0 = start[0];
    int32_t b0 = start[1];
    int32_t a1 = a0;
    int32_t b1 = b0;
    if (TOGETHER == 2) {
        do {
            const int8_t *const x0 = t->x0;
            const int8_t *const x1 = t->x1;
            a0 += x0[c] * w[0];
            a1 += x1[c] * w[0];
            b0 += x0[c + 1] * w[1];
            b1 += x1[c + 1] * w[1];
            w += 4;
        } while (++t != end);
    } else {
        int32_t c0 = start[2];
        int32_t d0 = start[3];
        int32_t c1 = c0;
        int32_t d1 = d0;
        do {
            const int8_t *const x0 = t->x0 + c;
            const int8_t *const x1 = t->x1 + c;
            a0 += x0[0] * w[0];
            a1 += x1[0] * w[0];
            b0 += x0[1] * w[1];
            b1 += x1[1] * w[1];
            c0 += x0[2] * w[2];
            c1 += x1[2] * w[2];
            d0 += x0[3] * w[3];
            d1 += x1[3] * w[3];
            w += 4;
        } while (++t != end);
        sums[4] = c0;
        sums[5] = c1;
        sums[6] = d0;
        sums[7] = d1;
    }
    sums[0] = a0;
    sums[1] = a1;
    sums[2] = b0;
    sums[3] = b1;
}

/* All channels of n pixels, 1 or 2; a single one is computed twice. */
static void one_or_two_pixels(const tc_matmul_scalar *p, const tap *taps, const int32_t *weights, int8_t *out,
                              int32_t n)
{
    const tap *const end = taps + p->depth;
    tc_matmul_scalar product = *p;
    if (n == 1) {
        product.pitch = 0;
    }
    for (int32_t c = 0; c < p->out_c; c += 4) {
        const int32_t first = tc_min(c, p->out_c - 4);
        const int8_t *const w = (const int8_t *)(weights + 4);
        int32_t sums[8];
        for (int32_t i = 0; i < 4; i += TOGETHER) {
            sum(sums + 2 * i, weights + i, w + i, taps, end, first + i);
        }
        weights += 4 + p->depth;
        tc_finish_scalar(&product, sums, weights, out + first, 2, 1);
        weights += 5;
    }
}

TC_KERNEL TC_NO_FRAME_POINTER void tc_depthwise_conv2d_s8_scalar(const tc_depthwise_conv2d_scalar_params *p,
                                                                 const int8_t *const *rows, const tc_span *cols,
                                                                 const int32_t *weights, const int8_t *padding,
                                                                 int8_t *out, void *scratch)
{
    const int32_t pitch = p->product.pitch;
    const int32_t last_tap = (p->kernel_w - 1) * p->dilation_w + p->stride_w;
    int8_t *const first = out;
    int32_t inside = 0;
    for (int32_t ox = cols->begin; ox < cols->end; ox += 2, out += 2 * pitch) {
        const int32_t ix = ox * p->stride_w - p->pad_left;
        const int32_t n = tc_min(cols->end - ox, 2);
        const int32_t was_inside = inside;
        inside = n == 2 && ix >= 0 && ix + last_tap < p->in_w;
        if (was_inside && inside) {
            move_taps(p, rows, scratch);
        } else {
            find_taps(p, rows, cols->origin, ix, n, padding, scratch);
        }
        one_or_two_pixels(&p->product, scratch, weights, out, n);
    }
    tc_clamp_bytes_scalar(first, (cols->end - cols->begin) * pitch, p->product.act_min, p->product.act_max);
}

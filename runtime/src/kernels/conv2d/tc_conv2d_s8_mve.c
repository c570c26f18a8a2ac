#include "tinyc/conv2d.h"
#include "tinyc/mve/blocks.h"

/* n bytes, any alignment. */
static inline int8_t *copy(int8_t *to, const int8_t *from, int32_t n)
{
    int8_t *at = to;
    for (int32_t left = n; left > 0; left -= 16, at += 16, from += 16) {
        const mve_pred16_t lanes = vctp8q((uint32_t)left);
        vstrbq_p_s8(at, vldrbq_z_s8(from, lanes), lanes);
    }
    return to + n;
}

static inline int8_t *fill(int8_t *to, int32_t value, int32_t n)
{
    for (int32_t i = 0; i < n; i += 16) {
        vstrbq_p_s8(to + i, vdupq_n_s8((int8_t)value), vctp8q((uint32_t)(n - i)));
    }
    return to + n;
}

/* The pixel's depth bytes, lined up. ix: column of the input under the kernel's first. */
static void gather(const tc_conv2d_mve_params *p, const int8_t *const *rows, int32_t ix, int32_t origin, int8_t *to)
{
    const int32_t c = p->in_c;
    const int32_t last = ix + (p->kernel_w - 1) * p->dilation_w;
    if (ix >= 0 && last < p->in_w && p->dilation_w == 1) {
        const int32_t run = p->kernel_w * c;
        for (int32_t ky = 0; ky < p->kernel_h; ky++) {
            to = rows[ky] == NULL ? fill(to, p->in_zp, run) : copy(to, rows[ky] + (ix - origin) * c, run);
        }
        return;
    }
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        for (int32_t x = ix; x <= last; x += p->dilation_w) {
            const int32_t inside = rows[ky] != NULL && x >= 0 && x < p->in_w;
            to = inside ? copy(to, rows[ky] + (x - origin) * c, c) : fill(to, p->in_zp, c);
        }
    }
}

/* Two pixels inside the image, whose columns `bytes` apart begin at `at` of each row. run: bytes of a kernel row. */
static inline void gather_pair(const int8_t *const *rows, int32_t kernel_h, int32_t at, int32_t bytes, int32_t run,
                               int8_t *to, int32_t depth)
{
    int8_t *second = to + depth;
#ifdef TC_MANY_REGISTERS
    __asm__ volatile("vctp.8 %[run]\n\t"
                     "dls lr, %[count]\n\t"
                     "1:\n\t"
                     "ldr r2, [%[rows]], #4\n\t"
                     "add r2, r2, %[at]\n\t"
                     "add r4, r2, %[bytes]\n\t"
                     "vpstttt\n\t"
                     "vldrbt.u8 q0, [r2]\n\t"
                     "vldrbt.u8 q1, [r4]\n\t"
                     "vstrbt.8 q0, [%[to]]\n\t"
                     "vstrbt.8 q1, [%[second]]\n\t"
                     "add %[to], %[to], %[run]\n\t"
                     "add %[second], %[second], %[run]\n\t"
                     "le lr, 1b\n\t"
                     : [rows] "+&r"(rows), [to] "+&r"(to), [second] "+&r"(second)
                     : [run] "r"(run), [count] "r"(kernel_h), [at] "r"(at), [bytes] "r"(bytes)
                     : "r2", "r4", "lr", "q0", "q1", "memory");
#else
    for (int32_t ky = 0; ky < kernel_h; ky++) {
        to = copy(to, rows[ky] + at, run);
        second = copy(second, rows[ky] + at + bytes, run);
    }
#endif
}

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_s8_mve(const tc_conv2d_mve_params *p, const int8_t *const *rows,
                                                    const tc_span *cols, const int32_t *weights, int8_t *out,
                                                    void *scratch)
{
    const int32_t depth = p->product.depth;
    const int32_t bytes = p->stride_w * p->in_c; /* from pixel to pixel of a row */
    const int32_t run = p->kernel_w * p->in_c;
    const int32_t ix = cols->begin * p->stride_w - p->pad_left;
    const int32_t beyond = (cols->end - 1) * p->stride_w - p->pad_left + p->kernel_w;
    int32_t whole = p->dilation_w == 1; /* no row is padding, and kernel rows are contiguous */
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        whole &= rows[ky] != NULL;
    }
    if (p->kernel_h == 1 && whole && ix >= 0 && beyond <= p->in_w && run == depth) {
        tc_pixels_mve(&p->product, rows[0] + (ix - cols->origin) * p->in_c, bytes, weights, out,
                      cols->end - cols->begin);
        return;
    }
    for (int32_t ox = cols->begin; ox < cols->end;) {
        const int32_t n = tc_min(cols->end - ox, p->block);
        int8_t *to = scratch;
        int32_t x = ox * p->stride_w - p->pad_left;
        for (int32_t i = 0; i < n;) {
            if (whole && run <= 16 && n - i >= 2 && x >= 0 && x + p->stride_w + p->kernel_w <= p->in_w) {
                gather_pair(rows, p->kernel_h, (x - cols->origin) * p->in_c, bytes, run, to, depth);
                i += 2;
                to += 2 * depth;
                x += 2 * p->stride_w;
            } else {
                gather(p, rows, x, cols->origin, to);
                i++;
                to += depth;
                x += p->stride_w;
            }
        }
        tc_pixels_mve(&p->product, scratch, depth, weights, out, n);
        ox += n;
        out += n * p->product.out_c;
    }
}

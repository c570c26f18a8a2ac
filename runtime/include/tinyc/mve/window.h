/* What a convolution by the blocks of mve/matmul.h reads of an image, pixel by pixel. */
#ifndef TINYC_MVE_WINDOW_H
#define TINYC_MVE_WINDOW_H

#include "tinyc/conv2d.h"
#include "tinyc/mve/blocks.h"

/* n bytes, any alignment. */
static inline int8_t *tc_copy_mve(int8_t *to, const int8_t *from, int32_t n)
{
    int8_t *at = to;
    for (int32_t left = n; left > 0; left -= 16, at += 16, from += 16) {
        const mve_pred16_t lanes = vctp8q((uint32_t)left);
        vstrbq_p_s8(at, vldrbq_z_s8(from, lanes), lanes);
    }
    return to + n;
}

static inline int8_t *tc_fill_mve(int8_t *to, int32_t value, int32_t n)
{
    for (int32_t i = 0; i < n; i += 16) {
        vstrbq_p_s8(to + i, vdupq_n_s8((int8_t)value), vctp8q((uint32_t)(n - i)));
    }
    return to + n;
}

/* The pixel's depth bytes, lined up. ix: column of the input under the kernel's first. */
__attribute__((unused)) static void tc_gather_mve(const tc_conv2d_mve_params *p, const int8_t *const *rows, int32_t ix,
                                                  int32_t origin, int8_t *to)
{
    const int32_t c = p->in_c;
    const int32_t last = ix + (p->kernel_w - 1) * p->dilation_w;
    if (ix >= 0 && last < p->in_w && p->dilation_w == 1) {
        const int32_t run = p->kernel_w * c;
        for (int32_t ky = 0; ky < p->kernel_h; ky++) {
            to = rows[ky] == NULL ? tc_fill_mve(to, p->in_zp, run) : tc_copy_mve(to, rows[ky] + (ix - origin) * c, run);
        }
        return;
    }
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        for (int32_t x = ix; x <= last; x += p->dilation_w) {
            const int32_t inside = rows[ky] != NULL && x >= 0 && x < p->in_w;
            to = inside ? tc_copy_mve(to, rows[ky] + (x - origin) * c, c) : tc_fill_mve(to, p->in_zp, c);
        }
    }
}

/* Two pixels inside the image, whose columns `bytes` apart begin at `at` of each row. run: bytes of a kernel row. */
static inline void tc_gather_pair_mve(const int8_t *const *rows, int32_t kernel_h, int32_t at, int32_t bytes,
                                      int32_t run, int8_t *to, int32_t depth)
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
        to = tc_copy_mve(to, rows[ky] + at, run);
        second = tc_copy_mve(second, rows[ky] + at + bytes, run);
    }
#endif
}

#endif

#define TC_MVE_BLOCKS
#include "tinyc/conv2d.h"

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

TC_KERNEL void tc_conv2d_s8_mve(const tc_conv2d_mve_params *p, const int8_t *const *rows, const tc_span *cols,
                                const int32_t *weights, int8_t *out, void *scratch)
{
    const int32_t depth = p->product.depth;
    int8_t *const pixels = scratch;
    for (int32_t ox = cols->begin; ox < cols->end;) {
        const int32_t n = tc_min(cols->end - ox, p->block);
        for (int32_t i = 0; i < n; i++) {
            gather(p, rows, (ox + i) * p->stride_w - p->pad_left, cols->origin, pixels + i * depth);
        }
        tc_pixels_mve(&p->product, pixels, depth, weights, out, n);
        ox += n;
        out += n * p->product.out_c;
    }
}

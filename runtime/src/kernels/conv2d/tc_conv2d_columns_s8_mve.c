#include "tinyc/conv2d.h"
#include "tinyc/mve/blocks.h"

/* `count` columns of c bytes, which lie side by side, to places `pitch` bytes apart. */
static void copy_columns(int8_t *to, int32_t pitch, const int8_t *from, int32_t c, int32_t count)
{
    for (int32_t k = 0; k < c; k += 16) {
        const mve_pred16_t lanes = vctp8q((uint32_t)(c - k));
        const int8_t *x = from + k;
        int8_t *y = to + k;
        for (int32_t i = 0; i < count; i++, x += c, y += pitch) {
            vstrbq_p_s8(y, vldrbq_z_s8(x, lanes), lanes);
        }
    }
}

static void fill_columns(int8_t *to, int32_t pitch, int32_t value, int32_t c, int32_t count)
{
    const int8x16_t v = vdupq_n_s8((int8_t)value);
    for (int32_t i = 0; i < count; i++, to += pitch) {
        for (int32_t k = 0; k < c; k += 16) {
            vstrbq_p_s8(to + k, v, vctp8q((uint32_t)(c - k)));
        }
    }
}

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_columns_s8_mve(const tc_conv2d_mve_params *p, const int8_t *const *rows,
                                                            const tc_span *cols, const int32_t *weights, int8_t *out,
                                                            void *scratch)
{
    const int32_t c = p->in_c;
    const int32_t pitch = p->kernel_h * c;
    for (int32_t ox = cols->begin; ox < cols->end;) {
        const int32_t n = tc_min(cols->end - ox, p->block);
        const int32_t ix = ox * p->stride_w - p->pad_left;
        const int32_t count = (n - 1) * p->stride_w + p->kernel_w;
        const int32_t before = tc_min(tc_max(-ix, 0), count);
        const int32_t inside = tc_max(tc_min(p->in_w - ix, count), before) - before;
        int8_t *to = scratch;
        for (int32_t ky = 0; ky < p->kernel_h; ky++, to += c) {
            if (rows[ky] == NULL) {
                fill_columns(to, pitch, p->in_zp, c, count);
                continue;
            }
            copy_columns(to + before * pitch, pitch, rows[ky] + (ix + before - cols->origin) * c, c, inside);
            if (inside < count) {
                fill_columns(to, pitch, p->in_zp, c, before);
                fill_columns(to + (before + inside) * pitch, pitch, p->in_zp, c, count - before - inside);
            }
        }
        tc_pixels_mve(&p->product, scratch, p->stride_w * pitch, weights, out, n);
        ox += n;
        out += n * p->product.out_c;
    }
}

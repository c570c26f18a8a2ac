#include "tinyc/mve/ternary_quads.h"

/* Columns of c bytes, `from` and `to` bytes apart; those of padding are `from` 0 bytes apart. */
static void line_up(int8_t *y, int32_t to, const int8_t *x, int32_t from, int32_t c, int32_t count)
{
    int32_t k = 0;
    for (; k + 16 <= c; k += 16) {
        for (int32_t i = 0; i < count; i++) {
            vstrbq_s8(y + i * to + k, vldrbq_s8(x + i * from + k));
        }
    }
    if (k < c) {
        const mve_pred16_t lanes = vctp8q((uint32_t)(c - k));
        for (int32_t i = 0; i < count; i++) {
            vstrbq_p_s8(y + i * to + k, vldrbq_z_s8(x + i * from + k, lanes), lanes);
        }
    }
}

static void fill(int8_t *y, int32_t to, int32_t value, int32_t c, int32_t count)
{
    const int8x16_t v = vdupq_n_s8((int8_t)value);
    for (int32_t i = 0; i < count; i++, y += to) {
        for (int32_t k = 0; k < c; k += 16) {
            vstrbq_p_s8(y + k, v, vctp8q((uint32_t)(c - k)));
        }
    }
}

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_ternary_s8_mve(const tc_conv2d_ternary_mve_params *p,
                                                            const int8_t *const *rows, const tc_span *cols,
                                                            const int8_t *codes, const int32_t *channels, int8_t *out,
                                                            void *scratch)
{
    const int32_t c = p->in_c;
    const int32_t column = p->kernel_h * c;
    int8_t *const line = (int8_t *)scratch + ((p->block - 1) * p->stride_w + p->kernel_w) * column;
    for (int32_t ox = cols->begin; ox < cols->end;) {
        const int32_t n = tc_min(cols->end - ox, p->block);
        const int32_t ix = ox * p->stride_w - p->pad_left;
        const int32_t count = (n - 1) * p->stride_w + p->kernel_w;
        const int32_t before = tc_min(tc_max(-ix, 0), count);
        const int32_t inside = tc_max(tc_min(p->in_w - ix, count), before) - before;
        int8_t *to = scratch;
        for (int32_t ky = 0; ky < p->kernel_h; ky++, to += c) {
            if (rows[ky] == NULL) {
                fill(to, column, p->in_zp, c, count);
                continue;
            }
            line_up(to + before * column, column, rows[ky] + (ix + before - cols->origin) * c, c, c, inside);
            if (inside < count) {
                fill(to, column, p->in_zp, c, before);
                fill(to + (before + inside) * column, column, p->in_zp, c, count - before - inside);
            }
        }
        tc_ternary_quads_mve(&p->product, scratch, p->stride_w * column, codes, channels, out, n, line);
        ox += n;
        out += n * p->product.out_c;
    }
}

#include <string.h>

#include "tinyc/conv2d.h"

/* `count` columns of c bytes. Steps: bytes from column to column. */
static void copy_columns(int8_t *to, int32_t to_step, const int8_t *from, int32_t from_step, int32_t c, int32_t count)
{
    const uintptr_t all = (uintptr_t)to | (uintptr_t)from | (uintptr_t)(uint32_t)(to_step | from_step | c);
    for (; count > 0; count--, to += to_step, from += from_step) {
        int8_t *y = to;
        const int8_t *x = from;
        int8_t *const end = to + c;
        if (all % 4 == 0) {
            do {
                memcpy(__builtin_assume_aligned(y, 4), __builtin_assume_aligned(x, 4), 4);
                y += 4;
                x += 4;
            } while (y != end);
        } else {
            do {
                *y++ = *x++;
            } while (y != end);
        }
    }
}

static void fill_columns(int8_t *to, int32_t to_step, int32_t value, int32_t c, int32_t count)
{
    for (; count > 0; count--, to += to_step) {
        for (int32_t i = 0; i < c; i++) {
            to[i] = (int8_t)value;
        }
    }
}

/* `count` neighbouring columns of a group from column ix of the image on; channel: the group's first. */
static void gather(const tc_conv2d_scalar_params *p, const int8_t *const *rows, int32_t origin, int32_t channel,
                   int8_t *to, int32_t ix, int32_t count)
{
    const int32_t c = p->group_c;
    const int32_t pitch = p->kernel_h * c;
    const int32_t before = tc_min(tc_max(-ix, 0), count);
    const int32_t inside = tc_max(tc_min(p->in_w - ix, count), before) - before;
    for (int32_t ky = 0; ky < p->kernel_h; ky++, to += c) {
        if (rows[ky] == NULL) {
            fill_columns(to, pitch, p->in_zp, c, count);
            continue;
        }
        fill_columns(to, pitch, p->in_zp, c, before);
        if (inside > 0) {
            const int8_t *from = rows[ky] + (ix + before - origin) * p->in_c + channel;
            copy_columns(to + before * pitch, pitch, from, p->in_c, c, inside);
        }
        fill_columns(to + (before + inside) * pitch, pitch, p->in_zp, c, count - before - inside);
    }
}

TC_KERNEL void tc_conv2d_s8_scalar(const tc_conv2d_scalar_params *p, const int8_t *const *rows, const tc_span *cols,
                                   const int32_t *weights, int8_t *out, void *scratch)
{
    const tc_matmul_scalar *product = &p->product;
    const int32_t pitch = p->kernel_h * p->group_c;
    const int32_t shared = p->step < p->kernel_w;
    const int32_t neighbours = p->dilation_w == 1 ? p->kernel_w : 1;
    int8_t *const first = out;
    for (int32_t ox = cols->begin; ox < cols->end; ox += p->block) {
        const int32_t n = tc_min(cols->end - ox, p->block);
        const int32_t together = shared ? n : 1;
        const int32_t columns = neighbours + (together - 1) * p->stride_w;
        for (int32_t g = 0; g < p->groups; g++) {
            int8_t *to = scratch;
            for (int32_t i = 0; i < n; i += together) {
                for (int32_t kx = 0; kx < p->kernel_w; kx += neighbours, to += columns * pitch) {
                    const int32_t ix = (ox + i) * p->stride_w - p->pad_left + kx * p->dilation_w;
                    gather(p, rows, cols->origin, g * p->group_c, to, ix, columns);
                }
            }
            tc_pixels_scalar(product, scratch, p->step * pitch, weights + g * p->group_words, out + g * product->out_c,
                             n, 1);
        }
        out += n * product->pitch;
    }
    tc_clamp_bytes_scalar(first, (cols->end - cols->begin) * product->pitch, product->act_min, product->act_max);
}

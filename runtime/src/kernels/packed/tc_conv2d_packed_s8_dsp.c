#include "tinyc/dsp/clamp.h"
#include "tinyc/dsp/packed.h"
#include "tinyc/dsp/window.h"
#include "tinyc/packed.h"

/* Columns of n pixels from ix0 of the input on. lines: scratch where channels are no multiple of 4. */
static void widen(const tc_window_dsp *w, int16_t *columns, int8_t *lines, int32_t ix0, int32_t n,
                  const int8_t *padding)
{
    const tc_conv2d_dsp_params *p = w->p;
    const int32_t depth = p->product.depth;
    if (!p->lines) {
        tc_gather_dsp(w, columns, ix0, n, padding);
        return;
    }
    for (int32_t i = 0; i < n; i++) {
        tc_line_up_dsp(w, lines + i * depth, ix0 + i * p->stride_w, padding);
    }
    if (n == 3) {
        tc_widen_3_dsp(columns, lines, lines + depth, lines + 2 * depth, depth);
    } else {
        tc_widen_2_dsp(columns, lines, n == 2 ? lines + depth : lines, depth);
    }
}

TC_KERNEL void tc_conv2d_packed_s8_dsp(const tc_conv2d_dsp_params *p, const tc_levels *levels,
                                       const int8_t *const *rows, const tc_span *cols, const int32_t *weights,
                                       const int8_t *padding, int8_t *out, void *scratch)
{
    const tc_window_dsp w = {p, rows, cols->origin};
    const int32_t out_c = p->product.out_c;
    int16_t *const columns = (int16_t *)scratch + tc_line_dsp(&p->product, levels) / 2;
    int8_t *const lines = (int8_t *)(columns + p->product.depth * (p->wide ? 3 : 2));
    tc_some_dsp some = tc_open_packed_dsp(&p->product, weights, scratch);
    for (int8_t *first = out; some.left > 0; first += some.advance) {
        tc_next_dsp(&some, levels);
        int8_t *to = first;
        for (int32_t ox = cols->begin; ox < cols->end;) {
            const int32_t n = p->wide ? tc_block_pixels_dsp(cols->end - ox) : tc_min(cols->end - ox, 2);
            widen(&w, columns, lines, ox * p->stride_w - p->pad_left, n, padding);
            tc_matmul_block_dsp(&some.product, columns, some.unpacked, to, tc_max(n, 2), n == 1 ? 0 : out_c);
            to += n * out_c;
            ox += n;
        }
    }
    tc_clamp_bytes_dsp(out, (cols->end - cols->begin) * out_c, p->act_min, p->act_max);
}

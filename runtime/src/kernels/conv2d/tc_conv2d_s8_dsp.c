#include "tinyc/conv2d.h"
#include "tinyc/dsp/blocks.h"
#include "tinyc/dsp/clamp.h"
#include "tinyc/dsp/window.h"

TC_KERNEL void tc_conv2d_s8_dsp(const tc_conv2d_dsp_params *p, const int8_t *const *rows, const tc_span *cols,
                                const int32_t *weights, const int8_t *padding, int8_t *out, void *scratch)
{
    const tc_window_dsp w = {p, rows, cols->origin};
    const int32_t out_c = p->product.out_c;
    const int32_t depth = p->product.depth;
    int16_t *const columns = scratch;
    int8_t *const first = out;
    int8_t *const lines = (int8_t *)(columns + depth * (p->wide ? 3 : 2));
    for (int32_t ox = cols->begin; ox < cols->end;) {
        const int32_t n = p->wide ? tc_block_pixels_dsp(cols->end - ox) : tc_min(cols->end - ox, 2);
        const int32_t ix0 = ox * p->stride_w - p->pad_left;
        if (p->lines) {
            for (int32_t i = 0; i < n; i++) {
                tc_line_up_dsp(&w, lines + i * depth, ix0 + i * p->stride_w, padding);
            }
            if (n == 3) {
                tc_widen_3_dsp(columns, lines, lines + depth, lines + 2 * depth, depth);
            } else {
                tc_widen_2_dsp(columns, lines, n == 2 ? lines + depth : lines, depth);
            }
        } else {
            tc_gather_dsp(&w, columns, ix0, n, padding);
        }
        tc_matmul_block_dsp(&p->product, columns, weights, out, tc_max(n, 2), n == 1 ? 0 : out_c);
        out += n * out_c;
        ox += n;
    }
    tc_clamp_bytes_dsp(first, (cols->end - cols->begin) * out_c, p->act_min, p->act_max);
}

#include "tinyc/dsp/clamp.h"
#include "tinyc/dsp/columns.h"
#include "tinyc/dsp/packed.h"
#include "tinyc/packed.h"

TC_KERNEL void tc_conv2d_1x1_packed_s8_dsp(const tc_conv2d_1x1_dsp_params *p, const tc_levels *levels, const int8_t *in,
                                           const int32_t *weights, int8_t *out, int32_t pixels, void *scratch)
{
    const int32_t in_c = p->in_c;
    const int32_t out_c = p->product.out_c;
    int16_t *const columns = (int16_t *)scratch + tc_line_dsp(&p->product, levels) / 2;
    tc_some_dsp some = tc_open_packed_dsp(&p->product, weights, scratch);
    for (int8_t *first = out; some.left > 0; first += some.advance) {
        tc_next_dsp(&some, levels);
        const int8_t *x = in;
        int8_t *to = first;
        for (int32_t left = pixels; left > 0;) {
            const int32_t n = p->wide ? tc_block_pixels_dsp(left) : tc_min(left, 2);
            if (n == 3) {
                tc_widen_3_dsp(columns, x, x + in_c, x + 2 * in_c, in_c);
            } else {
                tc_widen_2_dsp(columns, x, n == 2 ? x + in_c : x, in_c);
            }
            tc_matmul_block_dsp(&some.product, columns, some.unpacked, to, tc_max(n, 2), n == 1 ? 0 : out_c);
            x += n * in_c;
            to += n * out_c;
            left -= n;
        }
    }
    tc_clamp_bytes_dsp(out, pixels * out_c, p->act_min, p->act_max);
}

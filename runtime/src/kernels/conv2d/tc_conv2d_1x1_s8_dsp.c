#include "tinyc/conv2d.h"
#include "tinyc/dsp/blocks.h"
#include "tinyc/dsp/clamp.h"
#include "tinyc/dsp/columns.h"

TC_KERNEL void tc_conv2d_1x1_s8_dsp(const tc_conv2d_1x1_dsp_params *p, const int8_t *in, const int32_t *weights,
                                    int8_t *out, int32_t pixels, void *scratch)
{
    const int32_t in_c = p->in_c;
    const int32_t out_c = p->product.out_c;
    int16_t *const columns = scratch;
    int8_t *const first = out;
    for (int32_t left = pixels; left > 0;) {
        const int32_t n = p->wide ? tc_block_pixels_dsp(left) : tc_min(left, 2);
        if (n == 3) {
            tc_widen_3_dsp(columns, in, in + in_c, in + 2 * in_c, in_c);
        } else {
            tc_widen_2_dsp(columns, in, n == 2 ? in + in_c : in, in_c);
        }
        tc_matmul_block_dsp(&p->product, columns, weights, out, tc_max(n, 2), n == 1 ? 0 : out_c);
        in += n * in_c;
        out += n * out_c;
        left -= n;
    }
    tc_clamp_bytes_dsp(first, pixels * out_c, p->act_min, p->act_max);
}

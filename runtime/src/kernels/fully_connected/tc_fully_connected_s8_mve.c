#include "tinyc/fully_connected.h"
#include "tinyc/mve/blocks.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_fully_connected_s8_mve(const tc_matmul_mve *p, const int8_t *in,
                                                             const int32_t *weights, int8_t *out, int32_t vectors)
{
    for (int32_t v = 0; v < vectors; v++) {
        tc_pixel_mve(p, in + v * p->depth, weights, out + v * p->out_c, TC_SIGNED_MVE);
    }
    if (p->clamp) {
        tc_clamp_mve(p, out, vectors * p->out_c);
    }
}

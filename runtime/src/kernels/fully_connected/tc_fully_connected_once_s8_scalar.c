#include "tinyc/fully_connected.h"
#include "tinyc/scalar/blocks.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_fully_connected_once_s8_scalar(const tc_matmul_scalar *p, const int8_t *in,
                                                                     const int32_t *weights, int8_t *out,
                                                                     int32_t vectors)
{
    tc_pixels_scalar(p, in, p->depth, weights, out, vectors, 0);
    tc_clamp_bytes_scalar(out, vectors * p->pitch, p->act_min, p->act_max);
}

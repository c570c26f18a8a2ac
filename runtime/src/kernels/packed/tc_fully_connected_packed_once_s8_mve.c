#include "tinyc/mve/packed.h"
#include "tinyc/packed.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_fully_connected_packed_once_s8_mve(const tc_matmul_mve *p,
                                                                         const tc_levels *levels, const int8_t *in,
                                                                         const int32_t *weights, int8_t *out,
                                                                         int32_t vectors, void *scratch)
{
    tc_packed_vectors_mve(p, levels, in, weights, out, vectors, scratch, TC_ONCE_MVE);
}

#include "tinyc/mve/packed.h"
#include "tinyc/packed.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_fully_connected_packed_s8_mve(const tc_matmul_mve *p, const tc_levels *levels,
                                                                    const int8_t *in, const int32_t *weights,
                                                                    int8_t *out, int32_t vectors, void *scratch)
{
    if (p->is_signed) {
        tc_packed_vectors_mve(p, levels, in, weights, out, vectors, scratch, TC_SIGNED_MVE);
    } else {
        tc_packed_vectors_mve(p, levels, in, weights, out, vectors, scratch, TC_POSITIVE_MVE);
    }
}

#include "tinyc/thumb2/ternary_vector.h"

TC_KERNEL void tc_fully_connected_ternary_once_s8_thumb2(const tc_fully_connected_ternary_thumb2_params *p,
                                                         const int8_t *in, const int8_t *codes, const int32_t *channels,
                                                         const uint8_t *scales, int8_t *out, int32_t vectors)
{
    tc_ternary_vectors_thumb2(p, in, codes, channels, scales, out, vectors, 0);
}

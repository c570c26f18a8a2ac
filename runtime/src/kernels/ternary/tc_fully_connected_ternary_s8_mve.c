#include "tinyc/mve/ternary_vector.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_fully_connected_ternary_s8_mve(const tc_fully_connected_ternary_mve_params *p,
                                                                     const int8_t *in, const int8_t *codes,
                                                                     const int32_t *channels, const int8_t *scales,
                                                                     int8_t *out, int32_t vectors)
{
    tc_ternary_vectors_mve(p, in, codes, channels, scales, out, vectors, 1);
}

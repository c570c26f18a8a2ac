#include "tinyc/dsp/ternary_vector.h"

TC_KERNEL void tc_fully_connected_ternary_once_s8_dsp(const tc_fully_connected_ternary_dsp_params *p, const int8_t *in,
                                                      const uint32_t *codes, const int32_t *channels,
                                                      const uint8_t *scales, int8_t *out, int32_t vectors,
                                                      void *scratch)
{
    tc_ternary_vectors_dsp(p, in, codes, channels, scales, out, vectors, scratch, 0);
}

#include "tinyc/rv32/ternary_vector.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_fully_connected_ternary_s8_rv32(const tc_fully_connected_ternary_params *p,
                                                                      const int8_t *in, const uint8_t *codes,
                                                                      const int32_t *channels, const uint8_t *scales,
                                                                      const uint8_t *rests, int8_t *out,
                                                                      int32_t vectors, void *scratch)
{
    tc_ternary_jumps(p, in, codes, channels, scales, rests, out, vectors, scratch, 1);
}

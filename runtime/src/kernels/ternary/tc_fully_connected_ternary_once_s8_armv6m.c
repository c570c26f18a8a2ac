#include "tinyc/scalar/digits_vector.h"

TC_KERNEL void tc_fully_connected_ternary_once_s8_armv6m(const tc_ternary_vector *p, const int8_t *in,
                                                         const uint8_t *codes, const int32_t *channels,
                                                         const uint8_t *scales, int8_t *out, int32_t vectors)
{
    tc_ternary_digits(p, in, codes, channels, scales, out, vectors, 0);
}

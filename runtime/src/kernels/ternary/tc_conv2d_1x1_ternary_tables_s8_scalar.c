#include "tinyc/scalar/ternary_tables.h"

TC_KERNEL void tc_conv2d_1x1_ternary_tables_s8_scalar(const tc_ternary_tables_params *p, const int8_t *in,
                                                      const uint8_t *codes, const int32_t *channels,
                                                      const uint8_t *magnitudes, const uint8_t *rests, int8_t *out,
                                                      int32_t pixels, void *scratch)
{
    const tc_ternary_weights w = {codes, channels, magnitudes, rests};
    tc_conv2d_1x1_ternary_tables(p, in, &w, out, pixels, scratch, 0);
}

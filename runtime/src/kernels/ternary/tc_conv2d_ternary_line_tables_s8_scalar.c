#include "tinyc/scalar/ternary_tables.h"

TC_KERNEL void tc_conv2d_ternary_line_tables_s8_scalar(const tc_ternary_tables_params *p, const int8_t *const *rows,
                                                       const tc_span *cols, const uint8_t *codes,
                                                       const int32_t *channels, const uint8_t *magnitudes,
                                                       const uint8_t *rests, const int8_t *padding, int8_t *out,
                                                       void *scratch)
{
    const tc_ternary_weights w = {codes, channels, magnitudes, rests};
    tc_conv2d_ternary_tables(p, rows, cols, &w, padding, out, scratch, 1);
}

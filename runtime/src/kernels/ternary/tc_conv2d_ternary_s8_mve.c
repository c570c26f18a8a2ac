#include "tinyc/mve/ternary_columns.h"
#include "tinyc/mve/ternary_quads.h"

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_ternary_s8_mve(const tc_conv2d_ternary_mve_params *p,
                                                            const int8_t *const *rows, const tc_span *cols,
                                                            const int8_t *codes, const int32_t *channels, int8_t *out,
                                                            void *scratch)
{
    tc_ternary_row_mve(p, tc_ternary_quads_mve, rows, cols, codes, channels, out, scratch);
}

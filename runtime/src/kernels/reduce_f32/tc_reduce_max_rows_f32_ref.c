#include "tinyc/reduce_f32.h"

TC_KERNEL void tc_reduce_max_rows_f32_ref(const tc_reduce_rows_f32_params *p, const float *row, int32_t y, float *out,
                                          float *state)
{
    tc_reduce_row_f32(p, row, y, out, state, NULL, tc_max_f32);
}

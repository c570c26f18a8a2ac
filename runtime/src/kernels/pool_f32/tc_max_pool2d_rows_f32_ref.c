#include "tinyc/pool_f32.h"
#include <float.h>

static inline float larger(float a, float b) { return b > a ? b : a; }

TC_KERNEL void tc_max_pool2d_rows_f32_ref(const tc_pool_f32_params *p, const float *row, int32_t y, float *out,
                                          float *state)
{
    tc_pool_row_f32(p, row, y, out, state, -FLT_MAX, larger, 0);
}

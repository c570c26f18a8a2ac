#include "tinyc/reduce_f32.h"

static inline float join(float found, float x) { return found + x; }

TC_KERNEL void tc_reduce_sum_rows_f32_ref(const tc_reduce_rows_f32_params *p, const float *row, int32_t y, float *out,
                                          float *state)
{
    static const float zero = 0.0f;
    tc_reduce_row_f32(p, row, y, out, state, &zero, join);
}

#include "tinyc/pool_f32.h"

static inline float add(float a, float b) { return a + b; }

TC_KERNEL void tc_average_pool2d_f32_ref(const tc_pool_f32_params *p, const float *const *rows, const tc_span *cols,
                                         float *out)
{
    tc_pool_f32(p, rows, cols, out, 0.0f, add, 1);
}

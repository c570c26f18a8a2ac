#include "tinyc/pool_f32.h"
#include <float.h>

static inline float larger(float a, float b) { return b > a ? b : a; }

TC_KERNEL void tc_max_pool2d_f32_ref(const tc_pool_f32_params *p, const float *const *rows, const tc_span *cols,
                                     float *out)
{
    tc_pool_f32(p, rows, cols, out, -FLT_MAX, larger, 0);
}

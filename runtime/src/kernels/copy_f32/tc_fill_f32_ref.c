#include "tinyc/copy_f32.h"

TC_KERNEL void tc_fill_f32_ref(const tc_fill_f32_params *p, float *out) { tc_put_float(out, p->value, p->n); }

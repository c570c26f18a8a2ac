#include "tinyc/copy.h"

TC_KERNEL void tc_fill_s8_ref(const tc_fill_params *p, int8_t *out) { tc_put_value(out, p->value, p->n); }

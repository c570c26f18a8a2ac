#include "tinyc/copy.h"

TC_KERNEL void tc_copy_bytes_ref(const tc_bytes_params *p, const void *in, void *out) { memcpy(out, in, (size_t)p->n); }

#include "tinyc/max.h"

TC_KERNEL void tc_min_vectors_s8_ref(const tc_max_vectors_params *p, const int8_t *in, int8_t *out, int32_t vectors)
{
    tc_most_of_vectors(p, in, out, vectors, tc_min);
}

#include "tinyc/pair.h"

TC_KERNEL void tc_maximum_s8_ref(const tc_pair *s, const int8_t *a, const int8_t *b, int8_t *out, int32_t n)
{
    const int32_t last = TC_PAIR_RANK - 1;
    tc_pair_run at = {0, 0, {0, 0, 0, 0}};
    for (int32_t left = tc_pair_runs(s, n); left > 0; left--) {
        for (int32_t i = 0; i < s->dims[last]; i++) {
            *out++ = (int8_t)tc_max(a[at.a + i * s->a_stride[last]], b[at.b + i * s->b_stride[last]]);
        }
        tc_pair_next(s, &at);
    }
}

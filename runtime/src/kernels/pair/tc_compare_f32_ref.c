#include "tinyc/pair.h"

static inline int8_t tc_compare_one(const tc_compare_f32_params *p, float a, float b)
{
    return (int8_t)(a < b ? p->less : a > b ? p->greater : a >= b ? p->equal : p->unordered);
}

TC_KERNEL void tc_compare_f32_ref(const tc_compare_f32_params *p, const tc_pair *s, const float *a, const float *b,
                                  int8_t *out, int32_t n)
{
    const int32_t a_stride = s->a_stride[TC_PAIR_RANK - 1];
    const int32_t b_stride = s->b_stride[TC_PAIR_RANK - 1];
    tc_pair_run at = {0, 0, {0, 0, 0, 0}};
    for (int32_t left = tc_pair_runs(s, n); left > 0; left--) {
        const float *x = a + at.a;
        const float *y = b + at.b;
        const int8_t *const end = out + s->dims[TC_PAIR_RANK - 1];
        for (; out != end; x += a_stride, y += b_stride) {
            *out++ = tc_compare_one(p, *x, *y);
        }
        tc_pair_next(s, &at);
    }
}

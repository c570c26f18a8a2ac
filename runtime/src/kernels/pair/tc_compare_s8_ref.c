#include "tinyc/pair.h"

static inline int8_t tc_compare_one(const tc_compare_params *p, int32_t a, int32_t b)
{
    const int32_t x = tc_requant((a - p->a_zp) * 256, p->a_multiplier, p->a_shift);
    const int32_t y = tc_requant((b - p->b_zp) * 256, p->b_multiplier, p->b_shift);
    return (int8_t)(x < y ? p->less : x > y ? p->greater : p->equal);
}

TC_KERNEL void tc_compare_s8_ref(const tc_compare_params *p, const tc_pair *s, const int8_t *a, const int8_t *b,
                                 int8_t *out, int32_t n)
{
    const int32_t a_stride = s->a_stride[TC_PAIR_RANK - 1];
    const int32_t b_stride = s->b_stride[TC_PAIR_RANK - 1];
    tc_pair_run at = {0, 0, {0, 0, 0, 0}};
    for (int32_t left = tc_pair_runs(s, n); left > 0; left--) {
        const int8_t *x = a + at.a;
        const int8_t *y = b + at.b;
        const int8_t *const end = out + s->dims[TC_PAIR_RANK - 1];
        for (; out != end; x += a_stride, y += b_stride) {
            *out++ = tc_compare_one(p, *x, *y);
        }
        tc_pair_next(s, &at);
    }
}

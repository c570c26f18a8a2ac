#include "tinyc/pair.h"

static inline int8_t tc_squared_difference_one(const tc_squared_difference_params *p, int32_t a, int32_t b)
{
    const int32_t x = tc_requant((a - p->a_zp) * (1 << p->left_shift), p->a_multiplier, p->a_shift);
    const int32_t y = tc_requant((b - p->b_zp) * (1 << p->left_shift), p->b_multiplier, p->b_shift);
    const int32_t apart = x - y;
    return (int8_t)tc_clamp(tc_requant(apart * apart, p->multiplier, p->shift) + p->out_zp, INT8_MIN, INT8_MAX);
}

TC_KERNEL void tc_squared_difference_s8_ref(const tc_squared_difference_params *p, const tc_pair *s, const int8_t *a,
                                            const int8_t *b, int8_t *out, int32_t n)
{
    const int32_t a_stride = s->a_stride[TC_PAIR_RANK - 1];
    const int32_t b_stride = s->b_stride[TC_PAIR_RANK - 1];
    tc_pair_run at = {0, 0, {0, 0, 0, 0}};
    for (int32_t left = tc_pair_runs(s, n); left > 0; left--) {
        const int8_t *x = a + at.a;
        const int8_t *y = b + at.b;
        const int8_t *const end = out + s->dims[TC_PAIR_RANK - 1];
        for (; out != end; x += a_stride, y += b_stride) {
            *out++ = tc_squared_difference_one(p, *x, *y);
        }
        tc_pair_next(s, &at);
    }
}

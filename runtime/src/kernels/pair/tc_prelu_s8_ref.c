#include "tinyc/pair.h"

static inline int8_t tc_prelu_one(const tc_prelu_params *p, int32_t x, int32_t alpha)
{
    const int32_t diff = x - p->x_zp;
    const int32_t scaled = diff >= 0 ? tc_requant(diff, p->multiplier, p->shift)
                                     : tc_requant(diff * (alpha - p->alpha_zp), p->alpha_multiplier, p->alpha_shift);
    return (int8_t)tc_clamp(scaled + p->out_zp, INT8_MIN, INT8_MAX);
}

TC_KERNEL void tc_prelu_s8_ref(const tc_prelu_params *p, const tc_pair *s, const int8_t *x, const int8_t *alpha,
                               int8_t *out, int32_t n)
{
    const int32_t x_stride = s->a_stride[TC_PAIR_RANK - 1];
    const int32_t alpha_stride = s->b_stride[TC_PAIR_RANK - 1];
    tc_pair_run at = {0, 0, {0, 0, 0, 0}};
    for (int32_t left = tc_pair_runs(s, n); left > 0; left--) {
        const int8_t *v = x + at.a;
        const int8_t *slope = alpha + at.b;
        const int8_t *const end = out + s->dims[TC_PAIR_RANK - 1];
        for (; out != end; v += x_stride, slope += alpha_stride) {
            *out++ = tc_prelu_one(p, *v, *slope);
        }
        tc_pair_next(s, &at);
    }
}

#include "tinyc/fixed_point.h"
#include "tinyc/pair.h"

static inline int8_t tc_div_one(const tc_div_params *p, int32_t a, int32_t b)
{
    const int32_t divisor = tc_max(b < 0 ? -b : b, 1);
    const int32_t dividend = b < 0 ? -a : a;
    const int32_t zeros = tc_leading_zeros((uint32_t)divisor);
    const int32_t inverse = tc_reciprocal_of_one_plus((int32_t)(((uint32_t)divisor << zeros) - (1u << 31)));
    /* as far as the dividend can be shifted left without changing its sign */
    const int32_t headroom = tc_leading_zeros((uint32_t)(dividend < 0 ? ~dividend : dividend)) - 1;
    const int32_t quotient = tc_high_mul((int32_t)((uint32_t)dividend << headroom), inverse);
    const int32_t scaled = tc_divide_pot(tc_high_mul(quotient, p->multiplier), 31 - zeros + headroom - p->shift);
    return (int8_t)tc_clamp(scaled + p->out_zp, p->act_min, p->act_max);
}

TC_KERNEL void tc_div_s8_ref(const tc_div_params *p, const tc_pair *s, const int8_t *a, const int8_t *b, int8_t *out,
                             int32_t n)
{
    const int32_t a_stride = s->a_stride[TC_PAIR_RANK - 1];
    const int32_t b_stride = s->b_stride[TC_PAIR_RANK - 1];
    tc_pair_run at = {0, 0, {0, 0, 0, 0}};
    for (int32_t left = tc_pair_runs(s, n); left > 0; left--) {
        const int8_t *x = a + at.a;
        const int8_t *y = b + at.b;
        const int8_t *const end = out + s->dims[TC_PAIR_RANK - 1];
        for (; out != end; x += a_stride, y += b_stride) {
            *out++ = tc_div_one(p, *x - p->a_zp, *y - p->b_zp);
        }
        tc_pair_next(s, &at);
    }
}

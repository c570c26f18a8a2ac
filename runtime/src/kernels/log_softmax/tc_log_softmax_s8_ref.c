#include "tinyc/fixed_point.h"
#include "tinyc/log_softmax.h"

enum { EXPONENT_BITS = 5, SUM_BITS = 12, LOG_BITS = 4, ZERO_POINT = 127 };

/* log(x) in Q5.26 for x >= 1 in Q12.19: a power of sqrt(2), and a rational function of what is left of x. */
static int32_t log_of_sum(int32_t x)
{
    const int32_t sqrt_half = 1518500250;
    const int32_t fourth_root_half = 1805811301;
    const int32_t scaled = tc_high_mul(x, sqrt_half);
    const int32_t above = tc_leading_zeros((uint32_t)x);
    const int32_t halved = tc_leading_zeros((uint32_t)scaled) - 1;
    const int32_t r_above = tc_shift_saturated(tc_high_mul((int32_t)((uint32_t)x << (above - 1)), sqrt_half), 1);
    const int32_t r = tc_min(r_above, tc_shift_saturated(x, halved));
    const int32_t power =
        tc_max((SUM_BITS - above) * (1 << 25) + (1 << 23), (SUM_BITS - halved) * (1 << 25) - (1 << 23));
    const int32_t p = (int32_t)(((int64_t)r + fourth_root_half + 1) >> 1);
    const int32_t q = 2 * (r - fourth_root_half);
    const int32_t square = tc_high_mul(q, q);
    const int32_t numerator = tc_high_mul(q, r) + tc_high_mul(tc_high_mul(q, square), 117049297);
    const int32_t denominator =
        tc_high_mul(p, 1057819769 + q + tc_high_mul(square, 127690142)) + tc_high_mul(q, 638450708);
    const int32_t inverse = tc_reciprocal_of_one_plus(denominator);
    return tc_shift_saturated(
        tc_high_mul(power, 1488522236) + tc_high_mul(tc_divide_pot(numerator, EXPONENT_BITS + 1), inverse), 1);
}

TC_KERNEL void tc_log_softmax_s8_ref(const tc_log_softmax_params *p, const int8_t *in, const int32_t *exps, int8_t *out,
                                     int32_t vectors)
{
    for (int32_t v = 0; v < vectors; v++, in += p->depth, out += p->depth) {
        int32_t largest = INT8_MIN;
        for (int32_t c = 0; c < p->depth; c++) {
            largest = tc_max(largest, in[c]);
        }
        int32_t sum = 0;
        for (int32_t c = 0; c < p->depth; c++) {
            const int32_t below = largest - in[c];
            sum += below < p->levels ? exps[below] : 0;
        }
        const int32_t log_sum = log_of_sum(sum);
        const int32_t least =
            tc_max(-p->levels, tc_requant(log_sum + INT32_MIN, p->reverse_multiplier, p->reverse_shift));
        for (int32_t c = 0; c < p->depth; c++) {
            const int32_t diff = in[c] - largest;
            int32_t y = INT8_MIN;
            if (diff > least) {
                const int32_t log = tc_requant(diff, p->multiplier, p->shift) - log_sum;
                y = tc_divide_pot(log, 31 - EXPONENT_BITS - LOG_BITS) + ZERO_POINT;
            }
            out[c] = (int8_t)tc_clamp(y, INT8_MIN, INT8_MAX);
        }
    }
}

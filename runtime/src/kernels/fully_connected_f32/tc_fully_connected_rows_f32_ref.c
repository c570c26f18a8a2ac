#include "tinyc/fully_connected_f32.h"

/* The products of one vector with four rows of weights. */
TC_INLINE tc_four_f32 four(const float *x, const float *weights, int32_t n)
{
    tc_four_f32 sum = {0.0f, 0.0f, 0.0f, 0.0f};
    const float *a = weights;
    const float *b = a + n;
    const float *c = b + n;
    const float *d = c + n;
    for (const float *const end = x + n; x != end;) {
        const tc_four_f32 w = {*a++, *b++, *c++, *d++};
        sum = tc_four_mac_f32(sum, w, *x++);
    }
    return sum;
}

TC_KERNEL void tc_fully_connected_rows_f32_ref(const tc_fully_connected_f32_params *p, const float *in,
                                               const float *weights, const float *bias, float *out, int32_t vectors)
{
    const tc_clamp_to_f32 to = {p->act_min, p->act_max};
    for (; vectors > 0; vectors--, in += p->in_n) {
        const float *w = weights;
        int32_t o = 0;
        for (; o + 4 <= p->out_n; o += 4, w += 4 * p->in_n, out += 4) {
            tc_finish_four_f32(to, four(in, w, p->in_n), bias ? bias + o : NULL, out);
        }
        for (; o < p->out_n; o++, w += p->in_n) {
            *out++ = tc_finished_f32(to, tc_add_product_f32(0.0f, in, w, p->in_n), bias ? bias + o : NULL);
        }
    }
}

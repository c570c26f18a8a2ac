#include "tinyc/fully_connected_f32.h"

/* Four outputs of `vectors` vectors. */
TC_INLINE void four(const tc_fully_connected_f32_params *p, const float *in, const float *weights, const float *bias,
                    float *out, const int32_t vectors)
{
    const tc_clamp_to_f32 to = {p->act_min, p->act_max};
    tc_four_f32 sums[4] = {{0.0f, 0.0f, 0.0f, 0.0f}};
    tc_add_products_f32(sums, tc_pixels_apart_f32(in, p->in_n, vectors), weights, p->in_n, vectors);
    tc_finish_pixels_f32(to, sums, bias, out, p->out_n, vectors);
}

TC_KERNEL void tc_fully_connected_f32_ref(const tc_fully_connected_f32_params *p, const float *in, const float *weights,
                                          const float *bias, float *out, int32_t vectors)
{
    const tc_clamp_to_f32 to = {p->act_min, p->act_max};
    int32_t together;
    for (; vectors > 0; vectors -= together, in += together * p->in_n, out += together * p->out_n) {
        together = tc_together_f32(vectors);
        const float *w = weights;
        int32_t o = 0;
        for (; o + 4 <= p->out_n; o += 4, w += 4 * p->in_n) {
            const float *const b = bias ? bias + o : NULL;
            if (together == 4) {
                four(p, in, w, b, out + o, 4);
            } else if (together == 2) {
                four(p, in, w, b, out + o, 2);
            } else {
                four(p, in, w, b, out + o, 1);
            }
        }
        for (; o < p->out_n; o++, w += p->in_n) {
            for (int32_t v = 0; v < together; v++) {
                const float sum = tc_add_product_f32(0.0f, in + v * p->in_n, w, p->in_n);
                out[v * p->out_n + o] = tc_finished_f32(to, sum, bias ? bias + o : NULL);
            }
        }
    }
}

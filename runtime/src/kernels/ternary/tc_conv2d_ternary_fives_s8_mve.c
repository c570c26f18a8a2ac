#include "tinyc/mve/ternary_fives.h"

/* Pixels whose columns are apart, of whole vectors: they are read where they lie. */
TC_NO_FRAME_POINTER static __attribute__((noinline)) void fives_apart(const tc_conv2d_ternary_fives_mve_params *params,
                                                                      const int8_t *const *rows, const tc_span *cols,
                                                                      const int8_t *codes, const int32_t *channels,
                                                                      const int8_t *scales, int8_t *out, int32_t *sums,
                                                                      int8_t *scratch)
{
    const tc_ternary_window_mve *const p = &params->columns;
    const tc_ternary_fives_mve *const product = &params->product;
    const int32_t outputs = params->product.vector.out_n;
    const int8_t **const table = (const int8_t **)(void *)scratch;
    const int32_t segments = p->kernel_h * p->kernel_w;
    int8_t *const padding = scratch + segments * (int32_t)(2 * sizeof(const int8_t *));
    tc_fill_columns_mve(padding, 0, p->in_zp, p->in_c, 1);
    tc_fives_of_two_mve b;
    tc_bytes_of_two_mve to;
    b.x0 = b.x1 = NULL;
    b.segments = (const int8_t *const *)table;
    b.behind = b.segments + 2 * segments;
    b.sums = sums;
    b.n = p->in_c;
    b.depth = segments * p->in_c;
    b.lanes = 0;
    tc_set_turns_mve(&b, p->in_c >> 4);
    tc_begin_bytes_mve(product, &to, sums);
    const int32_t last = cols->end - 1;
    for (int32_t ox = cols->begin; ox <= last; ox += 2, out += 2 * outputs) {
        tc_point_at_columns_mve(p, rows, cols->origin, ox, last, 2, padding, table);
        b.end = codes;
        int32_t fives = product->fives;
        for (int32_t first = 0; first < outputs; first += TC_FIVES_BLOCK_MVE, fives -= TC_FIVES_BLOCK_MVE / 5) {
            tc_begin_block_mve(product, &to, first, channels, scales);
            b.codes = b.end;
            b.end += tc_min(fives, TC_FIVES_BLOCK_MVE / 5) * b.depth;
            tc_sum_apart_mve(&b);
            to.out0 = out + first;
            to.out1 = (ox < last ? out + outputs : out) + first;
            tc_finish_fives_mve(&to, product->is_once);
        }
    }
}

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_ternary_fives_s8_mve(const tc_conv2d_ternary_fives_mve_params *params,
                                                                  const int8_t *const *rows, const tc_span *cols,
                                                                  const int8_t *codes, const int32_t *channels,
                                                                  const int8_t *scales, int8_t *out, void *scratch)
{
    const tc_ternary_window_mve *const p = &params->columns;
    int32_t *const sums = scratch;
    int8_t *const columns = (int8_t *)scratch + tc_bytes_of_fives_mve(&params->product);
    if (tc_is_apart_mve(p) && (p->in_c & 15) == 0) {
        fives_apart(params, rows, cols, codes, channels, scales, out, sums, columns);
        return;
    }
    const int32_t all = cols->end - cols->begin;
    const int32_t together = p->block ? p->block : all;
    for (int32_t done = 0; done < all; done += together, out += together * params->product.vector.out_n) {
        const int32_t n = tc_min(all - done, together);
        const int8_t *const x = tc_lined_up_mve(p, rows, cols, done, n, columns);
        tc_conv2d_1x1_ternary_fives_s8_mve(&params->product, x, codes, channels, scales, out, n, sums);
    }
}

#include "tinyc/mve/ternary_columns.h"
#include "tinyc/mve/ternary_quads.h"

/* Pixels whose columns are apart, of whole vectors: they are read where they lie. */
TC_NO_FRAME_POINTER static void tc_segments(const tc_conv2d_ternary_mve_params *params, const int8_t *const *rows,
                                            const tc_span *cols, const int8_t *codes, const int32_t *channels,
                                            int8_t *out, int8_t *scratch)
{
    const tc_ternary_window_mve *const p = &params->columns;
    const int32_t segments = p->kernel_h * p->kernel_w;
    const int32_t all = cols->end - cols->begin;
    const int8_t **const table = (const int8_t **)(void *)scratch;
    int8_t *const padding = scratch + ((p->block + 3) >> 2) * segments * TC_QUAD_POINTERS_MVE;
    tc_fill_columns_mve(padding, 0, p->in_zp, p->in_c, 1);
    for (int32_t done = 0; done < all; done += p->block, out += p->block * params->product.out_c) {
        const int32_t n = tc_min(all - done, p->block);
        const int32_t first = cols->begin + done;
        const int8_t **to = table;
        for (int32_t i = 0; i < n; i += 4) {
            const int32_t four = first + tc_max(tc_min(i, n - 4), 0);
            to = tc_point_at_columns_mve(p, rows, cols->origin, four, first + n - 1, 4, padding, to);
        }
        tc_all_quads_mve(&params->product, tc_quads_apart, (const int8_t *)table, 0, segments, p->in_c >> 4, codes,
                         channels, out, n, padding + p->in_c);
    }
}

TC_KERNEL TC_NO_FRAME_POINTER void tc_conv2d_ternary_s8_mve(const tc_conv2d_ternary_mve_params *p,
                                                            const int8_t *const *rows, const tc_span *cols,
                                                            const int8_t *codes, const int32_t *channels, int8_t *out,
                                                            void *scratch)
{
    if (tc_is_apart_mve(&p->columns) && (p->columns.in_c & 15) == 0) {
        tc_segments(p, rows, cols, codes, channels, out, scratch);
    } else {
        tc_ternary_row_mve(p, tc_ternary_quads_mve, rows, cols, codes, channels, out, scratch);
    }
}

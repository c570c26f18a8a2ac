#ifndef TINYC_RESIZE_F32_H
#define TINYC_RESIZE_F32_H

#include "tinyc/resize.h"

/* As tc_resize_nearest_s8_ref. Portable. */
void tc_resize_nearest_f32_ref(const tc_resize_params *p, const float *const *rows, const tc_span *cols,
                               const uint16_t *columns, float *out);

/* Bilinear: output row y lies between rows[0] and the last of `rows`, row_weights[y] of the way, where row_pairs[y] is
 * 1; where it is 0 it is the last. Output column x lies between the input columns columns[x][0] and columns[x][1],
 * column_weights[x] of the way. row_weights, column_weights: in [0, 1]; out: [end - begin, channels]. Portable. */
void tc_resize_bilinear_f32_ref(const tc_resize_params *p, const float *const *rows, const tc_span *cols, int32_t y,
                                const uint8_t *row_pairs, const float *row_weights, const uint16_t *columns,
                                const float *column_weights, float *out);

#endif

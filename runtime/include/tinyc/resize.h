#ifndef TINYC_RESIZE_H
#define TINYC_RESIZE_H

#include "tinyc/kernel.h"

typedef struct {
    int32_t channels;
    int32_t kernel_h; /* input rows per output row: length of `rows`; nearest: 1 */
} tc_resize_params;

/* Nearest neighbour: output column x is input column columns[x] of rows[0].
 * out: [end - begin, channels]. Portable. */
void tc_resize_nearest_s8_ref(const tc_resize_params *p, const int8_t *const *rows, const tc_span *cols,
                              const uint16_t *columns, int8_t *out);

/* Bilinear: output row y is rows[0] and the last of `rows`, which has the weight row_weights[y]; output column x is
 * input columns columns[x] and columns[x] + 1, which has the weight column_weights[x]. Weights are Q10: those of a
 * row in [1, 1024], those of a column in [0, 1023]; what has the weight 0 is never read.
 * out: [end - begin, channels], rounded once, halves away from zero. Portable. */
void tc_resize_bilinear_s8_ref(const tc_resize_params *p, const int8_t *const *rows, const tc_span *cols, int32_t y,
                               const uint16_t *row_weights, const uint16_t *columns, const uint16_t *column_weights,
                               int8_t *out);

#endif

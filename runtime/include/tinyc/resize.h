#ifndef TINYC_RESIZE_H
#define TINYC_RESIZE_H

#include "tinyc/kernel.h"

typedef struct {
    int32_t channels;
    int32_t kernel_h; /* 1: one input row per output row */
} tc_resize_params;

/* Nearest neighbour: output column x is input column columns[x] of rows[0].
 * out: [end - begin, channels]. Portable. */
void tc_resize_nearest_s8_ref(const tc_resize_params *p, const int8_t *const *rows, const tc_span *cols,
                              const uint16_t *columns, int8_t *out);

#endif

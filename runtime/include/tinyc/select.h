#ifndef TINYC_SELECT_H
#define TINYC_SELECT_H

#include "tinyc/kernel.h"

enum { TC_SELECT_RANK = 5 };

/* How three operands repeat under an output, which is dense and row-major and made of equal units: pixels, rows, or one
 * unit that is all of it. Strides and steps are in elements, 0 where the operand repeats. */
typedef struct {
    int32_t dims[TC_SELECT_RANK]; /* of a unit of the output, outermost first, 1 where not needed */
    int32_t mask_stride[TC_SELECT_RANK];
    int32_t a_stride[TC_SELECT_RANK];
    int32_t b_stride[TC_SELECT_RANK];
    int32_t mask_step; /* from one unit to the next */
    int32_t a_step;
    int32_t b_step;
} tc_select_params;

/* out[i] = mask[i] ? a[i] : b[i]; n: units. out may be an operand that never repeats. Portable. */
void tc_select_s8_ref(const tc_select_params *p, const int8_t *mask, const int8_t *a, const int8_t *b, int8_t *out,
                      int32_t n);

/* The same of float32. Portable. */
void tc_select_f32_ref(const tc_select_params *p, const int8_t *mask, const float *a, const float *b, float *out,
                       int32_t n);

#endif

#ifndef TINYC_POOL_H
#define TINYC_POOL_H

#include "tinyc/kernel.h"

typedef struct {
    int32_t in_w;     /* columns of the input image */
    int32_t channels; /* of input and output */
    int32_t kernel_h; /* rows of the window: length of `rows` */
    int32_t kernel_w; /* columns of the window */
    int32_t stride_w; /* input columns between two outputs */
    int32_t pad_left; /* columns of padding before the image */
    int32_t act_min;  /* clamp of the output byte */
    int32_t act_max;
} tc_pool_params;

/* Mean of the window's pixels inside the image, rounded to nearest, halves away from zero.
 * out: [end - begin, channels]. Portable. */
void tc_average_pool2d_s8_ref(const tc_pool_params *p, const int8_t *const *rows, const tc_span *cols, int8_t *out);

/* Largest of the window's pixels inside the image. out: [end - begin, channels]. Portable. */
void tc_max_pool2d_s8_ref(const tc_pool_params *p, const int8_t *const *rows, const tc_span *cols, int8_t *out);

/* The same for Armv7E-M SIMD. */
void tc_average_pool2d_s8_dsp(const tc_pool_params *p, const int8_t *const *rows, const tc_span *cols, int8_t *out);
void tc_max_pool2d_s8_dsp(const tc_pool_params *p, const int8_t *const *rows, const tc_span *cols, int8_t *out);

/* The same for Helium. */
void tc_average_pool2d_s8_mve(const tc_pool_params *p, const int8_t *const *rows, const tc_span *cols, int8_t *out);
void tc_max_pool2d_s8_mve(const tc_pool_params *p, const int8_t *const *rows, const tc_span *cols, int8_t *out);

#endif

/* What the stub's functions share. */
#ifndef STUB_ARM_NNSUPPORTFUNCTIONS_H
#define STUB_ARM_NNSUPPORTFUNCTIONS_H

#include "arm_nnfunctions.h"
#include "tinyc/kernel.h"

/* One output of a convolution: channels [first, first + depth) of in seen by [kernel_h, kernel_w, pitch] weights. */
int32_t arm_stub_window(const cmsis_nn_dims *in, const int8_t *data, int32_t offset, const cmsis_nn_dims *kernel,
                        const int8_t *weights, int32_t pitch, int32_t first, int32_t depth, int32_t top, int32_t left,
                        cmsis_nn_tile dilation);

#endif

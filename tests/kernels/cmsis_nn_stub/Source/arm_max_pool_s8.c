#include "arm_nnsupportfunctions.h"

arm_cmsis_nn_status arm_max_pool_s8(const cmsis_nn_context *ctx, const cmsis_nn_pool_params *pool_params,
                                    const cmsis_nn_dims *input_dims, const int8_t *input_data,
                                    const cmsis_nn_dims *filter_dims, const cmsis_nn_dims *output_dims,
                                    int8_t *output_data)
{
    (void)ctx;
    for (int32_t y = 0; y < output_dims->h; y++) {
        for (int32_t x = 0; x < output_dims->w; x++) {
            const int32_t top = y * pool_params->stride.h - pool_params->padding.h;
            const int32_t left = x * pool_params->stride.w - pool_params->padding.w;
            for (int32_t c = 0; c < output_dims->c; c++) {
                int32_t most = -128;
                for (int32_t iy = tc_max(top, 0); iy < tc_min(top + filter_dims->h, input_dims->h); iy++) {
                    for (int32_t ix = tc_max(left, 0); ix < tc_min(left + filter_dims->w, input_dims->w); ix++) {
                        const int32_t value = input_data[(iy * input_dims->w + ix) * input_dims->c + c];
                        most = tc_max(most, value);
                    }
                }
                const int32_t result = most;
                *output_data++ = (int8_t)tc_clamp(result, pool_params->activation.min, pool_params->activation.max);
            }
        }
    }
    return ARM_CMSIS_NN_SUCCESS;
}

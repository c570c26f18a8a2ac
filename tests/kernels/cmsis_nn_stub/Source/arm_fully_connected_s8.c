#include "arm_nnsupportfunctions.h"

arm_cmsis_nn_status arm_fully_connected_s8(const cmsis_nn_context *ctx, const cmsis_nn_fc_params *fc_params,
                                           const cmsis_nn_per_tensor_quant_params *quant_params,
                                           const cmsis_nn_dims *input_dims, const int8_t *input_data,
                                           const cmsis_nn_dims *filter_dims, const int8_t *filter_data,
                                           const cmsis_nn_dims *bias_dims, const int32_t *bias_data,
                                           const cmsis_nn_dims *output_dims, int8_t *output_data)
{
    (void)ctx;
    (void)bias_dims;
    for (int32_t vector = 0; vector < input_dims->n; vector++) {
        for (int32_t row = 0; row < output_dims->c; row++) {
            int32_t sum = bias_data[row];
            for (int32_t i = 0; i < filter_dims->n; i++) {
                sum = tc_mac(sum, input_data[vector * filter_dims->n + i] + fc_params->input_offset,
                             filter_data[row * filter_dims->n + i] + fc_params->filter_offset);
            }
            const int32_t value = tc_requant(sum, quant_params->multiplier, quant_params->shift);
            *output_data++ = (int8_t)tc_clamp(value + fc_params->output_offset, fc_params->activation.min,
                                              fc_params->activation.max);
        }
    }
    return ARM_CMSIS_NN_SUCCESS;
}

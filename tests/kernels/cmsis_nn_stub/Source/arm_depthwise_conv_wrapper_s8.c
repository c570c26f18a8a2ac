#include "arm_nnsupportfunctions.h"

arm_cmsis_nn_status arm_depthwise_conv_wrapper_s8(const cmsis_nn_context *ctx,
                                                  const cmsis_nn_dw_conv_params *dw_conv_params,
                                                  const cmsis_nn_per_channel_quant_params *quant_params,
                                                  const cmsis_nn_dims *input_dims, const int8_t *input_data,
                                                  const cmsis_nn_dims *filter_dims, const int8_t *filter_data,
                                                  const cmsis_nn_dims *bias_dims, const int32_t *bias_data,
                                                  const cmsis_nn_dims *output_dims, int8_t *output_data)
{
    (void)ctx;
    (void)bias_dims;
    for (int32_t y = 0; y < output_dims->h; y++) {
        for (int32_t x = 0; x < output_dims->w; x++) {
            for (int32_t c = 0; c < output_dims->c; c++) {
                const int32_t sum = arm_stub_window(
                    input_dims, input_data, dw_conv_params->input_offset, filter_dims, filter_data + c, output_dims->c,
                    c / dw_conv_params->ch_mult, 1, y * dw_conv_params->stride.h - dw_conv_params->padding.h,
                    x * dw_conv_params->stride.w - dw_conv_params->padding.w, dw_conv_params->dilation);
                const int32_t value =
                    tc_requant(tc_mac(sum, bias_data[c], 1), quant_params->multiplier[c], quant_params->shift[c]);
                *output_data++ = (int8_t)tc_clamp(value + dw_conv_params->output_offset, dw_conv_params->activation.min,
                                                  dw_conv_params->activation.max);
            }
        }
    }
    return ARM_CMSIS_NN_SUCCESS;
}

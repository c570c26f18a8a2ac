#include "tinyc/unsigned.h"

TC_KERNEL void tc_average_pool2d_u8_ref(const tc_pool_params *p, const int8_t *const *rows, const tc_span *cols,
                                        int8_t *out)
{
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const int32_t ix0 = ox * p->stride_w - p->pad_left;
        const int32_t begin = tc_max(ix0, 0);
        const int32_t end = tc_min(ix0 + p->kernel_w, p->in_w);
        for (int32_t c = 0; c < p->channels; c++) {
            int32_t sum = 0;
            int32_t count = 0;
            for (int32_t ky = 0; ky < p->kernel_h; ky++) {
                if (rows[ky] == NULL) {
                    continue;
                }
                for (int32_t ix = begin; ix < end; ix++) {
                    sum += rows[ky][(ix - cols->origin) * p->channels + c];
                    count++;
                }
            }
            *out++ = (int8_t)tc_clamp(tc_mean_up(sum, count), p->act_min, p->act_max);
        }
    }
}

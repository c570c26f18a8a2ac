#include "tinyc/select.h"

enum { LAST = TC_SELECT_RANK - 1 };

TC_KERNEL void tc_select_f32_ref(const tc_select_params *p, const int8_t *mask, const float *a, const float *b,
                                 float *out, int32_t n)
{
    const int32_t runs = p->dims[0] * p->dims[1] * p->dims[2] * p->dims[3];
    for (int32_t unit = 0; unit < n; unit++, mask += p->mask_step, a += p->a_step, b += p->b_step) {
        for (int32_t run = 0; run < runs; run++) {
            int32_t at[3] = {0, 0, 0};
            int32_t left = run;
            for (int32_t i = LAST - 1; i >= 0; i--) {
                const int32_t index = left % p->dims[i];
                left /= p->dims[i];
                at[0] += index * p->mask_stride[i];
                at[1] += index * p->a_stride[i];
                at[2] += index * p->b_stride[i];
            }
            for (int32_t i = 0; i < p->dims[LAST]; i++) {
                *out++ = mask[at[0]] ? a[at[1]] : b[at[2]];
                at[0] += p->mask_stride[LAST];
                at[1] += p->a_stride[LAST];
                at[2] += p->b_stride[LAST];
            }
        }
    }
}

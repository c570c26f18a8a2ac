#include <arm_acle.h>
#include <string.h>

#include "tinyc/mean.h"

TC_KERNEL void tc_mean_vectors_s8_dsp(const tc_mean_vectors_params *p, const int8_t *in, int8_t *out, int32_t vectors)
{
    const int16x2_t ones = 0x00010001;
    for (int32_t v = 0; v < vectors; v++, in += p->depth) {
        int32_t sum = p->bias;
        int32_t c = 0;
        for (; c + 4 <= p->depth; c += 4) {
            int32_t four;
            memcpy(&four, in + c, 4);
            const int16x2_t even = __sxtb16((int8x4_t)four);
            sum = __smlad(__sxtab16(even, (int8x4_t)((uint32_t)four >> 8 | (uint32_t)four << 24)), ones, sum);
        }
        for (; c < p->depth; c++) {
            sum += in[c];
        }
        out[v] = tc_mean_vector(p, sum);
    }
}

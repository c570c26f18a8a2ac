#include "tinyc/dsp/pool.h"
#include "tinyc/pool.h"

TC_KERNEL void tc_max_pool2d_s8_dsp(const tc_pool_params *p, const int8_t *const *rows, const tc_span *cols,
                                    int8_t *out)
{
    /* as offsets from -128: a saturated difference is what the larger has more. No SSUB8 and SEL: see dsp/clamp.h */
    const uint32_t sign = 0x80808080u;
    const uint32_t low = (uint32_t)(p->act_min - INT8_MIN) * 0x01010101u;
    const uint32_t high = (uint32_t)(p->act_max - INT8_MIN) * 0x01010101u;
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const int32_t ix0 = ox * p->stride_w - p->pad_left;
        const int32_t begin = tc_max(ix0, 0);
        const int32_t end = tc_min(ix0 + p->kernel_w, p->in_w);
        int32_t c = 0;
        for (; c + 4 <= p->channels; c += 4, out += 4) {
            uint32_t best = low;
            for (int32_t ky = 0; ky < p->kernel_h; ky++) {
                if (rows[ky] == NULL) {
                    continue;
                }
                const int8_t *x = rows[ky] + (begin - cols->origin) * p->channels + c;
                for (int32_t ix = begin; ix < end; ix++, x += p->channels) {
                    best += __uqsub8(tc_four_dsp(x) ^ sign, best);
                }
            }
            best = (best - __uqsub8(best, high)) ^ sign;
            memcpy(out, &best, 4);
        }
        for (; c < p->channels; c++) {
            int32_t best = p->act_min;
            for (int32_t ky = 0; ky < p->kernel_h; ky++) {
                if (rows[ky] == NULL) {
                    continue;
                }
                for (int32_t ix = begin; ix < end; ix++) {
                    best = tc_max(best, rows[ky][(ix - cols->origin) * p->channels + c]);
                }
            }
            *out++ = (int8_t)tc_min(best, p->act_max);
        }
    }
}

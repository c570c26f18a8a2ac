#include "tinyc/dsp/pool.h"
#include "tinyc/pool.h"

/* Sums of one to four channels as output bytes. */
static int8_t *finish(const tc_pool_params *p, const int32_t *sums, int32_t n, int32_t count, int8_t *out)
{
    for (int32_t i = 0; i < n; i++) {
        *out++ = (int8_t)tc_clamp(tc_mean(sums[i], count), p->act_min, p->act_max);
    }
    return out;
}

TC_KERNEL void tc_average_pool2d_s8_dsp(const tc_pool_params *p, const int8_t *const *rows, const tc_span *cols,
                                        int8_t *out)
{
    int32_t seen = 0;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        seen += rows[ky] != NULL;
    }
    for (int32_t ox = cols->begin; ox < cols->end; ox++) {
        const int32_t ix0 = ox * p->stride_w - p->pad_left;
        const int32_t begin = tc_max(ix0, 0);
        const int32_t width = tc_min(ix0 + p->kernel_w, p->in_w) - begin;
        const int32_t first = (begin - cols->origin) * p->channels;
        int32_t c = 0;
        for (; c + 4 <= p->channels; c += 4) {
            int32_t sums[4] = {0, 0, 0, 0};
            for (int32_t ky = 0; ky < p->kernel_h; ky++) {
                if (rows[ky] != NULL) {
                    tc_add_four_dsp(sums, rows[ky] + first + c, width, p->channels);
                }
            }
            out = finish(p, sums, 4, width * seen, out);
        }
        for (; c < p->channels; c++) {
            int32_t sum = 0;
            for (int32_t ky = 0; ky < p->kernel_h; ky++) {
                for (int32_t x = 0; rows[ky] != NULL && x < width; x++) {
                    sum += rows[ky][first + x * p->channels + c];
                }
            }
            out = finish(p, &sum, 1, width * seen, out);
        }
    }
}

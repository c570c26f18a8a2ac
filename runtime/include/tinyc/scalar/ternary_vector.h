/* Vectors through ternary weights. */
#ifndef TINYC_SCALAR_TERNARY_VECTOR_H
#define TINYC_SCALAR_TERNARY_VECTOR_H

#include "tinyc/scalar/blocks.h"
#include "tinyc/scalar/lanes.h"
#include "tinyc/scalar/rests.h"
#include "tinyc/scalar/sums.h"
#include "tinyc/ternary.h"

/* Outputs [first, first + count) of their sums. twice: see scalar/blocks.h. */
TC_INLINE void tc_ternary_bytes(const tc_ternary_vector *p, const int32_t *sums, int32_t first, int32_t count,
                                const int32_t *channels, const uint8_t *scales, int8_t *out, int32_t twice)
{
    const int32_t end = first + count;
    int32_t magnitude = p->magnitude;
    for (int32_t oc = first; oc < end; oc++) {
        if (p->magnitude == 0) {
            magnitude = scales[p->out_n + oc];
        }
        const int32_t acc = channels[2 * oc] + magnitude * *sums++;
        out[oc] = tc_byte_scalar(acc, channels[2 * oc + 1], scales[oc], p->zero, twice);
    }
}

/* The sums of `count` outputs over all whole codes; tables and sums in scratch. Returns their weights' end. */
static inline const uint8_t *tc_ternary_sums(const tc_fully_connected_ternary_params *p, const int8_t *in,
                                             const uint8_t *codes, int32_t count, uint32_t *tables, int32_t *sums)
{
    for (int32_t i = 0; i < count; i++) {
        sums[i] = -TC_SUMS_OFFSET * p->codes;
    }
    for (int32_t begin = 0; begin < p->codes; begin += TC_SUMS_TABLES) {
        const int32_t part = tc_min(p->codes - begin, TC_SUMS_TABLES);
        for (int32_t i = 0; i < part; i++) {
            const int32_t at = 5 * (begin + i);
            tc_sums_table(tables + TC_SUMS_PITCH / 2 * i, in + at, tc_min(p->vector.in_n - at, 5));
        }
        const uint16_t *const halves = (const uint16_t *)(const void *)tables;
        if (part == TC_SUMS_TABLES) {
            tc_sums_four(halves, codes, sums, count);
        } else {
            for (int32_t i = 0; i < part; i++) {
                tc_sums_one(halves + TC_SUMS_PITCH * i, codes + i, part, sums, count);
            }
        }
        codes += count * part;
    }
    return codes;
}

/* twice: 1 where requantization rounds twice; a constant at every call. */
TC_INLINE void tc_ternary_vectors(const tc_fully_connected_ternary_params *p, const int8_t *in, const uint8_t *codes,
                                  const int32_t *channels, const uint8_t *scales, const uint8_t *rests, int8_t *out,
                                  int32_t vectors, uint32_t *scratch, int32_t twice)
{
    const tc_ternary_vector *const to = &p->vector;
    int32_t *const sums = (int32_t *)scratch;
    uint32_t *const tables = scratch + p->group;
    for (int32_t v = 0; v < vectors; v++, in += to->in_n, out += to->out_n) {
        tc_rest rest = {rests, 0, 0};
        const uint8_t *w = codes;
        for (int32_t first = 0; first < to->out_n; first += p->group) {
            const int32_t count = tc_min(to->out_n - first, p->group);
            w = tc_ternary_sums(p, in, w, count, tables, sums);
            if (p->rest > 0) {
                for (int32_t i = 0; i < count; i++) {
                    sums[i] += tc_rest_sum(&rest, in + to->in_n - p->rest, p->rest);
                }
            }
            tc_ternary_bytes(to, sums, first, count, channels, scales, out, twice);
        }
        tc_clamp_bytes_scalar(out, to->out_n, to->act_min, to->act_max);
    }
}

/* The same for few outputs. */
TC_INLINE void tc_ternary_lanes(const tc_ternary_vector *p, const int8_t *in, const int8_t *codes,
                                const int32_t *channels, const uint8_t *scales, int8_t *out, int32_t vectors,
                                int32_t twice)
{
    for (int32_t v = 0; v < vectors; v++, in += p->in_n, out += p->out_n) {
        const int8_t *w = codes;
        int32_t count = 0;
        for (int32_t first = 0; first < p->out_n; first += count) {
            const int32_t left = p->out_n - first;
            count = left >= 10 ? 10 : left >= 5 ? 5 : left;
            int32_t sums[10] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
            for (int32_t at = 0; at < p->in_n; at += TC_LANES_INPUTS) {
                const int32_t n = tc_min(p->in_n - at, TC_LANES_INPUTS);
                if (count == 10) {
                    tc_lanes_ten(in + at, n, w, sums);
                    w += 2 * n;
                } else if (count == 5) {
                    tc_lanes_five(in + at, n, w, sums);
                    w += n;
                } else {
                    for (int32_t i = 0; i < count; i++) {
                        sums[i] += tc_lanes_one(in + at, n, w + i, count);
                    }
                    w += (n + 4) / 5 * count;
                }
            }
            tc_ternary_bytes(p, sums, first, count, channels, scales, out, twice);
        }
        tc_clamp_bytes_scalar(out, p->out_n, p->act_min, p->act_max);
    }
}

#endif

/* Vectors through ternary weights. */
#ifndef TINYC_SCALAR_TERNARY_VECTOR_H
#define TINYC_SCALAR_TERNARY_VECTOR_H

#include "tinyc/scalar/rests.h"
#include "tinyc/scalar/split.h"
#include "tinyc/scalar/sums.h"
#include "tinyc/scalar/ternary_bytes.h"

/* The sums of `count` outputs over all whole codes; tables and sums in scratch. Returns their weights' end. */
static inline const uint8_t *tc_ternary_sums(const tc_fully_connected_ternary_params *p, const int8_t *in,
                                             const uint8_t *codes, int32_t count, uint32_t *tables, int32_t *sums)
{
    const int32_t start = -TC_SUMS_OFFSET * p->codes;
    for (int32_t i = 0; i < count; i++) {
        sums[i] = start;
    }
    for (int32_t begin = 0; begin < p->codes; begin += TC_SUMS_TABLES) {
        const int32_t part = tc_min(p->codes - begin, TC_SUMS_TABLES);
        const int8_t *const x = in + 5 * begin;
        const int32_t n = tc_min(p->vector.in_n - 5 * begin, 5 * part);
        const int32_t whole = part - (n < 5 * part);
        if (whole > 0) {
            tc_sums_tables(tables, x, x + 5 * whole);
        }
        if (whole < part) {
            tc_sums_table(tables + TC_SUMS_PITCH / 2 * whole, x + 5 * whole, n - 5 * whole);
        }
        const uint16_t *const halves = (const uint16_t *)(const void *)tables;
        if (part == TC_SUMS_TABLES) {
            tc_sums_four(halves, codes, sums, count);
        } else {
            if (part >= 2) {
                tc_sums_two(halves, codes, part, sums, count);
            }
            if (part != 2) {
                tc_sums_one(halves + TC_SUMS_PITCH * (part - 1), codes + part - 1, part, sums, count);
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

/* All sums over all whole codes, by columns of them; for few outputs. */
TC_INLINE void tc_ternary_split_sums(const tc_fully_connected_ternary_params *p, const int8_t *in, const uint8_t *codes,
                                     uint32_t *tables, int32_t *sums)
{
    const int32_t outputs = p->vector.out_n;
#ifdef TC_SPLIT_JUMPS
    static const int32_t starts[TC_SPLIT_BLOCK];
#else
    const int32_t start = -TC_SPLIT_OFFSET * p->codes;
    const int32_t starts[TC_SPLIT_BLOCK] = {start, start, start, start, start};
#endif
    const int32_t *from = starts;
    const int8_t *const end = in + p->vector.in_n;
    for (int32_t left = p->codes; left > 0; left -= TC_SPLIT_CODES) {
        const int32_t part = tc_min(left, TC_SPLIT_CODES);
        const int32_t n = tc_min((int32_t)(end - in), 5 * part);
        const int32_t whole = part - (n < 5 * part);
        const int8_t *const x = in + 5 * whole;
        const int32_t more = n - 5 * whole;
        const int8_t last[5] = {(int8_t)(more > 0 ? x[0] : 0), (int8_t)(more > 1 ? x[1] : 0),
                                (int8_t)(more > 2 ? x[2] : 0), (int8_t)(more > 3 ? x[3] : 0), 0};
#ifdef TC_SPLIT_JUMPS
        (void)tables;
        const tc_split split = {
            whole > 0 ? in : last,
            whole > 0 ? in + 5 * whole : last + 5,
            whole > 0 && whole < part ? last : NULL,
            codes,
            outputs,
            outputs,
            from,
            sums,
        };
#else
        if (whole > 0) {
            tc_split_tables(tables, in, in + 5 * whole);
        }
        if (whole < part) {
            tc_split_tables(tables + TC_SPLIT_WORDS * whole, last, last + 5);
        }
        const tc_split split = {tables, tables + TC_SPLIT_WORDS * part, codes, outputs, outputs, from, sums};
#endif
        tc_split_add(split);
        from = NULL;
        in += n;
        codes += part * outputs;
    }
}

/* The same for few outputs. */
TC_INLINE void tc_ternary_few(const tc_fully_connected_ternary_params *p, const int8_t *in, const uint8_t *codes,
                              const int32_t *channels, const uint8_t *scales, const uint8_t *rests, int8_t *out,
                              int32_t vectors, uint32_t *scratch, int32_t twice)
{
    const tc_ternary_vector *const to = &p->vector;
    int32_t *const sums = (int32_t *)scratch;
    for (int32_t v = 0; v < vectors; v++, in += to->in_n, out += to->out_n) {
        tc_ternary_split_sums(p, in, codes, scratch + p->group, sums);
        if (p->rest > 0) {
            tc_rest rest = {rests, 0, 0};
            for (int32_t i = 0; i < to->out_n; i++) {
                sums[i] += tc_rest_sum(&rest, in + to->in_n - p->rest, p->rest);
            }
        }
        tc_ternary_bytes(to, sums, 0, to->out_n, channels, scales, out, twice);
        tc_clamp_bytes_scalar(out, to->out_n, to->act_min, to->act_max);
    }
}

#endif

/* Vectors through ternary weights. */
#ifndef TINYC_SCALAR_TERNARY_VECTOR_H
#define TINYC_SCALAR_TERNARY_VECTOR_H

#include "tinyc/scalar/rests.h"
#include "tinyc/scalar/split.h"
#include "tinyc/scalar/sums.h"
#include "tinyc/scalar/ternary_bytes.h"

/* The sums of n inputs, up to three, by every code. */
static inline void tc_rests_table(int16_t *table, const int8_t *x, int32_t n)
{
    table[0] = 0;
    for (int16_t *end = table + 1; n > 0; n--, x++) {
        const int32_t more = (int32_t)(end - table);
        for (const int16_t *from = table; from != table + more; from++, end++) {
            end[0] = (int16_t)(*from + *x);
            end[more] = (int16_t)(*from - *x);
        }
        end += more;
    }
}

/* The sums of `count` outputs over n inputs. table: room for 3^n; add: 1 where they are added to those that there are,
 * a constant at every call. */
TC_INLINE void tc_rests_sums(tc_rests *r, int16_t *table, int32_t *sums, int32_t count, const int8_t *x, int32_t n,
                             int32_t add)
{
    tc_rests_table(table, x, n);
    tc_rests rests = *r;
    int32_t *const end = sums + count;
    while (sums != end) {
        if (rests.left == 0 && end - sums >= 5) {
            uint32_t codes[5];
            tc_rests_codes(&rests, codes);
            sums[0] = (add ? sums[0] : 0) + table[codes[0]];
            sums[1] = (add ? sums[1] : 0) + table[codes[1]];
            sums[2] = (add ? sums[2] : 0) + table[codes[2]];
            sums[3] = (add ? sums[3] : 0) + table[codes[3]];
            sums[4] = (add ? sums[4] : 0) + table[codes[4]];
            sums += 5;
        } else {
            *sums = (add ? *sums : 0) + table[tc_rests_code(&rests)];
            sums++;
        }
    }
    *r = rests;
}

/* The weights of all outputs that make no whole code, in one part or two. */
typedef struct {
    tc_rests parts[2];
    const int8_t *x;
    int32_t n; /* of the first part */
    int32_t more;
} tc_vector_rests;

static inline tc_vector_rests tc_vector_rests_of(const tc_fully_connected_ternary_params *p, const int8_t *in,
                                                 const uint8_t *rests)
{
    const int32_t outputs = p->vector.out_n;
    const int32_t n = p->rest > 3 ? 2 : p->rest;
    const tc_rests first = tc_rests_of(rests, n, outputs);
    const tc_vector_rests r = {
        {first, tc_rests_of(first.end, 2, outputs)}, in + p->vector.in_n - p->rest, n, p->rest - n};
    return r;
}

/* Adds what they count to the sums of the next outputs. tables: room for 27 halfwords. */
static inline void tc_add_vector_rests(tc_vector_rests *r, uint32_t *tables, int32_t *sums, int32_t count)
{
    int16_t *const table = (int16_t *)(void *)tables;
    if (r->n > 0) {
        tc_rests_sums(&r->parts[0], table, sums, count, r->x, r->n, 1);
    }
    if (r->more > 0) {
        tc_rests_sums(&r->parts[1], table, sums, count, r->x + r->n, r->more, 1);
    }
}

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
            tc_sums_three(halves, codes, sums, count);
        } else if (part == 2) {
            tc_sums_two(halves, codes, sums, count);
        } else {
            tc_sums_one(halves, codes, sums, count);
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
        tc_vector_rests rest = tc_vector_rests_of(p, in, rests);
        const uint8_t *w = codes;
        for (int32_t first = 0; first < to->out_n; first += p->group) {
            const int32_t count = tc_min(to->out_n - first, p->group);
            w = tc_ternary_sums(p, in, w, count, tables, sums);
            tc_add_vector_rests(&rest, tables, sums, count);
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
    const int32_t start = -TC_SPLIT_OFFSET * p->codes;
    const int32_t starts[TC_SPLIT_BLOCK] = {start, start, start, start, start};
    const int32_t *from = starts;
    const int8_t *const end = in + p->vector.in_n - p->rest;
    for (int32_t left = p->codes; left > 0; left -= TC_SPLIT_CODES) {
        const int32_t part = tc_min(left, TC_SPLIT_CODES);
        const int32_t whole = part - (5 * part > end - in);
        if (whole > 0) {
            tc_split_tables(tables, in, in + 5 * whole);
        }
        if (whole < part) {
            tc_split_tables(tables + TC_SPLIT_WORDS * whole, end - 5, end);
        }
        const tc_split split = {tables, tables + TC_SPLIT_WORDS * part, codes, outputs, outputs, from, sums};
        tc_split_add(split);
        from = NULL;
        in += 5 * whole;
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
            tc_vector_rests rest = tc_vector_rests_of(p, in, rests);
            tc_add_vector_rests(&rest, scratch + p->group, sums, to->out_n);
        }
        tc_ternary_bytes(to, sums, 0, to->out_n, channels, scales, out, twice);
        tc_clamp_bytes_scalar(out, to->out_n, to->act_min, to->act_max);
    }
}

#endif

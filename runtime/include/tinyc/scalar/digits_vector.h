/* Vectors through ternary weights by multiplications that serve two weights each. */
#ifndef TINYC_SCALAR_DIGITS_VECTOR_H
#define TINYC_SCALAR_DIGITS_VECTOR_H

#include "tinyc/scalar/digits.h"
#include "tinyc/scalar/ternary_bytes.h"

/* The sums of `count` outputs, 10, 5 or fewer, of n inputs. Returns their weights' end. sums: room for four at least.
 */
static inline const uint8_t *tc_digits_sums(const int8_t *x, int32_t n, const uint8_t *w, int32_t *sums, int32_t count)
{
    if (count == 10) {
        tc_digits_ten(x, n, w, sums);
        return w + 2 * n;
    }
    if (count == 5) {
        tc_digits_five(x, n, w, sums);
        return w + n;
    }
    tc_digits_rest(x, n, w, sums, count);
    return w + tc_digits_codes(n + 4) * count;
}

/* twice: 1 where requantization rounds twice; a constant at every call. */
TC_INLINE void tc_ternary_digits(const tc_ternary_vector *p, const int8_t *in, const uint8_t *codes,
                                 const int32_t *channels, const uint8_t *scales, int8_t *out, int32_t vectors,
                                 int32_t twice)
{
    const int32_t count = p->out_n;
    for (const int8_t *const end = out + count * vectors; out != end; out += count) {
        int32_t sums[2 * TC_DIGITS_OUTPUTS];
        int32_t *part = sums;
        const uint8_t *w = codes;
        for (int32_t left = p->in_n; left > 0; part = sums + TC_DIGITS_OUTPUTS) {
            const int32_t n = tc_min(left, TC_DIGITS_INPUTS);
            w = tc_digits_sums(in, n, w, part, count);
            if (part != sums) {
                for (int32_t i = 0; i < count; i++) {
                    sums[i] += part[i];
                }
            }
            in += n;
            left -= n;
        }
        tc_ternary_bytes(p, sums, 0, count, channels, scales, out, twice);
        tc_clamp_bytes_scalar(out, count, p->act_min, p->act_max);
    }
}

#endif

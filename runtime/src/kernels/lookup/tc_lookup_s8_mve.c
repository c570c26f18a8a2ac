#include "tinyc/lookup.h"

#include <arm_mve.h>

TC_KERNEL void tc_lookup_s8_mve(const int8_t *in, const int8_t *table, int8_t *out, int32_t n)
{
    for (; n > 0; n -= 16, in += 16, out += 16) {
        const mve_pred16_t p = vctp8q((uint32_t)n);
        const uint8x16_t at = veorq_u8(vreinterpretq_u8_s8(vldrbq_z_s8(in, p)), vdupq_n_u8(0x80));
        vstrbq_p_s8(out, vldrbq_gather_offset_z_s8(table, at, p), p);
    }
}

#ifndef TINYC_LOOKUP_H
#define TINYC_LOOKUP_H

#include "tinyc/kernel.h"

/* out[i] = table[in[i] + 128]: any function of one byte. table: [256]; out may be in. Portable. */
void tc_lookup_s8_ref(const int8_t *in, const int8_t *table, int8_t *out, int32_t n);

/* The same for Helium. */
void tc_lookup_s8_mve(const int8_t *in, const int8_t *table, int8_t *out, int32_t n);

#endif

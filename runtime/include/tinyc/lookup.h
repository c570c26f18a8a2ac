#ifndef TINYC_LOOKUP_H
#define TINYC_LOOKUP_H

#include "tinyc/kernel.h"
#include <string.h>

/* out[i] = table[in[i] + 128]: any function of one byte. table: [256]; out may be in. Portable. */
void tc_lookup_s8_ref(const int8_t *in, const int8_t *table, int8_t *out, int32_t n);

/* The same with words of 32 bits, those of float32 numbers. Portable. */
void tc_lookup_s8_f32_ref(const int8_t *in, const uint32_t *table, float *out, int32_t n);

/* out[i] = in[i] with its sign bit flipped: uint8 to int8 and back. out may be in. Portable. */
void tc_flip_s8_ref(const int8_t *in, int8_t *out, int32_t n);

/* A table for Helium. */
void tc_lookup_s8_mve(const int8_t *in, const int8_t *table, int8_t *out, int32_t n);

#endif

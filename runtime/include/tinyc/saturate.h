/* Saturation to a byte. */
#ifndef TINYC_SATURATE_H
#define TINYC_SATURATE_H

#include <stdint.h>

#ifdef __ARM_FEATURE_SAT
#include <arm_acle.h>

/* x as a byte. What GCC's __ssat gives has a sign that -Wsign-conversion does not see. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
static inline int8_t tc_saturate(int32_t x) { return (int8_t)__ssat(x, 8); }
#pragma GCC diagnostic pop
#else
static inline int8_t tc_saturate(int32_t x) { return (int8_t)(x == (int8_t)x ? x : (x >> 31) ^ INT8_MAX); }
#endif

#endif

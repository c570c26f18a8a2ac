#ifndef TINYC_ARG_MAX_H
#define TINYC_ARG_MAX_H

#include "tinyc/kernel.h"

typedef struct {
    int32_t count; /* elements along the axis */
    int32_t inner; /* elements from one along the axis to the next */
    int32_t sign;  /* 1: the largest is looked for, -1: the smallest; of float32 2 and -2: the last of them */
} tc_arg_max_params;

/* ARG_MAX and ARG_MIN: the first index of the extreme along the axis.
 * in: [units, count, inner]; out: [units, inner]. Portable. */
void tc_arg_max_s8_s32_ref(const tc_arg_max_params *p, const int8_t *in, int32_t *out, int32_t units);
void tc_arg_max_s8_s64_ref(const tc_arg_max_params *p, const int8_t *in, int64_t *out, int32_t units);

/* The same of float32; a NaN is found only where it is first. Portable. */
void tc_arg_max_f32_s32_ref(const tc_arg_max_params *p, const float *in, int32_t *out, int32_t units);
void tc_arg_max_f32_s64_ref(const tc_arg_max_params *p, const float *in, int64_t *out, int32_t units);

/* Of the elements at in[i * inner]. */
static inline int32_t tc_arg_max(const tc_arg_max_params *p, const int8_t *in)
{
    int32_t found = 0;
    int32_t most = in[0] * p->sign;
    for (int32_t i = 1; i < p->count; i++) {
        const int32_t value = in[i * p->inner] * p->sign;
        if (value > most) {
            most = value;
            found = i;
        }
    }
    return found;
}

static inline int32_t tc_arg_max_f32(const tc_arg_max_params *p, const float *in)
{
    int32_t found = 0;
    float most = in[0];
    for (int32_t i = 1; i < p->count; i++) {
        const float value = in[i * p->inner];
        if ((p->sign > 0 ? value > most : value < most) || (value == most && (p->sign > 1 || p->sign < -1))) {
            most = value;
            found = i;
        }
    }
    return found;
}

#endif

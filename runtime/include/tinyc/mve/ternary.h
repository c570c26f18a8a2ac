/* Ternary weights by Helium.
 *
 * A byte holds five weights d of -1, 0 and 1 as d0 + 3 d1 + 9 d2 + 27 d3 + 81 d4. Divided by three and rounded it holds
 * the other four, so no weight is unpacked: S0 .. S4 being the sums of inputs by the bytes divided zero to four times,
 * those of the weights are S0 - 3 S1, S1 - 3 S2, S2 - 3 S3, S3 - 3 S4 and S4. */
#ifndef TINYC_MVE_TERNARY_H
#define TINYC_MVE_TERNARY_H

#include <arm_mve.h>

#include "tinyc/ternary.h"

/* (85 b + 128) >> 8, rounded down, is b / 3 rounded to nearest, for all b in [-121, 121]. */
#define TC_THIRD_MVE 85

/* The weights of 16 codes, at the pointers a to e. third: a vector of thirds, less: -3. */
#define TC_UNPACK_CODES_MVE                                                                                            \
    "vldrb.u8 q0, [%[code]], #16\n\t"                                                                                  \
    "vrmulh.s8 q1, q0, %q[third]\n\t"                                                                                  \
    "vmla.s8 q0, q1, %[less]\n\t"                                                                                      \
    "vrmulh.s8 q2, q1, %q[third]\n\t"                                                                                  \
    "vstrb.8 q0, [%[a]], #16\n\t"                                                                                      \
    "vmla.s8 q1, q2, %[less]\n\t"                                                                                      \
    "vrmulh.s8 q3, q2, %q[third]\n\t"                                                                                  \
    "vstrb.8 q1, [%[b]], #16\n\t"                                                                                      \
    "vmla.s8 q2, q3, %[less]\n\t"                                                                                      \
    "vrmulh.s8 q1, q3, %q[third]\n\t"                                                                                  \
    "vstrb.8 q2, [%[c]], #16\n\t"                                                                                      \
    "vmla.s8 q3, q1, %[less]\n\t"                                                                                      \
    "vstrb.8 q3, [%[d]], #16\n\t"                                                                                      \
    "vstrb.8 q1, [%[e]], #16\n\t"

#endif

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

#endif

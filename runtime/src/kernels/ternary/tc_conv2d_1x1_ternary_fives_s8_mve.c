/* The kernel is in the header, as that for any window calls it, too: one of the two copies is linked. */
#include "tinyc/mve/ternary_fives.h"

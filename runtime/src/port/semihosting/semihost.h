/* Semihosting: requests that the emulator or debugger carries out; numbers and blocks as in Arm's specification 2.0. */
#ifndef TINYC_SEMIHOST_H
#define TINYC_SEMIHOST_H

#include <stdint.h>

/* Defined by the architecture. block: the request's parameters, one word each. */
uintptr_t tc_semihost(uint32_t request, const void *block);

#endif

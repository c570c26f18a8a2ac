/* One semihosting request of an Arm M-profile core. */
#include "../semihosting/semihost.h"

uintptr_t tc_semihost(uint32_t request, const void *block)
{
    register uint32_t r0 __asm("r0") = request;
    register const void *r1 __asm("r1") = block;
    __asm volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return r0;
}

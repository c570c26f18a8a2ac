/* One semihosting request of a RISC-V core: the three instructions are never compressed nor on two pages. */
#include "../semihosting/semihost.h"

uintptr_t tc_semihost(uint32_t request, const void *block)
{
    register uintptr_t a0 __asm("a0") = request;
    register const void *a1 __asm("a1") = block;
    __asm volatile(".balign 16\n"
                   ".option push\n"
                   ".option norvc\n"
                   "slli zero, zero, 0x1f\n"
                   "ebreak\n"
                   "srai zero, zero, 7\n"
                   ".option pop\n"
                   : "+r"(a0)
                   : "r"(a1)
                   : "memory");
    return a0;
}

/* Instruction counter: the core's own minstret. In QEMU with `-icount shift=0` it is exact. */
#include "tinyc/port.h"

void tc_port_counter_init(void) {}

int tc_port_counts(void) { return 1; }

/* As many instructions at every call, so no retry on a carry between the two words: where the low word has its top bit
 * set, the high word read before it belongs to it, else the one read behind it. */
__attribute__((naked)) uint64_t tc_port_now(void)
{
    __asm volatile("csrr a2, minstreth\n"
                   "csrr a0, minstret\n"
                   "csrr a1, minstreth\n"
                   "sub a2, a2, a1\n"
                   "srai a3, a0, 31\n"
                   "and a2, a2, a3\n"
                   "add a1, a1, a2\n"
                   "ret\n");
}

uint64_t tc_port_elapsed(uint64_t begin, uint64_t end) { return end - begin; }

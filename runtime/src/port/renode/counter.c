/* Instruction counter: a hook that the emulator's script sets on tc_port_now writes the core's count into the mailbox
 * just before the function reads it. */
#include "mailbox.h"
#include "tinyc/port.h"

void tc_port_counter_init(void)
{
    TC_MAILBOX->instructions[0] = 0;
    TC_MAILBOX->instructions[1] = 0;
}

int tc_port_counts(void) { return 1; }

uint64_t tc_port_now(void)
{
    const uint32_t low = TC_MAILBOX->instructions[0];
    return low | (uint64_t)TC_MAILBOX->instructions[1] << 32;
}

uint64_t tc_port_elapsed(uint64_t begin, uint64_t end) { return end - begin; }

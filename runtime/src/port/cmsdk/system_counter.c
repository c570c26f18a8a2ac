/* Instruction counter on the system counter of Arm's SSE-300 in QEMU with `-icount shift=0`: one instruction is 1 ns
 * and the 64-bit up counter ticks every 31.25 = 125 / 4 of them; its low word wraps after 1.3e11.
 *
 * As in timer.c, reading it 125 times, 7 instructions apart, meets every quarter of a phase once (4 x 7 and 125 have no
 * common divisor): the sum rises by exactly 4 per instruction. */
#include "tinyc/port.h"

static volatile uint32_t *const CONTROL = (volatile uint32_t *)TC_COUNTER_CONTROL_BASE;

enum { CNTCR = 0, CNTCR_EN = 1 };

void tc_port_counter_init(void) { CONTROL[CNTCR] = CNTCR_EN; }

int tc_port_counts(void) { return 1; }

__attribute__((naked)) uint64_t tc_port_now(void)
{
    __asm volatile("ldr r3, =%c0\n"
                   "movs r0, #0\n"
                   "movs r1, #0\n"
                   "mov r12, #125\n"
                   "1: ldr r2, [r3]\n"
                   "adds r0, r0, r2\n"
                   "adc r1, r1, #0\n"
                   "nop\n"
                   "nop\n"
                   "subs r12, r12, #1\n"
                   "bne 1b\n"
                   "bx lr\n"
                   :
                   : "i"(TC_COUNTER_STATUS_BASE));
}

uint64_t tc_port_elapsed(uint64_t begin, uint64_t end) { return (end - begin) / 4; }

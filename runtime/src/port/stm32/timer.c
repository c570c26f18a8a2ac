/* Instruction counter on a general-purpose timer, TC_TIMER_BASE, in QEMU with `-icount shift=0`: QEMU clocks it at 1
 * GHz whatever the chip does, one instruction is 1 ns, and with a prescaler of 40 the 32-bit counter wraps
 * after 1.7e11.
 *
 * As in cmsdk/timer.c, reading it 40 times, 7 instructions apart, meets every phase of a tick once: the sum rises by
 * exactly 1 per instruction. */
#include "tinyc/port.h"

static volatile uint32_t *const TIMER = (volatile uint32_t *)TC_TIMER_BASE;

enum { CR1 = 0, EGR = 5, PSC = 10, ARR = 11, CR1_CEN = 1, EGR_UG = 1 };

void tc_port_counter_init(void)
{
    TIMER[PSC] = 40 - 1;
    TIMER[ARR] = 0xFFFFFFFFu;
    TIMER[EGR] = EGR_UG;
    TIMER[CR1] = CR1_CEN;
}

int tc_port_counts(void) { return 1; }

__attribute__((naked)) uint64_t tc_port_now(void)
{
    __asm volatile("ldr r3, =%c0\n"
                   "movs r0, #0\n"
                   "movs r1, #0\n"
                   "mov r12, #40\n"
                   "1: ldr r2, [r3, #0x24]\n"
                   "adds r0, r0, r2\n"
                   "adc r1, r1, #0\n"
                   "nop\n"
                   "nop\n"
                   "subs r12, r12, #1\n"
                   "bne 1b\n"
                   "bx lr\n"
                   :
                   : "i"(TC_TIMER_BASE));
}

uint64_t tc_port_elapsed(uint64_t begin, uint64_t end) { return end - begin; }

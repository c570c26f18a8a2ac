/* Instruction counter on a CMSDK APB timer, TC_TIMER_BASE, in QEMU with `-icount shift=0`: one instruction is 1 ns, the
 * 32-bit down counter ticks every P = TC_TIMER_PERIOD of them (40 at 25 MHz, 50 at 20 MHz), and wraps after 1.7e11.
 *
 * Reading it once would be exact to a tick. tc_port_now reads it P times, 7 instructions apart: as 7 and P have no
 * common divisor the reads meet every phase of a tick once, and their sum falls by exactly 1 per instruction:
 * sum over j in [0, P) of floor((T - t - 7 j) / P) = -t + a constant. */
#include "tinyc/port.h"

#ifndef TC_TIMER_PERIOD
#define TC_TIMER_PERIOD 40
#endif

static volatile uint32_t *const TIMER = (volatile uint32_t *)TC_TIMER_BASE;

enum { CTRL = 0, VALUE = 1, RELOAD = 2, CTRL_ENABLE = 1 };

void tc_port_counter_init(void)
{
    TIMER[CTRL] = 0;
    TIMER[VALUE] = 0xFFFFFFFFu;
    TIMER[RELOAD] = 0xFFFFFFFFu;
    TIMER[CTRL] = CTRL_ENABLE;
}

int tc_port_counts(void) { return 1; }

__attribute__((naked)) uint64_t tc_port_now(void)
{
    __asm volatile("ldr r3, =%c0\n"
                   "movs r0, #0\n"
                   "movs r1, #0\n"
                   "mov r12, %1\n"
                   "1: ldr r2, [r3, #4]\n"
                   "adds r0, r0, r2\n"
                   "adc r1, r1, #0\n"
                   "nop\n"
                   "nop\n"
                   "subs r12, r12, #1\n"
                   "bne 1b\n"
                   "bx lr\n"
                   :
                   : "i"(TC_TIMER_BASE), "i"(TC_TIMER_PERIOD));
}

uint64_t tc_port_elapsed(uint64_t begin, uint64_t end) { return begin - end; }

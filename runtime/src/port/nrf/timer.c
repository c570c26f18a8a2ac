/* Instruction counter on a 32-bit timer of the nRF51, TC_TIMER_BASE, in QEMU with `-icount shift=0`: one instruction is
 * 1 ns, and at 8 MHz (16 MHz, prescaler 1) the counter ticks every 125 of them and wraps after 5.3e11.
 *
 * As in cmsdk/timer.c, reading it 125 times, 8 instructions apart, meets every phase of a tick once: the sum rises by
 * exactly 1 per instruction. A reading is two accesses: capture, then the captured value. Armv6-M code. */
#include "tinyc/port.h"

static volatile uint32_t *const TIMER = (volatile uint32_t *)TC_TIMER_BASE;

/* byte offset / 4; TASKS_CAPTURE[0] is at 0x040, CC[0] at 0x540 */
enum {
    TASKS_START = 0x000 / 4,
    TASKS_CLEAR = 0x00C / 4,
    MODE = 0x504 / 4,
    BITMODE = 0x508 / 4,
    PRESCALER = 0x510 / 4,
    BITMODE_32 = 3,
};

void tc_port_counter_init(void)
{
    TIMER[MODE] = 0;
    TIMER[BITMODE] = BITMODE_32;
    TIMER[PRESCALER] = 1;
    TIMER[TASKS_CLEAR] = 1;
    TIMER[TASKS_START] = 1;
}

int tc_port_counts(void) { return 1; }

/* Low word: the sum of 125 readings; high word: one more. */
__attribute__((naked)) uint64_t tc_port_now(void)
{
    __asm volatile(".syntax unified\n"
                   "ldr r3, =%c0\n"
                   "movs r2, #0xA0\n"
                   "lsls r2, r2, #3\n" /* CC[0] - TASKS_CAPTURE[0] */
                   "movs r0, #125\n"
                   "mov r12, r0\n"
                   "movs r0, #0\n"
                   "1: movs r1, #1\n"
                   "str r1, [r3]\n"
                   "ldr r1, [r3, r2]\n"
                   "adds r0, r0, r1\n"
                   "mov r1, r12\n"
                   "subs r1, r1, #1\n"
                   "mov r12, r1\n"
                   "bne 1b\n"
                   "movs r1, #1\n"
                   "str r1, [r3]\n"
                   "ldr r1, [r3, r2]\n"
                   "bx lr\n"
                   :
                   : "i"(TC_TIMER_BASE + 0x040));
}

/* The single readings say how many instructions to 125, the sums the lowest 32 bits exactly. */
uint64_t tc_port_elapsed(uint64_t begin, uint64_t end)
{
    const uint64_t near = (uint64_t)((uint32_t)(end >> 32) - (uint32_t)(begin >> 32)) * 125u;
    const uint32_t low = (uint32_t)end - (uint32_t)begin;
    return near + (uint64_t)(int64_t)(int32_t)(low - (uint32_t)near);
}

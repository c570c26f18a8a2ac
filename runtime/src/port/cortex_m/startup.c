/* Start-up of any Cortex-M: vector table, memory initialisation, FPU, a guard below the stack, fault report.
 *
 * No interrupt is used. The linker script gives the addresses; see templates/linker.ld.j2. */
#include <stddef.h>
#include <stdint.h>

#include "tinyc/port.h"

extern uint8_t tc_ld_stack_limit[], tc_ld_stack_top[];
extern uint8_t tc_ld_code_start[], tc_ld_code_end[];
extern uint32_t tc_ld_data_start[], tc_ld_data_end[], tc_ld_data_image[];
extern uint32_t tc_ld_bss_start[], tc_ld_bss_end[];
extern uint32_t tc_ld_arena_start[], tc_ld_arena_end[];
extern const uint32_t tc_ld_memory_map[], tc_ld_memory_map_end[]; /* (origin, bytes, 1 if it holds code) */

int main(void);
void tc_reset(void);
void tc_fault_entry(void);
_Noreturn void tc_fault(const uint32_t *frame);

static volatile uint32_t *const SCB_VTOR = (volatile uint32_t *)0xE000ED08u;
static volatile uint32_t *const SCB_CFSR = (volatile uint32_t *)0xE000ED28u;
static volatile uint32_t *const SCB_HFSR = (volatile uint32_t *)0xE000ED2Cu;
static volatile uint32_t *const SCB_MMFAR = (volatile uint32_t *)0xE000ED34u;
static volatile uint32_t *const SCB_BFAR = (volatile uint32_t *)0xE000ED38u;
static volatile uint32_t *const SCB_CPACR = (volatile uint32_t *)0xE000ED88u;
static volatile uint32_t *const MPU_TYPE = (volatile uint32_t *)0xE000ED90u;
static volatile uint32_t *const MPU_CTRL = (volatile uint32_t *)0xE000ED94u;
static volatile uint32_t *const MPU_RBAR = (volatile uint32_t *)0xE000ED9Cu;
static volatile uint32_t *const MPU_RASR = (volatile uint32_t *)0xE000EDA0u;

enum {
    CFSR_MSTKERR = 1 << 4,
    CFSR_MMARVALID = 1 << 7,
    CFSR_STKERR = 1 << 12,
    CFSR_BFARVALID = 1 << 15,
    CFSR_STKOF = 1 << 20,
    GUARD_BYTES = 256, /* the linker script aligns the stack's limit to it */
};

/* Faults run on their own stack: the one in use may be what failed. */
uint8_t tc_fault_stack[512] __attribute__((aligned(8)));

__attribute__((section(".vectors"), used)) static const void *const vectors[16] = {
    tc_ld_stack_top,
    (const void *)tc_reset,
    (const void *)tc_fault_entry, /* NMI */
    (const void *)tc_fault_entry, /* HardFault: every other fault is left disabled and escalates to it */
    (const void *)tc_fault_entry,
    (const void *)tc_fault_entry,
    (const void *)tc_fault_entry,
    (const void *)tc_fault_entry,
    (const void *)tc_fault_entry,
    (const void *)tc_fault_entry,
    (const void *)tc_fault_entry,
    (const void *)tc_fault_entry,
    (const void *)tc_fault_entry,
    (const void *)tc_fault_entry,
    (const void *)tc_fault_entry,
    (const void *)tc_fault_entry,
};

uint8_t *tc_port_stack_limit(void) { return tc_ld_stack_limit + GUARD_BYTES; }

#if __ARM_ARCH >= 8
static void protect_memory(void)
{
    (void)MPU_TYPE, (void)MPU_CTRL, (void)MPU_RBAR, (void)MPU_RASR, (void)tc_ld_memory_map, (void)tc_ld_memory_map_end;
    __asm volatile("msr msplim, %0" : : "r"(tc_ld_stack_limit + GUARD_BYTES));
}
#else

enum {
    MPU_RBAR_VALID = 1 << 4,
    MPU_RASR_XN = 1 << 28,
    MPU_RASR_FULL_ACCESS = 3 << 24,
    MPU_RASR_NORMAL = 1 << 17,
    MPU_RASR_DEVICE = 1 << 16,
    MPU_RASR_ENABLE = 1,
    MPU_CTRL_ENABLE = 1,
    MPU_CTRL_DEFAULT_MAP = 4,
};

/* Regions of the protection unit for [origin, origin + bytes), powers of two in size and alignment; of code, the
 * smallest one that holds it all. Returns the next free region's number; beyond `regions` nothing is written. */
static uint32_t allow(uint32_t region, uint32_t regions, uint32_t origin, uint32_t bytes, uint32_t attributes)
{
    while (bytes != 0) {
        uint32_t log2 = 5;
        if (!(attributes & MPU_RASR_XN)) {
            while (((origin >> log2) << log2) + (1u << log2) - origin < bytes) {
                log2++;
            }
            origin = (origin >> log2) << log2;
            bytes = 1u << log2;
        }
        while (2u << log2 <= bytes && (origin & ((2u << log2) - 1)) == 0) {
            log2++;
        }
        if (region < regions) {
            *MPU_RBAR = origin | MPU_RBAR_VALID | region;
            *MPU_RASR = attributes | MPU_RASR_FULL_ACCESS | (log2 - 1) << 1 | MPU_RASR_ENABLE;
        }
        region++;
        origin += 1u << log2;
        bytes -= bytes < 1u << log2 ? bytes : 1u << log2;
    }
    return region;
}

/* A stack that outgrows its room must fault, not run over the variables below it; so must a wild pointer, which on the
 * chip and in QEMU ends in a fault of its own where nothing is, but in Renode reads 0. */
static void protect_memory(void)
{
    const uint32_t regions = (*MPU_TYPE >> 8) & 0xFFu;
    if (regions == 0) {
        return; /* no MPU on this part: the end of RAM, or the demo's check of the painted bytes, must do */
    }
    const uint32_t guard = regions - 1; /* the highest number decides where regions overlap */
    *MPU_RBAR = MPU_RBAR_VALID;         /* region 0: all 4 GB, no access; the default map would do but for Renode */
    *MPU_RASR = MPU_RASR_XN | 31u << 1 | MPU_RASR_ENABLE;
    uint32_t next = allow(1, guard, 0x40000000u, 0x20000000u, MPU_RASR_XN | MPU_RASR_DEVICE);
    next = allow(next, guard, 0xE0000000u, 0x00100000u, MPU_RASR_XN | MPU_RASR_DEVICE);
#ifdef TC_MAILBOX_BASE
    next = allow(next, guard, TC_MAILBOX_BASE, 0x08000000u, MPU_RASR_XN | MPU_RASR_NORMAL);
#endif
    for (const uint32_t *map = tc_ld_memory_map; map < tc_ld_memory_map_end; map += 3) {
        next = allow(next, guard, map[0], map[1], MPU_RASR_NORMAL | (map[2] ? 0 : MPU_RASR_XN));
    }
    *MPU_RBAR = (uint32_t)(uintptr_t)tc_ld_stack_limit | MPU_RBAR_VALID | guard;
    *MPU_RASR = MPU_RASR_XN | 7u << 1 | MPU_RASR_ENABLE; /* 2^(7+1) bytes, no access */
    if (next > guard) {                                  /* too many banks for the unit: wild pointers are left alone */
        *MPU_RBAR = MPU_RBAR_VALID;
        *MPU_RASR = 0;
    }
    *MPU_CTRL = MPU_CTRL_ENABLE | MPU_CTRL_DEFAULT_MAP; /* off inside HardFault */
    __asm volatile("dsb\n isb" : : : "memory");
}
#endif

void tc_reset(void)
{
    *SCB_VTOR = (uint32_t)(uintptr_t)vectors;
#if defined(__ARM_FP) || defined(__ARM_FEATURE_MVE)
    *SCB_CPACR |= 0xFu << 20;
    __asm volatile("dsb\n isb" : : : "memory");
#else
    (void)SCB_CPACR;
#endif
    const uint32_t *image = tc_ld_data_image;
    for (volatile uint32_t *word = tc_ld_data_start; word < tc_ld_data_end; word++) {
        *word = *image++;
    }
    for (volatile uint32_t *word = tc_ld_bss_start; word < tc_ld_bss_end; word++) {
        *word = 0;
    }
    /* The arena needs no initial value: a model that reads before it writes shall give a wrong answer here. */
    for (volatile uint32_t *word = tc_ld_arena_start; word < tc_ld_arena_end; word++) {
        *word = 0xA5A5A5A5u;
    }
    protect_memory();
    tc_port_exit(main());
}

__attribute__((naked)) void tc_fault_entry(void)
{
    __asm volatile("mrs r0, msp\n"
#if __ARM_ARCH >= 8
                   "movs r1, #0\n"
                   "msr msplim, r1\n"
#endif
                   "ldr r1, =tc_fault_stack + 512\n"
                   "mov sp, r1\n"
                   "ldr r1, =tc_fault\n" /* Armv6-M's branch does not reach far */
                   "bx r1\n");
}

static void put_field(const char *name, uint32_t value)
{
    char text[12] = "0x";
    for (int digit = 0; digit < 8; digit++) {
        text[2 + digit] = "0123456789abcdef"[(value >> (28 - 4 * digit)) & 0xFu];
    }
    text[10] = '\0';
    tc_port_puts(name);
    tc_port_puts(text);
}

/* The innermost return address on the stack, for want of the frame that an overflow left no room for; 0 if none. */
static uint32_t return_address(void)
{
    const uint32_t *const top = (const uint32_t *)(uintptr_t)tc_ld_stack_top;
    for (const uint32_t *word = (const uint32_t *)(uintptr_t)tc_port_stack_limit(); word < top; word++) {
        if ((*word & 1u) && *word > (uintptr_t)tc_ld_code_start && *word < (uintptr_t)tc_ld_code_end) {
            return *word;
        }
    }
    return 0;
}

/* frame: what the exception pushed, [r0 r1 r2 r3 r12 lr pc xpsr], if the stack could still hold it. */
_Noreturn void tc_fault(const uint32_t *frame)
{
    const uint32_t cfsr = *SCB_CFSR;
    const uint8_t *const bytes = (const uint8_t *)frame;
    const int overflow = (cfsr & (CFSR_MSTKERR | CFSR_STKERR | CFSR_STKOF)) != 0 || bytes < tc_port_stack_limit();
    const int framed = !overflow && bytes + 32 <= tc_ld_stack_top;
    tc_port_puts("\ntinyc: fault");
    put_field(" pc=", framed ? frame[6] : 0);
    put_field(" lr=", framed ? frame[5] : return_address());
    put_field(" sp=", (uint32_t)(uintptr_t)frame);
    put_field(" cfsr=", cfsr);
    put_field(" hfsr=", *SCB_HFSR);
    put_field(" address=", (cfsr & CFSR_MMARVALID) ? *SCB_MMFAR : (cfsr & CFSR_BFARVALID) ? *SCB_BFAR : 0);
    tc_port_puts(overflow ? " cause=stack-overflow\n" : " cause=fault\n");
    tc_port_exit(3);
}

/* Start-up of a single RV32 core in machine mode: memory initialisation, memory protection, fault report.
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
void tc_begin(void);
void tc_fault_entry(void);
_Noreturn void tc_fault(uint32_t stack_pointer, uint32_t return_to);

enum {
    GUARD_BYTES = 256, /* the linker script aligns the stack's limit to it */
    CAUSE_LOAD_ACCESS = 5,
    CAUSE_STORE_ACCESS = 7,
};

/* Entries of the memory protection, "naturally aligned power of two". Those without lock bind only the lesser modes:
 * machine mode may do as it likes there. The first entry that matches an address decides. */
enum { PMP_ENTRIES = 8, PMP_ALLOW = 0x1F, PMP_LOCKED_NONE = 0x98 };

/* Faults run on their own stack: the one in use may be what failed. */
uint8_t tc_fault_stack[512] __attribute__((aligned(16)));

uint8_t *tc_port_stack_limit(void) { return tc_ld_stack_limit + GUARD_BYTES; }

__attribute__((naked, section(".vectors"), used)) void tc_reset(void)
{
    __asm volatile(".option push\n"
                   ".option norelax\n"
                   "la gp, __global_pointer$\n"
                   ".option pop\n"
                   "la sp, tc_ld_stack_top\n"
                   "la t0, tc_fault_entry\n"
                   "csrw mtvec, t0\n"
                   "j tc_begin\n");
}

static void write_pmp(int entry, uint32_t address, uint32_t config)
{
    const uint32_t shifted = config << (entry % 4 * 8);
    switch (entry) {
    case 0:
        __asm volatile("csrw pmpaddr0, %0\n csrs pmpcfg0, %1" : : "r"(address), "r"(shifted));
        break;
    case 1:
        __asm volatile("csrw pmpaddr1, %0\n csrs pmpcfg0, %1" : : "r"(address), "r"(shifted));
        break;
    case 2:
        __asm volatile("csrw pmpaddr2, %0\n csrs pmpcfg0, %1" : : "r"(address), "r"(shifted));
        break;
    case 3:
        __asm volatile("csrw pmpaddr3, %0\n csrs pmpcfg0, %1" : : "r"(address), "r"(shifted));
        break;
    case 4:
        __asm volatile("csrw pmpaddr4, %0\n csrs pmpcfg1, %1" : : "r"(address), "r"(shifted));
        break;
    case 5:
        __asm volatile("csrw pmpaddr5, %0\n csrs pmpcfg1, %1" : : "r"(address), "r"(shifted));
        break;
    case 6:
        __asm volatile("csrw pmpaddr6, %0\n csrs pmpcfg1, %1" : : "r"(address), "r"(shifted));
        break;
    default:
        __asm volatile("csrw pmpaddr7, %0\n csrs pmpcfg1, %1" : : "r"(address), "r"(shifted));
        break;
    }
}

/* pmpaddr of the smallest aligned power of two that holds [origin, origin + bytes). */
static uint32_t enclosing(uint32_t origin, uint32_t bytes)
{
    uint32_t size = 8;
    while ((origin & ~(size - 1)) + size - origin < bytes) {
        size *= 2;
    }
    return (origin & ~(size - 1)) >> 2 | (size / 8 - 1);
}

/* A stack that outgrows its room must fault, not run over the variables below it; so must a wild pointer, which on the
 * chip and in QEMU ends in a fault of its own where nothing is, but in Renode reads 0. */
static void protect_memory(void)
{
    int entry = 0;
    write_pmp(entry++, enclosing((uint32_t)(uintptr_t)tc_ld_stack_limit, GUARD_BYTES), PMP_LOCKED_NONE);
    for (const uint32_t *map = tc_ld_memory_map; map < tc_ld_memory_map_end; map += 3) {
        if (entry >= PMP_ENTRIES - 3) {
            return; /* too many banks: wild pointers are left alone */
        }
        write_pmp(entry++, enclosing(map[0], map[1]), PMP_ALLOW);
    }
    write_pmp(entry++, enclosing(TC_PERIPHERALS_BASE, TC_PERIPHERALS_BYTES), PMP_ALLOW);
#ifdef TC_MAILBOX_BASE
    write_pmp(entry++, enclosing(TC_MAILBOX_BASE, 0x08000000u), PMP_ALLOW);
#endif
    write_pmp(entry, 0xFFFFFFFFu, PMP_LOCKED_NONE);
}

void tc_begin(void)
{
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

__attribute__((naked, aligned(4))) void tc_fault_entry(void)
{
    __asm volatile("mv a0, sp\n"
                   "mv a1, ra\n"
                   "la sp, tc_fault_stack + 512\n"
                   "j tc_fault\n");
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

_Noreturn void tc_fault(uint32_t stack_pointer, uint32_t return_to)
{
    uint32_t pc, cause, address;
    __asm volatile("csrr %0, mepc\n csrr %1, mcause\n csrr %2, mtval\n" : "=r"(pc), "=r"(cause), "=r"(address));
    const uint32_t floor = (uint32_t)(uintptr_t)tc_port_stack_limit();
    const int access = cause == CAUSE_LOAD_ACCESS || cause == CAUSE_STORE_ACCESS;
    const int overflow = stack_pointer < floor || (access && address >= floor - GUARD_BYTES && address < floor);
    tc_port_puts("\ntinyc: fault");
    put_field(" pc=", pc);
    put_field(" lr=", return_to);
    put_field(" sp=", stack_pointer);
    put_field(" mcause=", cause);
    put_field(" mtval=", address);
    tc_port_puts(overflow ? " cause=stack-overflow\n" : " cause=fault\n");
    tc_port_exit(3);
}

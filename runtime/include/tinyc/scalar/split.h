/* Sums by ternary codes of five inputs, for few outputs.
 *
 * A code t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4, t = 0, 1, 2 for 0, 1, -1, is the sum of its first three inputs and that of
 * its last two: tables of 27 and 9 take less to make than one of 243. On RISC-V, which has the registers, it is a jump
 * into the additions themselves. */
#ifndef TINYC_SCALAR_SPLIT_H
#define TINYC_SCALAR_SPLIT_H

#include "tinyc/kernel.h"

enum {
    TC_SPLIT_CODES = 26, /* of an output, whose tables are in scratch together */
    TC_SPLIT_WORDS = 19, /* of the tables of a code */
    TC_SPLIT_ROOM = 10   /* sums beyond the last output that may be written */
};

#if defined(TC_MANY_REGISTERS) && defined(__riscv_compressed) && !defined(__OPTIMIZE_SIZE__)
#define TC_SPLIT_JUMPS
enum { TC_SPLIT_BLOCK = 11, TC_SPLIT_OFFSET = 0 };

typedef struct {
    const int8_t *x; /* five for each column but the last, where `last` has those */
    const int8_t *end;
    const int8_t *last;   /* or NULL */
    const uint8_t *codes; /* [columns, outputs] */
    int32_t outputs;
    int32_t left;        /* of the outputs */
    const int32_t *from; /* TC_SPLIT_BLOCK sums that all blocks begin with; NULL: `sums` */
    int32_t *sums;
} tc_split;

/* a0: codes, t5: inputs, t6: the cases, a6: codes from a column to the next, a7: the row to begin with; t0 to t3: the
 * first two inputs, their sum and difference; a1 to a4: the same of the next two; s0, t4: the fifth and its negative;
 * s1 to s11: sums, a5: the sum of a code. A row has twelve bytes, a case
 * up to eight. */
#define TC_SPLIT_ROW(at, sum)                                                                                          \
    "lbu a5, " at "(a0)\n\t"                                                                                           \
    "slli a5, a5, 3\n\t"                                                                                               \
    "add a5, a5, t6\n\t"                                                                                               \
    "jalr a5\n\t"                                                                                                      \
    "add " sum ", " sum ", a5\n\t"
/* Of parts x, y, z and their signs in a case; `ne` is that of the third. */
#define TC_SPLIT_MACROS                                                                                                \
    ".macro tc_case_0 sx, x, sy, y\n\t"                                                                                \
    ".ifc \\sx\\sy, 00\n\tli a5, 0\n\t.endif\n\t"                                                                      \
    ".ifc \\sx\\sy, 10\n\tmv a5, \\x\n\t.endif\n\t"                                                                    \
    ".ifc \\sx\\sy, 20\n\tneg a5, \\x\n\t.endif\n\t"                                                                   \
    ".ifc \\sx\\sy, 01\n\tmv a5, \\y\n\t.endif\n\t"                                                                    \
    ".ifc \\sx\\sy, 02\n\tneg a5, \\y\n\t.endif\n\t"                                                                   \
    ".ifc \\sx\\sy, 11\n\tadd a5, \\x, \\y\n\t.endif\n\t"                                                              \
    ".ifc \\sx\\sy, 12\n\tsub a5, \\x, \\y\n\t.endif\n\t"                                                              \
    ".ifc \\sx\\sy, 21\n\tsub a5, \\y, \\x\n\t.endif\n\t"                                                              \
    ".ifc \\sx\\sy, 22\n\tneg a5, \\x\n\tsub a5, a5, \\y\n\t.endif\n\t"                                                \
    ".endm\n\t"                                                                                                        \
    ".macro tc_case_z z, sx, x, sy, y\n\t"                                                                             \
    ".ifc \\sx\\sy, 00\n\tmv a5, \\z\n\t.endif\n\t"                                                                    \
    ".ifc \\sx\\sy, 10\n\tadd a5, \\z, \\x\n\t.endif\n\t"                                                              \
    ".ifc \\sx\\sy, 20\n\tsub a5, \\z, \\x\n\t.endif\n\t"                                                              \
    ".ifc \\sx\\sy, 01\n\tadd a5, \\z, \\y\n\t.endif\n\t"                                                              \
    ".ifc \\sx\\sy, 02\n\tsub a5, \\z, \\y\n\t.endif\n\t"                                                              \
    ".ifc \\sx\\sy, 11\n\tadd a5, \\z, \\x\n\tadd a5, a5, \\y\n\t.endif\n\t"                                           \
    ".ifc \\sx\\sy, 12\n\tadd a5, \\z, \\x\n\tsub a5, a5, \\y\n\t.endif\n\t"                                           \
    ".ifc \\sx\\sy, 21\n\tsub a5, \\z, \\x\n\tadd a5, a5, \\y\n\t.endif\n\t"                                           \
    ".ifc \\sx\\sy, 22\n\tsub a5, \\z, \\x\n\tsub a5, a5, \\y\n\t.endif\n\t"                                           \
    ".endm\n\t"                                                                                                        \
    ".macro tc_case sx, x, sy, y, sz\n\t"                                                                              \
    ".balign 8\n\t"                                                                                                    \
    ".ifc \\sz, 0\n\ttc_case_0 \\sx, \\x, \\sy, \\y\n\t.endif\n\t"                                                     \
    ".ifc \\sz, 1\n\ttc_case_z s0, \\sx, \\x, \\sy, \\y\n\t.endif\n\t"                                                 \
    ".ifc \\sz, 2\n\ttc_case_z t4, \\sx, \\x, \\sy, \\y\n\t.endif\n\t"                                                 \
    "ret\n\t"                                                                                                          \
    ".endm\n\t"                                                                                                        \
    ".macro tc_cases_ab sy, y, sz\n\t"                                                                                 \
    "tc_case 0, t0, \\sy, \\y, \\sz\n\ttc_case 1, t0, \\sy, \\y, \\sz\n\ttc_case 2, t0, \\sy, \\y, \\sz\n\t"           \
    "tc_case 1, t1, \\sy, \\y, \\sz\n\ttc_case 1, t2, \\sy, \\y, \\sz\n\ttc_case 2, t3, \\sy, \\y, \\sz\n\t"           \
    "tc_case 2, t1, \\sy, \\y, \\sz\n\ttc_case 1, t3, \\sy, \\y, \\sz\n\ttc_case 2, t2, \\sy, \\y, \\sz\n\t"           \
    ".endm\n\t"                                                                                                        \
    ".macro tc_cases_cd sz\n\t"                                                                                        \
    "tc_cases_ab 0, a1, \\sz\n\ttc_cases_ab 1, a1, \\sz\n\ttc_cases_ab 2, a1, \\sz\n\t"                                \
    "tc_cases_ab 1, a2, \\sz\n\ttc_cases_ab 1, a3, \\sz\n\ttc_cases_ab 2, a4, \\sz\n\t"                                \
    "tc_cases_ab 2, a2, \\sz\n\ttc_cases_ab 1, a4, \\sz\n\ttc_cases_ab 2, a3, \\sz\n\t"                                \
    ".endm\n\t"
#define TC_SPLIT_PURGE                                                                                                 \
    ".purgem tc_case_0\n\t.purgem tc_case_z\n\t.purgem tc_case\n\t.purgem tc_cases_ab\n\t.purgem tc_cases_cd\n\t"

#define TC_SPLIT_SUMS(move)                                                                                            \
    move " s1, 0(t5)\n\t" move " s2, 4(t5)\n\t" move " s3, 8(t5)\n\t" move " s4, 12(t5)\n\t" move                      \
         " s5, 16(t5)\n\t" move " s6, 20(t5)\n\t" move " s7, 24(t5)\n\t" move " s8, 28(t5)\n\t" move                   \
         " s9, 32(t5)\n\t" move " s10, 36(t5)\n\t" move " s11, 40(t5)\n\t"
/* Adds to the outputs' sums the codes of all columns. */
TC_INLINE void tc_split_add(tc_split b)
{
    const int8_t *end;
    const int8_t *last;
    __asm__ volatile(
        "1:\n\t"
        "lw t5, %[from]\n\t"
        "bnez t5, 7f\n\t"
        "lw t5, %[sums]\n\t"
        "7:\n\t" TC_SPLIT_SUMS("lw") /* */
        "lw a0, %[codes]\n\t"
        "lw a6, %[outputs]\n\t"
        "lw a7, %[left]\n\t"
        "li a5, 11\n\t"
        "sub a7, a5, a7\n\t"
        "la t6, 2f\n\t"
        "bgez a7, 3f\n\t"
        "li a7, 0\n\t"
        "3:\n\t"
        "li a5, 12\n\t"
        "mul a7, a7, a5\n\t"
        "add a7, a7, t6\n\t"
        "la t6, 5f\n\t"
        "lw a5, %[all]\n\t"
        "sw a5, %[end]\n\t"
        "lw a5, %[rest]\n\t"
        "sw a5, %[last]\n\t"
        "lw t5, %[x]\n\t"
        "6:\n\t"
        "lb t0, 0(t5)\n\t"
        "lb t1, 1(t5)\n\t"
        "lb a1, 2(t5)\n\t"
        "lb a2, 3(t5)\n\t"
        "lb s0, 4(t5)\n\t"
        "addi t5, t5, 5\n\t"
        "add t2, t0, t1\n\t"
        "sub t3, t0, t1\n\t"
        "add a3, a1, a2\n\t"
        "sub a4, a1, a2\n\t"
        "neg t4, s0\n\t"
        "jr a7\n\t"
        "2:\n\t" TC_SPLIT_ROW("10", "s11") TC_SPLIT_ROW("9", "s10") TC_SPLIT_ROW("8", "s9") TC_SPLIT_ROW("7", "s8")
            TC_SPLIT_ROW("6", "s7") TC_SPLIT_ROW("5", "s6") TC_SPLIT_ROW("4", "s5") TC_SPLIT_ROW("3", "s4")
                TC_SPLIT_ROW("2", "s3") TC_SPLIT_ROW("1", "s2") TC_SPLIT_ROW("0", "s1") /* */
        "lw a5, %[end]\n\t"
        "add a0, a0, a6\n\t"
        "bne t5, a5, 6b\n\t"
        "lw t5, %[last]\n\t"
        "sw zero, %[last]\n\t"
        "addi a5, t5, 5\n\t"
        "sw a5, %[end]\n\t"
        "bnez t5, 6b\n\t"
        "lw t5, %[sums]\n\t" TC_SPLIT_SUMS("sw") /* */
        "addi t5, t5, 44\n\t"
        "sw t5, %[sums]\n\t"
        "lw a0, %[codes]\n\t"
        "addi a0, a0, 11\n\t"
        "sw a0, %[codes]\n\t"
        "lw a7, %[left]\n\t"
        "addi a7, a7, -11\n\t"
        "sw a7, %[left]\n\t"
        "bgtz a7, 1b\n\t"
        "j 9f\n\t" TC_SPLIT_MACROS ".balign 8\n\t"
        "5:\n\t"
        "tc_cases_cd 0\n\ttc_cases_cd 1\n\ttc_cases_cd 2\n\t" TC_SPLIT_PURGE "9:\n\t"
        : [codes] "+m"(b.codes), [sums] "+m"(b.sums), [left] "+m"(b.left), [end] "=m"(end), [last] "=m"(last)
        : [from] "m"(b.from), [x] "m"(b.x), [all] "m"(b.end), [rest] "m"(b.last), [outputs] "m"(b.outputs)
        : "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "s0", "s1",
          "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "memory");
}

#else
enum {
    TC_SPLIT_BLOCK = 5,
    TC_SPLIT_OFFSET = 640, /* what the sums of a code in its tables have more, so that no half of a word is negative */
    TC_SPLIT_FIRST = 384   /* of it, the first three inputs */
};

typedef struct {
    const uint32_t *x; /* tables of each column */
    const uint32_t *end;
    const uint8_t *codes; /* [columns, outputs] */
    int32_t outputs;
    int32_t left;        /* of the outputs */
    const int32_t *from; /* TC_SPLIT_BLOCK sums that all blocks begin with; NULL: `sums` */
    int32_t *sums;
} tc_split;

/* The tables of the columns' codes: words of a sum and its negative, { 0, a, b, c, a + b, a - b, c + a, c - a, c + b,
 * c - b, c - (a - b), c + (a + b), c - (a + b), c + (a - b) } and { 0, d, e, d + e, d - e }. x: five for each column.
 */
#if defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_6M__)
#define TC_SPLIT_LOAD(to, at) "movs r7, #" at "\n\tldrsb " to ", [r1, r7]\n\t"
TC_NO_FRAME_POINTER static __attribute__((noinline, unused)) void tc_split_tables(uint32_t *tables, const int8_t *x,
                                                                                  const int8_t *end)
{
    register uint32_t *to __asm__("r0") = tables;
    register const int8_t *from __asm__("r1") = x;
    register uint32_t factor __asm__("r8") = 0xFFFF0001u;
    register uint32_t first __asm__("r9") = TC_SPLIT_FIRST * 0x10001u;
    register uint32_t last __asm__("r10") = (TC_SPLIT_OFFSET - TC_SPLIT_FIRST) * 0x10001u;
    register const int8_t *stop __asm__("r11") = end;
    __asm__ volatile(".syntax unified\n\t"
                     "1:\n\t" TC_SPLIT_LOAD("r2", "0") TC_SPLIT_LOAD("r3", "1") TC_SPLIT_LOAD("r4", "2") /* */
                     "mov r7, r8\n\t"
                     "muls r2, r7, r2\n\t"
                     "muls r3, r7, r3\n\t"
                     "muls r4, r7, r4\n\t"
                     "mov r5, r9\n\t"
                     "adds r6, r5, r2\n\t"
                     "adds r7, r5, r3\n\t"
                     "stmia r0!, {r5, r6, r7}\n\t"
                     "adds r4, r4, r5\n\t"
                     "adds r5, r6, r3\n\t"
                     "subs r6, r6, r3\n\t"
                     "stmia r0!, {r4, r5, r6}\n\t"
                     "adds r5, r4, r2\n\t"
                     "subs r6, r4, r2\n\t"
                     "adds r7, r4, r3\n\t"
                     "stmia r0!, {r5, r6, r7}\n\t"
                     "subs r5, r4, r3\n\t"
                     "adds r7, r2, r3\n\t"
                     "subs r2, r2, r3\n\t"
                     "subs r6, r4, r2\n\t"
                     "stmia r0!, {r5, r6}\n\t"
                     "adds r5, r4, r7\n\t"
                     "subs r6, r4, r7\n\t"
                     "adds r7, r4, r2\n\t"
                     "stmia r0!, {r5, r6, r7}\n\t" TC_SPLIT_LOAD("r2", "3") TC_SPLIT_LOAD("r3", "4") /* */
                     "mov r7, r8\n\t"
                     "muls r2, r7, r2\n\t"
                     "muls r3, r7, r3\n\t"
                     "mov r4, r10\n\t"
                     "adds r5, r4, r2\n\t"
                     "adds r6, r4, r3\n\t"
                     "adds r7, r5, r3\n\t"
                     "stmia r0!, {r4, r5, r6, r7}\n\t"
                     "subs r5, r5, r3\n\t"
                     "stmia r0!, {r5}\n\t"
                     "adds r1, #5\n\t"
                     "cmp r1, r11\n\t"
                     "bne 1b\n\t"
                     : "+r"(to), "+r"(from)
                     : "r"(factor), "r"(first), "r"(last), "r"(stop)
                     : "r2", "r3", "r4", "r5", "r6", "r7", "cc", "memory");
}
#else
static inline void tc_split_tables(uint32_t *tables, const int8_t *x, const int8_t *end)
{
    for (uint32_t *t = tables; x != end; x += 5, t += TC_SPLIT_WORDS) {
        const uint32_t first = TC_SPLIT_FIRST * 0x10001u;
        const uint32_t last = (TC_SPLIT_OFFSET - TC_SPLIT_FIRST) * 0x10001u;
        const uint32_t a = (uint32_t)x[0] * 0xFFFF0001u;
        const uint32_t b = (uint32_t)x[1] * 0xFFFF0001u;
        const uint32_t c = first + (uint32_t)x[2] * 0xFFFF0001u;
        const uint32_t d = (uint32_t)x[3] * 0xFFFF0001u;
        const uint32_t e = (uint32_t)x[4] * 0xFFFF0001u;
        t[0] = first;
        t[1] = first + a;
        t[2] = first + b;
        t[3] = c;
        t[4] = first + a + b;
        t[5] = first + a - b;
        t[6] = c + a;
        t[7] = c - a;
        t[8] = c + b;
        t[9] = c - b;
        t[10] = c - (a - b);
        t[11] = c + (a + b);
        t[12] = c - (a + b);
        t[13] = c + (a - b);
        t[14] = last;
        t[15] = last + d;
        t[16] = last + e;
        t[17] = last + d + e;
        t[18] = last + d - e;
    }
}
#endif

/* Where a code's sums are in its tables, in bytes: those of the first three inputs, then those of the last two. */
#define TC_SPLIT_27                                                                                                    \
    0, 4, 6, 8, 16, 22, 10, 20, 18, 12, 24, 28, 32, 44, 40, 36, 52, 48, 14, 30, 26, 38, 50, 54, 34, 42, 46
#define TC_SPLIT_81 TC_SPLIT_27, TC_SPLIT_27, TC_SPLIT_27
#define TC_SPLIT_9(n) n, n, n, n, n, n, n, n, n
#define TC_SPLIT_LAST(n) TC_SPLIT_9(n), TC_SPLIT_9(n), TC_SPLIT_9(n)
static const uint8_t tc_split_first[243] = {TC_SPLIT_81, TC_SPLIT_81, TC_SPLIT_81};
static const uint8_t tc_split_last[243] = {TC_SPLIT_LAST(56), TC_SPLIT_LAST(60), TC_SPLIT_LAST(62),
                                           TC_SPLIT_LAST(64), TC_SPLIT_LAST(68), TC_SPLIT_LAST(74),
                                           TC_SPLIT_LAST(66), TC_SPLIT_LAST(72), TC_SPLIT_LAST(70)};

static inline uint32_t tc_split_half(const uint32_t *table, uint32_t at)
{
    return *(const uint16_t *)(const void *)((const uint8_t *)table + at);
}

/* Adds to the outputs' sums the codes of all columns. */
#if defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_6M__) && !defined(__OPTIMIZE_SIZE__)
/* r0: codes, r1, r2: places of the first three and the last two, r3: tables, r6: their end, r7: the row to begin with,
 * lr: codes from a column to the next. A row has fourteen bytes. */
#define TC_SPLIT_ROW(at, sum)                                                                                          \
    "ldrb r4, [r0, #" at "]\n\t"                                                                                       \
    "ldrb r5, [r1, r4]\n\t"                                                                                            \
    "ldrb r4, [r2, r4]\n\t"                                                                                            \
    "ldrh r5, [r3, r5]\n\t"                                                                                            \
    "ldrh r4, [r3, r4]\n\t"                                                                                            \
    "adds r4, r4, r5\n\t"                                                                                              \
    "add " sum ", " sum ", r4\n\t"
TC_NO_FRAME_POINTER static __attribute__((noinline, unused)) void tc_split_add(tc_split b)
{
    const uint8_t *const first = tc_split_first;
    const uint8_t *const last = tc_split_last;
    __asm__ volatile(".syntax unified\n\t"
                     "ldr r1, %[first]\n\t"
                     "ldr r2, %[last]\n\t"
                     "ldr r4, %[outputs]\n\t"
                     "mov lr, r4\n\t"
                     "1:\n\t"
                     "ldr r4, %[from]\n\t"
                     "cmp r4, #0\n\t"
                     "bne 5f\n\t"
                     "ldr r4, %[sums]\n\t"
                     "5:\n\t"
                     "ldmia r4!, {r5, r6, r7}\n\t"
                     "mov r8, r5\n\t"
                     "mov r9, r6\n\t"
                     "mov r10, r7\n\t"
                     "ldmia r4!, {r5, r6}\n\t"
                     "mov r11, r5\n\t"
                     "mov r12, r6\n\t"
                     "ldr r0, %[codes]\n\t"
                     "ldr r3, %[tables]\n\t"
                     "ldr r5, %[left]\n\t"
                     "movs r7, #5\n\t"
                     "subs r7, r7, r5\n\t"
                     "bpl 3f\n\t"
                     "movs r7, #0\n\t"
                     "3:\n\t"
                     "movs r6, #14\n\t"
                     "muls r7, r6, r7\n\t"
                     "adr r6, 2f\n\t"
                     "adds r7, r7, r6\n\t"
                     "ldr r6, %[end]\n\t"
                     "4:\n\t"
                     "mov pc, r7\n\t"
                     ".balign 4\n\t"
                     "2:\n\t" TC_SPLIT_ROW("4", "r12") TC_SPLIT_ROW("3", "r11") TC_SPLIT_ROW("2", "r10")
                         TC_SPLIT_ROW("1", "r9") TC_SPLIT_ROW("0", "r8") /* */
                     "add r0, r0, lr\n\t"
                     "adds r3, #76\n\t"
                     "cmp r3, r6\n\t"
                     "bne 4b\n\t"
                     "ldr r4, %[sums]\n\t"
                     "mov r5, r8\n\t"
                     "mov r6, r9\n\t"
                     "mov r7, r10\n\t"
                     "stmia r4!, {r5, r6, r7}\n\t"
                     "mov r5, r11\n\t"
                     "mov r6, r12\n\t"
                     "stmia r4!, {r5, r6}\n\t"
                     "str r4, %[sums]\n\t"
                     "ldr r0, %[codes]\n\t"
                     "adds r0, #5\n\t"
                     "str r0, %[codes]\n\t"
                     "ldr r4, %[left]\n\t"
                     "subs r4, #5\n\t"
                     "str r4, %[left]\n\t"
                     "bgt 1b\n\t"
                     : [codes] "+m"(b.codes), [sums] "+m"(b.sums), [left] "+m"(b.left)
                     : [first] "m"(first), [last] "m"(last), [outputs] "m"(b.outputs), [tables] "m"(b.x),
                       [from] "m"(b.from), [end] "m"(b.end)
                     : "r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc",
                       "memory");
}
#else
static inline void tc_split_add(tc_split b)
{
    for (int32_t i = 0; i < b.outputs; i++) {
        uint32_t sum = (uint32_t)(b.from ? *b.from : b.sums[i]);
        const uint8_t *w = b.codes + i;
        for (const uint32_t *t = b.x; t != b.end; t += TC_SPLIT_WORDS, w += b.outputs) {
            sum += tc_split_half(t, tc_split_first[*w]) + tc_split_half(t, tc_split_last[*w]);
        }
        b.sums[i] = (int32_t)sum;
    }
}
#endif
#endif

#endif

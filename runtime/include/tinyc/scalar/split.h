/* Sums by ternary codes of five inputs, for few outputs.
 *
 * A code t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4, t = 0, 1, 2 for 0, 1, -1, is the sum of its first three inputs and that of
 * its last two: tables of 27 and 9 take less to make than one of 243. */
#ifndef TINYC_SCALAR_SPLIT_H
#define TINYC_SCALAR_SPLIT_H

#include "tinyc/kernel.h"

enum {
    TC_SPLIT_CODES = 26, /* of an output, whose tables are in scratch together */
    TC_SPLIT_WORDS = 19, /* of the tables of a code */
    TC_SPLIT_ROOM = 10   /* sums beyond the last output that may be written */
};

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

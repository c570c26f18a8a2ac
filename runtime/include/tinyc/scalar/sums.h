/* Sums of five inputs by every ternary code: a table that all outputs of a layer share.
 *
 * A word holds the sums of weights t and of -t, each plus TC_SUMS_OFFSET so that none is negative: the halfword at
 * 2 * i has the i-th weights, the one behind it their negatives, and a code is a halfword's number. Weights come in the
 * order in which the table grows by an input: what there is, the input alone, then plus and minus it for each. */
#ifndef TINYC_SCALAR_SUMS_H
#define TINYC_SCALAR_SUMS_H

#include "tinyc/kernel.h"

enum {
    TC_SUMS_WORDS = 122,
    TC_SUMS_PITCH = 248, /* halfwords from table to table */
    TC_SUMS_TABLES = 3,  /* tables that are read together */
    TC_SUMS_OFFSET = 640 /* five inputs of 128 */
};

/* What is added to a word for an input. */
static inline uint32_t tc_sums_input(int32_t x) { return (uint32_t)x * 0xFFFF0001u; }

#if defined(TC_MANY_REGISTERS) && defined(__thumb__) && !defined(__thumb2__)
/* Of two words each plus and minus d. */
#define TC_SUMS_PAIR                                                                                                   \
    "ldmia %[source]!, {r3, r5}\n\t"                                                                                   \
    "subs r4, r3, %[by]\n\t"                                                                                           \
    "adds r3, r3, %[by]\n\t"                                                                                           \
    "subs r6, r5, %[by]\n\t"                                                                                           \
    "adds r5, r5, %[by]\n\t"                                                                                           \
    "stmia %[target]!, {r3, r4, r5, r6}\n\t"
#define TC_SUMS_2 TC_SUMS_PAIR TC_SUMS_PAIR
#define TC_SUMS_7 TC_SUMS_2 TC_SUMS_2 TC_SUMS_2 TC_SUMS_PAIR
#define TC_SUMS_20 TC_SUMS_7 TC_SUMS_7 TC_SUMS_2 TC_SUMS_2 TC_SUMS_2
#define TC_SUMS_GROW(from, to, d, pairs)                                                                               \
    {                                                                                                                  \
        const uint32_t *source = from;                                                                                 \
        uint32_t *target = to;                                                                                         \
        __asm__ volatile(".syntax unified\n\t" TC_SUMS_##pairs                                                         \
                         : [source] "+&l"(source), [target] "+&l"(target)                                              \
                         : [by] "l"(d)                                                                                 \
                         : "r3", "r4", "r5", "r6", "cc", "memory");                                                    \
    }

/* The words of a fourth input d and a fifth e; those of d alone behind the 14 of three, those of e behind all 41. */
static inline void tc_sums_more(uint32_t *table, uint32_t d, uint32_t e)
{
    TC_SUMS_GROW(table + 1, table + 15, d, 7) /* and one word more than there is */
    table[14] = table[0] + d;
    TC_SUMS_GROW(table + 1, table + 42, e, 20)
    table[41] = table[0] + e;
}
#else
#define TC_SUMS_EACH(at, word)                                                                                         \
    {                                                                                                                  \
        const uint32_t sum = word;                                                                                     \
        table[at] = sum + e;                                                                                           \
        table[(at) + 1] = sum - e;                                                                                     \
    }
/* A barrier keeps the compiler from computing all words first: there are no registers for that. */
#define TC_SUMS_WORD(i)                                                                                                \
    {                                                                                                                  \
        __asm__ volatile("" ::: "memory");                                                                             \
        const uint32_t word = table[i];                                                                                \
        const uint32_t more = word + d;                                                                                \
        const uint32_t less = word - d;                                                                                \
        table[13 + 2 * (i)] = more;                                                                                    \
        table[14 + 2 * (i)] = less;                                                                                    \
        TC_SUMS_EACH(40 + 2 * (i), word)                                                                               \
        TC_SUMS_EACH(66 + 4 * (i), more)                                                                               \
        TC_SUMS_EACH(68 + 4 * (i), less)                                                                               \
    }

static inline void tc_sums_more(uint32_t *table, uint32_t d, uint32_t e)
{
    const uint32_t alone = table[0] + d;
    table[14] = alone;
    table[41] = table[0] + e;
    TC_SUMS_EACH(68, alone)
    TC_SUMS_WORD(1)
    TC_SUMS_WORD(2)
    TC_SUMS_WORD(3)
    TC_SUMS_WORD(4)
    TC_SUMS_WORD(5)
    TC_SUMS_WORD(6)
    TC_SUMS_WORD(7)
    TC_SUMS_WORD(8)
    TC_SUMS_WORD(9)
    TC_SUMS_WORD(10)
    TC_SUMS_WORD(11)
    TC_SUMS_WORD(12)
    TC_SUMS_WORD(13)
}
#endif

/* The table of n inputs, 1 to 5. A function of its own, as it takes nearly all registers. */
static __attribute__((noinline)) void tc_sums_table(uint32_t *table, const int8_t *x, int32_t n)
{
    const uint32_t zero = TC_SUMS_OFFSET * 0x10001u;
    const uint32_t a = tc_sums_input(x[0]);
    const uint32_t b = n > 1 ? tc_sums_input(x[1]) : 0;
    const uint32_t c = n > 2 ? tc_sums_input(x[2]) : 0;
    const uint32_t both = a + b;
    const uint32_t apart = a - b;
    table[0] = zero;
    table[1] = zero + a;
    table[2] = zero + b;
    table[3] = zero + both;
    table[4] = zero + apart;
    const uint32_t more = zero + c;
    const uint32_t less = zero - c;
    table[5] = more;
    table[6] = more + a;
    table[7] = less + a;
    table[8] = more + b;
    table[9] = less + b;
    table[10] = more + both;
    table[11] = less + both;
    table[12] = more + apart;
    table[13] = less + apart;
    if (n > 3) {
        tc_sums_more(table, tc_sums_input(x[3]), n > 4 ? tc_sums_input(x[4]) : 0);
    }
}

/* The tables of five inputs each, until x is `end`. */
#if defined(TC_MANY_REGISTERS) && defined(__thumb2__)
/* Of four words each plus and minus r7. */
#define TC_SUMS_GROW_1                                                                                                 \
    "ldmia r2!, {r3, r5, r8, r10}\n\t"                                                                                 \
    "sub r4, r3, r7\n\t"                                                                                               \
    "add r3, r3, r7\n\t"                                                                                               \
    "sub r6, r5, r7\n\t"                                                                                               \
    "add r5, r5, r7\n\t"                                                                                               \
    "sub r9, r8, r7\n\t"                                                                                               \
    "add r8, r8, r7\n\t"                                                                                               \
    "sub r12, r10, r7\n\t"                                                                                             \
    "add r10, r10, r7\n\t"                                                                                             \
    "stmia r0!, {r3, r4, r5, r6, r8, r9, r10, r12}\n\t"
#define TC_SUMS_GROW_4 TC_SUMS_GROW_1 TC_SUMS_GROW_1 TC_SUMS_GROW_1 TC_SUMS_GROW_1
/* r0: where words go, r2: where they come from, r11: inputs, lr: the word of code 0. */
TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_sums_tables(uint32_t *tables, const int8_t *x,
                                                                         const int8_t *end)
{
    register uint32_t *to __asm__("r0") = tables;
    register const int8_t *from __asm__("r11") = x;
    __asm__ volatile("mov lr, %[zero]\n\t"
                     "orr lr, lr, lr, lsl #16\n\t"
                     "1:\n\t"
                     "ldrsb r3, [r11]\n\t"
                     "ldrsb r4, [r11, #1]\n\t"
                     "ldrsb r5, [r11, #2]\n\t"
                     "ldrsb r7, [r11, #3]\n\t"
                     "ldrsb r1, [r11, #4]\n\t"
                     "add r11, r11, #5\n\t"
                     "sub r3, r3, r3, lsl #16\n\t"
                     "sub r4, r4, r4, lsl #16\n\t"
                     "sub r5, r5, r5, lsl #16\n\t"
                     "sub r7, r7, r7, lsl #16\n\t"
                     "sub r1, r1, r1, lsl #16\n\t"
                     "str lr, [r0], #4\n\t"
                     "mov r2, r0\n\t"
                     "add r6, r3, r4\n\t"
                     "sub r8, r3, r4\n\t"
                     "add r3, r3, lr\n\t"
                     "add r4, r4, lr\n\t"
                     "add r6, r6, lr\n\t"
                     "add r8, r8, lr\n\t"
                     "stmia r0!, {r3, r4, r6, r8}\n\t"
                     "add r9, r5, lr\n\t"
                     "add r10, r3, r5\n\t"
                     "sub r12, r3, r5\n\t"
                     "stmia r0!, {r9, r10, r12}\n\t"
                     "add r3, r4, r5\n\t"
                     "sub r4, r4, r5\n\t"
                     "sub r9, r6, r5\n\t"
                     "add r6, r6, r5\n\t"
                     "add r10, r8, r5\n\t"
                     "sub r12, r8, r5\n\t"
                     "stmia r0!, {r3, r4, r6, r9, r10, r12}\n\t"
                     "add r3, r7, lr\n\t"
                     "str r3, [r0], #4\n\t" TC_SUMS_GROW_4 /* and three words more than there are */
                     "sub r0, r0, #24\n\t"
                     "add r3, r1, lr\n\t"
                     "str r3, [r0], #4\n\t"
                     "sub r2, r2, #64\n\t"
                     "mov r7, r1\n\t" TC_SUMS_GROW_4 TC_SUMS_GROW_4 TC_SUMS_GROW_1 TC_SUMS_GROW_1 /* */
                     "add r0, r0, #8\n\t"
                     "ldr r3, %[end]\n\t"
                     "cmp r11, r3\n\t"
                     "bne 1b\n\t"
                     : "+r"(to), "+r"(from)
                     : [end] "m"(end), [zero] "i"(TC_SUMS_OFFSET)
                     : "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r12", "lr", "cc", "memory");
}
#else
static inline void tc_sums_tables(uint32_t *tables, const int8_t *x, const int8_t *end)
{
    for (; x != end; x += 5, tables += TC_SUMS_PITCH / 2) {
        tc_sums_table(tables, x, 5);
    }
}
#endif

/* Adds to `count` sums what their codes, one each, have in one table. */
static inline void tc_sums_one(const uint16_t *table, const uint8_t *codes, int32_t *sums, int32_t count)
{
    for (int32_t *const end = sums + count; sums != end;) {
        *sums++ += table[*codes++];
    }
}

/* The same of two tables and two codes each. */
static inline void tc_sums_two(const uint16_t *tables, const uint8_t *codes, int32_t *sums, int32_t count)
{
    const uint16_t *const second = tables + TC_SUMS_PITCH;
    for (int32_t *const end = sums + count; sums != end; codes += 2) {
        *sums++ += tables[codes[0]] + second[codes[1]];
    }
}

/* The same of three tables and three codes each. */
#if defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_6M__)
#define TC_SUMS_CODE(at, table)                                                                                        \
    "ldrb r2, [r1, #" at "]\n\t"                                                                                       \
    "lsls r2, r2, #1\n\t"                                                                                              \
    "ldrh r2, [" table ", r2]\n\t"                                                                                     \
    "adds r0, r0, r2\n\t"
TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_sums_three(const uint16_t *tables, const uint8_t *codes,
                                                                        int32_t *sums, int32_t count)
{
    register const uint8_t *w __asm__("r1") = codes;
    register int32_t *to __asm__("r3") = sums;
    register const uint16_t *first __asm__("r4") = tables;
    register const uint16_t *second __asm__("r5") = tables + TC_SUMS_PITCH;
    register const uint16_t *third __asm__("r6") = tables + 2 * TC_SUMS_PITCH;
    __asm__ volatile(".syntax unified\n\t"
                     "1:\n\t"
                     "ldr r0, [r3]\n\t" TC_SUMS_CODE("0", "r4") TC_SUMS_CODE("1", "r5") TC_SUMS_CODE("2", "r6") /* */
                     "stmia r3!, {r0}\n\t"
                     "adds r1, #3\n\t"
                     "cmp r3, %[end]\n\t"
                     "bne 1b\n\t"
                     : "+r"(w), "+r"(to)
                     : "r"(first), "r"(second), "r"(third), [end] "h"(sums + count)
                     : "r0", "r2", "cc", "memory");
}
#elif defined(TC_MANY_REGISTERS) && defined(__thumb2__) && !defined(__OPTIMIZE_SIZE__)
#define TC_SUMS_CODE(table, sum)                                                                                       \
    "ldrb %[code], [%[w]], #1\n\t"                                                                                     \
    "ldrh %[code], [" table ", %[code], lsl #1]\n\t"                                                                   \
    "add " sum ", " sum ", %[code]\n\t"
#define TC_SUMS_CODES(sum) TC_SUMS_CODE("%[first]", sum) TC_SUMS_CODE("%[second]", sum) TC_SUMS_CODE("%[third]", sum)
TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_sums_three(const uint16_t *tables, const uint8_t *codes,
                                                                        int32_t *sums, int32_t count)
{
    int32_t code, a, b;
    __asm__ volatile(
        "tst %[count], #1\n\t"
        "add %[count], %[sums], %[count], lsl #2\n\t"
        "beq 2f\n\t"
        "ldr %[a], [%[sums]]\n\t" TC_SUMS_CODES("%[a]") /* */
        "str %[a], [%[sums]], #4\n\t"
        "b 2f\n\t"
        "1:\n\t"
        "ldrd %[a], %[b], [%[sums]]\n\t" TC_SUMS_CODES("%[a]") TC_SUMS_CODES("%[b]") /* */
        "strd %[a], %[b], [%[sums]], #8\n\t"
        "2:\n\t"
        "cmp %[sums], %[count]\n\t"
        "bne 1b\n\t"
        : [w] "+&r"(codes), [sums] "+&r"(sums), [count] "+&r"(count), [code] "=&r"(code), [a] "=&r"(a), [b] "=&r"(b)
        : [first] "r"(tables), [second] "r"(tables + TC_SUMS_PITCH), [third] "r"(tables + 2 * TC_SUMS_PITCH)
        : "cc", "memory");
}
#else
static inline void tc_sums_three(const uint16_t *tables, const uint8_t *codes, int32_t *sums, int32_t count)
{
    const uint16_t *const second = tables + TC_SUMS_PITCH;
    const uint16_t *const third = tables + 2 * TC_SUMS_PITCH;
    int32_t *const end = sums + count;
    int32_t *const fours = sums + (count & ~3);
#define TC_SUMS_THREE(i) (tables[codes[3 * (i)]] + second[codes[3 * (i) + 1]] + third[codes[3 * (i) + 2]])
    for (; sums != fours; codes += 12, sums += 4) {
        sums[0] += TC_SUMS_THREE(0);
        sums[1] += TC_SUMS_THREE(1);
        sums[2] += TC_SUMS_THREE(2);
        sums[3] += TC_SUMS_THREE(3);
    }
    for (; sums != end; codes += 3) {
        *sums++ += TC_SUMS_THREE(0);
    }
#undef TC_SUMS_THREE
}
#endif

#endif

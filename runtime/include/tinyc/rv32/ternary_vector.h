/* Vectors through ternary weights by jumps.
 *
 * The sums of 13 outputs stay in registers, with five inputs, the sums and differences of the first two and of the next
 * two. A code t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4, t = 0, 1, 2 for 0, 1, -1, is a call into the one to three additions
 * that its weights ask for. Inputs behind the whole fives are a code of the last five, where weights of those before
 * are 0. */
#ifndef TINYC_RV32_TERNARY_VECTOR_H
#define TINYC_RV32_TERNARY_VECTOR_H

#include "tinyc/scalar/ternary_vector.h"

enum { TC_JUMPS_BLOCK = 13 /* outputs */ };

/* What the outputs of a vector take. */
typedef struct {
    const tc_ternary_vector *p;
    const int8_t *x;
    const int8_t *fours;  /* the end of the fives that make no four of them */
    const int8_t *whole;  /* the end of whole fives */
    const int8_t *end;    /* of the input, or of what is in codes */
    int32_t skip;         /* by how many the whole fives are short of a multiple of four */
    const uint8_t *codes; /* [blocks, fives, outputs of the block]; fours of a last block [fours, outputs, 4] */
    int32_t left;         /* outputs */
    const int32_t *from;  /* the sums of a block begin with these */
    int32_t step;         /* bytes from those of a block to those of the next */
    int32_t *sums;        /* of outputs that round twice */
    const int32_t *channels;
    int8_t *out;
} tc_jumps;

#if defined(TC_MANY_REGISTERS) && defined(__riscv_compressed) && !defined(__OPTIMIZE_SIZE__)
/* a0: codes, t5: inputs, t6: the cases, a7: the last sum, or the row to begin with; t0 to t3: the first two inputs,
 * their sum and difference; a1 to a4: the same of the next two; s0, t4: the fifth and its negative; s1 to s11, a6, a7:
 * sums, a5: the sum of a code. A row has twelve bytes, a case up to eight. */
#define TC_JUMPS_ROW(at, sum)                                                                                          \
    "lbu a5, " at "(a0)\n\t"                                                                                           \
    "slli a5, a5, 3\n\t"                                                                                               \
    "add a5, a5, t6\n\t"                                                                                               \
    "jalr a5\n\t"                                                                                                      \
    "add " sum ", " sum ", a5\n\t"
#define TC_JUMPS_ROWS(c11, c10, c9, c8, c7, c6, c5, c4, c3, c2, c1, c0)                                                \
    TC_JUMPS_ROW(c11, "a6")                                                                                            \
    TC_JUMPS_ROW(c10, "s11")                                                                                           \
    TC_JUMPS_ROW(c9, "s10")                                                                                            \
    TC_JUMPS_ROW(c8, "s9")                                                                                             \
    TC_JUMPS_ROW(c7, "s8")                                                                                             \
    TC_JUMPS_ROW(c6, "s7")                                                                                             \
    TC_JUMPS_ROW(c5, "s6")                                                                                             \
    TC_JUMPS_ROW(c4, "s5")                                                                                             \
    TC_JUMPS_ROW(c3, "s4")                                                                                             \
    TC_JUMPS_ROW(c2, "s3")                                                                                             \
    TC_JUMPS_ROW(c1, "s2")                                                                                             \
    TC_JUMPS_ROW(c0, "s1")
#define TC_JUMPS_INPUTS(a, b, c, d, e)                                                                                 \
    "lb t0, " a "(t5)\n\t"                                                                                             \
    "lb t1, " b "(t5)\n\t"                                                                                             \
    "lb a1, " c "(t5)\n\t"                                                                                             \
    "lb a2, " d "(t5)\n\t"                                                                                             \
    "lb s0, " e "(t5)\n\t"                                                                                             \
    "add t2, t0, t1\n\t"                                                                                               \
    "sub t3, t0, t1\n\t"                                                                                               \
    "add a3, a1, a2\n\t"                                                                                               \
    "sub a4, a1, a2\n\t"                                                                                               \
    "neg t4, s0\n\t"
#define TC_JUMPS_SUMS(move)                                                                                            \
    move " s1, 0(t5)\n\t" move " s2, 4(t5)\n\t" move " s3, 8(t5)\n\t" move " s4, 12(t5)\n\t" move                      \
         " s5, 16(t5)\n\t" move " s6, 20(t5)\n\t" move " s7, 24(t5)\n\t" move " s8, 28(t5)\n\t" move                   \
         " s9, 32(t5)\n\t" move " s10, 36(t5)\n\t" move " s11, 40(t5)\n\t" move " a6, 44(t5)\n\t" move                 \
         " a7, 48(t5)\n\t"
/* Of parts x, y, z and their signs in a case; `ne` is that of the third. */
#define TC_JUMPS_MACROS                                                                                                \
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
#define TC_JUMPS_PURGE                                                                                                 \
    ".purgem tc_case_0\n\t.purgem tc_case_z\n\t.purgem tc_case\n\t.purgem tc_cases_ab\n\t.purgem tc_cases_cd\n\t"

/* 196 bytes. */
#define TC_JUMPS_COLUMN(a, b, c, d, e, c12, c11, c10, c9, c8, c7, c6, c5, c4, c3, c2, c1, c0)                          \
    TC_JUMPS_INPUTS(a, b, c, d, e)                                                                                     \
    TC_JUMPS_ROW(c12, "a7") TC_JUMPS_ROWS(c11, c10, c9, c8, c7, c6, c5, c4, c3, c2, c1, c0)
/* Of fewer outputs than a block has, four columns at a time. a7: where their rows begin behind the label 2, which is
 * 224 bytes behind those of the fourth column and 188 more behind those of each one before it. */
#define TC_JUMPS_SHORT_COLUMN(a, b, c, d, e, to, c11, c10, c9, c8, c7, c6, c5, c4, c3, c2, c1, c0)                     \
    TC_JUMPS_INPUTS(a, b, c, d, e)                                                                                     \
    "jalr x0, -" to "(a7)\n\t" TC_JUMPS_ROWS(c11, c10, c9, c8, c7, c6, c5, c4, c3, c2, c1, c0)
#define TC_JUMPS_FOUR_COLUMNS                                                                                          \
    "7:\n\t" TC_JUMPS_SHORT_COLUMN("0", "1", "2", "3", "4", "788", "44", "40", "36", "32", "28", "24", "20", "16",     \
                                   "12", "8", "4", "0")                                                                \
        TC_JUMPS_SHORT_COLUMN("5", "6", "7", "8", "9", "600", "45", "41", "37", "33", "29", "25", "21", "17", "13",    \
                              "9", "5", "1")                                                                           \
            TC_JUMPS_SHORT_COLUMN("10", "11", "12", "13", "14", "412", "46", "42", "38", "34", "30", "26", "22", "18", \
                                  "14", "10", "6", "2")                                                                \
                TC_JUMPS_SHORT_COLUMN("15", "16", "17", "18", "19", "224", "47", "43", "39", "35", "31", "27", "23",   \
                                      "19", "15", "11", "7", "3") ".option push\n\t"                                   \
                                                                  ".option norvc\n\t"                                  \
                                                                  "addi t5, t5, 20\n\t"                                \
                                                                  "lw a5, %[left]\n\t"                                 \
                                                                  "slli a5, a5, 2\n\t"                                 \
                                                                  "add a0, a0, a5\n\t"                                 \
                                                                  "lw a5, %[whole]\n\t"                                \
                                                                  "bltu t5, a5, 7b\n\t"                                \
                                                                  "lw a5, %[end]\n\t"                                  \
                                                                  "beq t5, a5, 8f\n\t"                                 \
                                                                  "addi t5, a5, -5\n\t"                                \
                                                                  ".option pop\n\t"
/* The sums of a block in their registers; a5: the outputs that are left. */
#define TC_JUMPS_ADD                                                                                                   \
    "la t6, 5f\n\t"                                                                                                    \
    "lw a0, %[codes]\n\t"                                                                                              \
    "lw a5, %[left]\n\t"                                                                                               \
    "1:\n\t"                                                                                                           \
    "lw t5, %[from]\n\t" TC_JUMPS_SUMS(                                                                                \
        "lw") "lw a4, %[step]\n\t"                                                                                     \
              "add t5, t5, a4\n\t"                                                                                     \
              "sw t5, %[from]\n\t"                                                                                     \
              "addi a5, a5, -12\n\t"                                                                                   \
              "bgtz a5, 3f\n\t"                                                                                        \
              "li t0, -12\n\t"                                                                                         \
              "mul a5, a5, t0\n\t"                                                                                     \
              "la a7, 2f\n\t"                                                                                          \
              "add a7, a7, a5\n\t"                                                                                     \
              "lw t5, %[x]\n\t"                                                                                        \
              "j 0f\n\t" TC_JUMPS_FOUR_COLUMNS "6:\n\t" TC_JUMPS_INPUTS(                                               \
                  "0", "1", "2", "3",                                                                                  \
                  "4") "addi t5, t5, 5\n\t"                                                                            \
                       "jr a7\n\t"                                                                                     \
                       "2:\n\t" TC_JUMPS_ROWS("11", "10", "9", "8", "7", "6", "5", "4", "3", "2", "1",                 \
                                              "0") "lw a5, %[left]\n\t"                                                \
                                                   "add a0, a0, a5\n\t"                                                \
                                                   "0:\n\t"                                                            \
                                                   "lw a5, %[fours]\n\t"                                               \
                                                   "bltu t5, a5, 6b\n\t"                                               \
                                                   "lw a5, %[whole]\n\t"                                               \
                                                   "bltu t5, a5, 7b\n\t"                                               \
                                                   "lw a5, %[end]\n\t"                                                 \
                                                   "beq t5, a5, 8f\n\t"                                                \
                                                   "addi t5, a5, -5\n\t"                                               \
                                                   "j 6b\n\t"                                                          \
                                                   "3:\n\t"                                                            \
                                                   "lw a5, %[skip]\n\t"                                                \
                                                   "lw t5, %[x]\n\t"                                                   \
                                                   "beqz a5, 4f\n\t"                                                   \
                                                   "li t0, 5\n\t"                                                      \
                                                   "mul t0, t0, a5\n\t"                                                \
                                                   "sub t5, t5, t0\n\t"                                                \
                                                   "li t0, 13\n\t"                                                     \
                                                   "mul t0, t0, a5\n\t"                                                \
                                                   "sub a0, a0, t0\n\t"                                                \
                                                   "li t0, 196\n\t"                                                    \
                                                   "mul a5, a5, t0\n\t"                                                \
                                                   "la t0, 4f\n\t"                                                     \
                                                   "add t0, t0, a5\n\t"                                                \
                                                   "jr t0\n\t"                                                         \
                                                   "4:\n\t" TC_JUMPS_COLUMN("0", "1", "2", "3", "4", "12", "11", "10", \
                                                                            "9", "8", "7", "6", "5", "4", "3", "2",    \
                                                                            "1", "0") /* */                            \
        TC_JUMPS_COLUMN("5", "6", "7", "8", "9", "25", "24", "23", "22", "21", "20", "19", "18", "17", "16", "15",     \
                        "14", "13") /* */                                                                              \
        TC_JUMPS_COLUMN("10", "11", "12", "13", "14", "38", "37", "36", "35", "34", "33", "32", "31", "30", "29",      \
                        "28", "27", "26") /* */                                                                        \
        "2:\n\t" TC_JUMPS_COLUMN("15", "16", "17", "18", "19", "51", "50", "49", "48", "47", "46", "45", "44", "43",   \
                                 "42", "41", "40", "39") /* */                                                         \
        "addi t5, t5, 20\n\t"                                                                                          \
        "addi a0, a0, 52\n\t"                                                                                          \
        "lw a5, %[whole]\n\t"                                                                                          \
        "bltu t5, a5, 4b\n\t"                                                                                          \
        "lw a5, %[end]\n\t"                                                                                            \
        "beq t5, a5, 8f\n\t"                                                                                           \
        "addi t5, a5, -20\n\t"                                                                                         \
        "addi a0, a0, -39\n\t"                                                                                         \
        "j 2b\n\t"                                                                                                     \
        "8:\n\t"                                                                                                       \
        "lw a5, %[left]\n\t"
#define TC_JUMPS_CASES                                                                                                 \
    "addi a5, a5, -13\n\t"                                                                                             \
    "sw a5, %[left]\n\t"                                                                                               \
    "bgtz a5, 1b\n\t"                                                                                                  \
    "j 9f\n\t" TC_JUMPS_MACROS ".balign 8\n\t"                                                                         \
    "5:\n\t"                                                                                                           \
    "tc_cases_cd 0\n\ttc_cases_cd 1\n\ttc_cases_cd 2\n\t" TC_JUMPS_PURGE "9:\n\t"
#define TC_JUMPS_OPERANDS [left] "+m"(b->left), [from] "+m"(b->from)
#define TC_JUMPS_INPUT_OPERANDS                                                                                        \
    [x] "m"(b->x), [fours] "m"(b->fours), [whole] "m"(b->whole), [end] "m"(b->end), [skip] "m"(b->skip),               \
        [codes] "m"(b->codes), [step] "m"(b->step)
#define TC_JUMPS_CLOBBERS                                                                                              \
    "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "s0", "s1", "s2",  \
        "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "memory"

TC_INLINE void tc_jumps_sums(tc_jumps *b)
{
    __asm__ volatile(TC_JUMPS_ADD "lw t5, %[sums]\n\t" TC_JUMPS_SUMS("sw") /* */
                     "addi t5, t5, 52\n\t"
                     "sw t5, %[sums]\n\t" TC_JUMPS_CASES
                     : TC_JUMPS_OPERANDS, [sums] "+m"(b->sums)
                     : TC_JUMPS_INPUT_OPERANDS
                     : TC_JUMPS_CLOBBERS);
}

/* a0: codes, a5: outputs that are left, a2: slopes and offsets, a1: where bytes go, t1, t2: shifts to the left and
 * right, t3, t4: the greatest byte and the least. 34 bytes. */
#define TC_JUMPS_BYTE(at, slope, offset, sum)                                                                          \
    "lw a3, " slope "(a2)\n\t"                                                                                         \
    "sll " sum ", " sum ", t1\n\t"                                                                                     \
    "lw a4, " offset "(a2)\n\t"                                                                                        \
    "mulh " sum ", a3, " sum "\n\t"                                                                                    \
    "add " sum ", " sum ", a4\n\t"                                                                                     \
    "sra " sum ", " sum ", t2\n\t"                                                                                     \
    "bge t3, " sum ", 6f\n\t"                                                                                          \
    "mv " sum ", t3\n\t"                                                                                               \
    "6:\n\t"                                                                                                           \
    "bge " sum ", t4, 6f\n\t"                                                                                          \
    "mv " sum ", t4\n\t"                                                                                               \
    "6:\n\t"                                                                                                           \
    "sb " sum ", " at "(a1)\n\t"

TC_INLINE void tc_jumps_bytes(tc_jumps *b)
{
    __asm__ volatile(
        TC_JUMPS_ADD "lw a2, %[channels]\n\t"
                     "lw a1, %[p]\n\t"
                     "lw t1, %[shift_left](a1)\n\t"
                     "lw t2, %[shift](a1)\n\t"
                     "lw t3, %[most](a1)\n\t"
                     "lw t4, %[least](a1)\n\t"
                     "lw a1, %[out]\n\t"
                     "addi a3, a5, -13\n\t"
                     "bgez a3, 2f\n\t"
                     "li a4, -34\n\t"
                     "mul a3, a3, a4\n\t"
                     "la a4, 2f\n\t"
                     "add a4, a4, a3\n\t"
                     "jr a4\n\t"
                     "2:\n\t" TC_JUMPS_BYTE("12", "96", "100", "a7") TC_JUMPS_BYTE("11", "88", "92", "a6")
                         TC_JUMPS_BYTE("10", "80", "84", "s11") TC_JUMPS_BYTE("9", "72", "76", "s10")
                             TC_JUMPS_BYTE("8", "64", "68", "s9") TC_JUMPS_BYTE("7", "56", "60", "s8")
                                 TC_JUMPS_BYTE("6", "48", "52", "s7") TC_JUMPS_BYTE("5", "40", "44", "s6")
                                     TC_JUMPS_BYTE("4", "32", "36", "s5") TC_JUMPS_BYTE("3", "24", "28", "s4")
                                         TC_JUMPS_BYTE("2", "16", "20", "s3") TC_JUMPS_BYTE("1", "8", "12", "s2")
                                             TC_JUMPS_BYTE("0", "0", "4", "s1") /* */
        "addi a2, a2, 104\n\t"
        "sw a2, %[channels]\n\t"
        "addi a1, a1, 13\n\t"
        "sw a1, %[out]\n\t" TC_JUMPS_CASES
        : TC_JUMPS_OPERANDS, [channels] "+m"(b->channels), [out] "+m"(b->out)
        : TC_JUMPS_INPUT_OPERANDS, [p] "m"(b->p), [shift_left] "i"(offsetof(tc_ternary_vector, left)),
          [shift] "i"(offsetof(tc_ternary_vector, shift)), [most] "i"(offsetof(tc_ternary_vector, act_max)),
          [least] "i"(offsetof(tc_ternary_vector, act_min))
        : TC_JUMPS_CLOBBERS);
}
#else
/* The sum at so many bytes of a code's tables. */
static inline uint32_t tc_jumps_half(const uint32_t *tables, uint32_t at)
{
    return tables[at / 4] >> 8 * (at % 4) & 0xFFFF;
}

/* The sums of the next block. */
static inline void tc_jumps_block(tc_jumps *b, int32_t *sums)
{
    const int32_t count = tc_min(b->left, TC_JUMPS_BLOCK);
    const int8_t *x = b->x;
    for (int32_t i = 0; i < count; i++) {
        sums[i] = b->from[i];
    }
    for (; x < b->end; x += 5) {
        uint32_t tables[TC_SPLIT_WORDS];
        const int32_t pitch = count < TC_JUMPS_BLOCK && x >= b->fours && x < b->whole ? 4 : 1;
        const int8_t *const five = x == b->whole ? b->end - 5 : x;
        tc_split_tables(tables, five, five + 5);
        for (int32_t i = 0; i < count; i++) {
            const uint32_t code = b->codes[pitch * i];
            sums[i] += (int32_t)(tc_jumps_half(tables, tc_split_first[code]) +
                                 tc_jumps_half(tables, tc_split_last[code]) - TC_SPLIT_OFFSET);
        }
        /* of a four of columns the codes of an output are neighbours */
        b->codes += pitch == 1 ? count : (x - b->fours) % 20 < 15 ? 1 : 4 * count - 3;
    }
    b->from += b->step / 4;
    b->left -= count;
}

static inline void tc_jumps_sums(tc_jumps *b)
{
    for (; b->left > 0; b->sums += TC_JUMPS_BLOCK) {
        tc_jumps_block(b, b->sums);
    }
}

static inline void tc_jumps_bytes(tc_jumps *b)
{
    while (b->left > 0) {
        int32_t sums[TC_JUMPS_BLOCK];
        const int32_t count = tc_min(b->left, TC_JUMPS_BLOCK);
        tc_jumps_block(b, sums);
        for (int32_t i = 0; i < count; i++, b->channels += 2) {
            const int32_t byte = tc_line_byte(sums[i], b->channels, b->p->left, b->p->shift);
            *b->out++ = (int8_t)tc_clamp(byte, b->p->act_min, b->p->act_max);
        }
    }
}
#endif

/* The sums of the weights of all outputs that make no whole code. table: room for 27. */
static inline void tc_jumps_rests(const tc_fully_connected_ternary_params *p, const int8_t *in, const uint8_t *rests,
                                  int16_t *table, int32_t *sums)
{
    tc_vector_rests r = tc_vector_rests_of(p, in, rests);
    tc_rests_sums(&r.parts[0], table, sums, p->vector.out_n, r.x, r.n, 0);
    if (r.more > 0) {
        tc_rests_sums(&r.parts[1], table, sums, p->vector.out_n, r.x + r.n, r.more, 1);
    }
}

/* twice: 1 where requantization rounds twice; a constant at every call. sums, in scratch: where that is so, or inputs
 * are in no code. */
TC_INLINE void tc_ternary_jumps(const tc_fully_connected_ternary_params *p, const int8_t *in, const uint8_t *codes,
                                const int32_t *channels, const uint8_t *scales, const uint8_t *rests, int8_t *out,
                                int32_t vectors, uint32_t *scratch, int32_t twice)
{
    static const int32_t zeros[TC_JUMPS_BLOCK] = {0};
    const tc_ternary_vector *const to = &p->vector;
    int32_t *const sums = (int32_t *)scratch;
    const int32_t n = to->in_n - p->rest;
    const int32_t columns = n / 5;
    tc_jumps b;
    b.p = to;
    b.x = in;
    b.fours = in + 5 * (columns & 3);
    b.whole = in + 5 * columns;
    b.end = in + n;
    b.skip = -columns & 3;
    for (int32_t left = vectors;;) {
        b.codes = codes;
        b.left = to->out_n;
        b.from = zeros;
        b.step = 0;
        b.sums = sums;
        b.channels = channels;
        b.out = out;
        if (p->rest > 0) {
            tc_jumps_rests(p, b.x, rests, (int16_t *)(void *)(scratch + p->group), sums);
            b.from = sums;
            b.step = 4 * TC_JUMPS_BLOCK;
        }
        if (twice) {
            tc_jumps_sums(&b);
            tc_ternary_bytes(to, sums, 0, to->out_n, channels, scales, out, 1);
            tc_clamp_bytes_scalar(out, to->out_n, to->act_min, to->act_max);
        } else {
            tc_jumps_bytes(&b);
        }
        if (--left <= 0) {
            return;
        }
        b.x += to->in_n;
        b.fours += to->in_n;
        b.whole += to->in_n;
        b.end += to->in_n;
        out += to->out_n;
    }
}

#endif

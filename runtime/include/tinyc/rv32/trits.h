/* Sums of inputs by packed ternary weights, code by code for all channels.
 *
 * Codes and taps are those of scalar/trits.h. Here the taps of one code stay in registers, two of twenty words in
 * memory, while the sums of one channel after the other are loaded, added to and stored: an addition needs no load. A
 * code jumps to the additions of its first three taps, and from there to those of the other two. */
#ifndef TINYC_RV32_TRITS_H
#define TINYC_RV32_TRITS_H

#include "tinyc/kernel.h"
#include "tinyc/scalar/trits_form.h"

/* Code in assembly knows where the fields are. */
typedef struct {
    const uint32_t *x;    /* [count, 5, 4] */
    const uint8_t *codes; /* 4: of the first channel */
    int32_t step;         /* 8: bytes from channel to channel */
    int32_t count;        /* 12: codes of a channel, at least one */
    uint32_t *sums;       /* 16: [channels, 4], two pixels in a word */
    const uint32_t *end;  /* 20: behind them */
    int32_t words;        /* 24: of a channel that are pixels, 2 to 4 */
    uint32_t entry;       /* 28: of the assembly's own */
} tc_trits_codes;

#if defined(TC_MANY_REGISTERS) && defined(__riscv_mul) && !defined(__riscv_32e) && !defined(__OPTIMIZE_SIZE__)
/* s0: the code, s1: the step, s11: codes, a0: sums, a1: their end, a2 to a5: those of the channel, ra: the table of the
 * last two taps. Words of the taps are in t0 to t3, then t4 to t6 and a6, a7 and s2 to s4, s5 to s8, and s9 and s10. */
#define TC_TRITS_MACROS                                                                                                \
    TC_TRITS_TAP                                                                                                       \
    ".macro tc_three sum, at, x, y, z, a, b, c\n\t"                                                                    \
    "lw \\sum, \\at(a0)\n\t"                                                                                           \
    "tc_tap \\sum, \\x, \\a\n\t"                                                                                       \
    "tc_tap \\sum, \\y, \\b\n\t"                                                                                       \
    "tc_tap \\sum, \\z, \\c\n\t"                                                                                       \
    ".endm\n\t"                                                                                                        \
    ".macro tc_two sum, at, x, y, d, e\n\t"                                                                            \
    "tc_tap \\sum, \\x, \\d\n\t"                                                                                       \
    "tc_tap \\sum, \\y, \\e\n\t"                                                                                       \
    "sw \\sum, \\at(a0)\n\t"                                                                                           \
    ".endm\n\t"                                                                                                        \
    ".macro tc_two_far sum, at, x, y, d, e\n\t"                                                                        \
    ".if \\e\n\t"                                                                                                      \
    "lw s0, \\y\n\t"                                                                                                   \
    ".endif\n\t"                                                                                                       \
    "tc_two \\sum, \\at, \\x, s0, \\d, \\e\n\t"                                                                        \
    ".endm\n\t"                                                                                                        \
    ".macro tc_code table, before\n\t"                                                                                 \
    "lbu s0, 0(s11)\n\t"                                                                                               \
    "add s11, s11, s1\n\t"                                                                                             \
    "slli s0, s0, 2\n\t"                                                                                               \
    "add s0, s0, ra\n\t"                                                                                               \
    "lw a2, \\table(s0)\n\t"                                                                                           \
    "jalr zero, -\\before(a2)\n\t"                                                                                     \
    ".endm\n\t"                                                                                                        \
    ".macro tc_next loop\n\t"                                                                                          \
    "addi a0, a0, 16\n\t"                                                                                              \
    "bne a0, a1, \\loop\n\t"                                                                                           \
    "j 9f\n\t"                                                                                                         \
    ".endm\n\t"
/* Fewer words are a jump into the midst of the additions, by one before them. */
#define TC_TRITS_THREE                                                                                                 \
    ".option push\n\t.option norvc\n\t"                                                                                \
    "j .Ltc_abc%=_2\\c\\b\\a\n\t"                                                                                      \
    "j .Ltc_abc%=_3\\c\\b\\a\n\t"                                                                                      \
    ".option pop\n\t"                                                                                                  \
    ".Ltc_abc%=_4\\c\\b\\a:\n\ttc_three a5, 12, t3, a6, s4, \\a, \\b, \\c\n\t"                                         \
    ".Ltc_abc%=_3\\c\\b\\a:\n\ttc_three a4, 8, t2, t6, s3, \\a, \\b, \\c\n\t"                                          \
    ".Ltc_abc%=_2\\c\\b\\a:\n\ttc_three a3, 4, t1, t5, s2, \\a, \\b, \\c\n\t"                                          \
    "tc_three a2, 0, t0, t4, a7, \\a, \\b, \\c\n\t"                                                                    \
    "lw s0, 0(s0)\n\t"                                                                                                 \
    "jr s0\n\t"
#define TC_TRITS_LAST "tc_two a3, 4, s6, s10, \\d, \\e\n\ttc_two a2, 0, s5, s9, \\d, \\e\n\t"
#define TC_TRITS_THIRD "tc_two_far a4, 8, s7, %[c], \\d, \\e\n\t"
#define TC_TRITS_FOURTH "tc_two_far a5, 12, s8, %[d], \\d, \\e\n\t"
/* Tables of the last two taps for four, three and two words, behind the first that of the first three taps. */
#define TC_TRITS_TABLES                                                                                                \
    ".pushsection .rodata.tc_trits_codes,\"a\",%%progbits\n\t"                                                         \
    ".balign 4\n\t"                                                                                                    \
    ".Ltc_table%=:\n\t" TC_TRITS_DE(".rept 27\n\t.word .Ltc_de%=_4\\e\\d\n\t.endr") ".rept 9\n\t" TC_TRITS_ABC(        \
        ".word .Ltc_abc%=_4\\c\\b\\a") ".endr\n\t" TC_TRITS_DE(".rept 27\n\t.word .Ltc_de%=_3\\e\\d\n\t.endr")         \
        TC_TRITS_DE(".rept 27\n\t.word .Ltc_de%=_2\\e\\d\n\t.endr") ".popsection\n\t"
#define TC_TRITS_TABLE(words, table, loop)                                                                             \
    "la a4, " loop "\n\t"                                                                                              \
    "la ra, .Ltc_table%= + " table "\n\t"                                                                              \
    "li a3, " words "\n\t"                                                                                             \
    "beq a2, a3, 1f\n\t"

/* Adds to the sums those of all codes. A function of its own, as it takes all registers; weak, as kernels are: two that
 * use it share it. */
TC_KERNEL TC_NO_FRAME_POINTER __attribute__((noinline)) void tc_trits_by_code(tc_trits_codes *all)
{
    tc_trits_codes *const kept = all;
    uint32_t c, d; /* words that no register keeps */
    __asm__ volatile(
        TC_TRITS_MACROS
        "lw s0, %[all]\n\t"
        "lw s1, 8(s0)\n\t"
        "lw a1, 20(s0)\n\t"
        "lw a2, 24(s0)\n\t" TC_TRITS_TABLE("4", "0", "4f") TC_TRITS_TABLE("3", "8 * 243", "3f") TC_TRITS_TABLE(
            "2", "12 * 243",
            "2f") "1:\n\t"
                  "sw a4, 28(s0)\n\t"
                  "5:\n\t"
                  "lw a2, 0(s0)\n\t"
                  "lw s11, 4(s0)\n\t"
                  "addi a3, s11, 1\n\t"
                  "sw a3, 4(s0)\n\t"
                  "lw a3, 72(a2)\n\t"
                  "sw a3, %[c]\n\t"
                  "lw a3, 76(a2)\n\t"
                  "sw a3, %[d]\n\t"
                  ".set tc_at, 0\n\t"
                  ".irp x,t0,t1,t2,t3,t4,t5,t6,a6,a7,s2,s3,s4,s5,s6,s7,s8,s9,s10\n\t"
                  "lw \\x, tc_at(a2)\n\t"
                  ".set tc_at, tc_at + 4\n\t"
                  ".endr\n\t"
                  "addi a2, a2, 80\n\t"
                  "sw a2, 0(s0)\n\t"
                  "lw a0, 16(s0)\n\t"
                  "lw a3, 28(s0)\n\t"
                  "jr a3\n\t" TC_TRITS_ABC(TC_TRITS_THREE) "4:\n\ttc_code 4*243, 0\n\t" TC_TRITS_DE(
                      ".Ltc_de%=_4\\e\\d:\n\t" TC_TRITS_FOURTH TC_TRITS_THIRD TC_TRITS_LAST
                      "tc_next 4b") "3:\n\ttc_code -4*243, 4\n\t" TC_TRITS_DE(".Ltc_de%=_3\\e\\d:\n\t" TC_TRITS_THIRD
                                                                                  TC_TRITS_LAST
                                                                              "tc_next 3b") "2:\n\ttc_code -8*243, "
                                                                                            "8\n\t" TC_TRITS_DE(
                                                                                                ".Ltc_"
                                                                                                "de%=_"
                                                                                                "2\\e\\"
                                                                                                "d:"
                                                                                                "\n"
                                                                                                "\t" TC_TRITS_LAST "tc_"
                                                                                                "next "
                                                                                                "2b") TC_TRITS_TABLES
        ".purgem tc_tap\n\t.purgem tc_three\n\t.purgem tc_two\n\t.purgem tc_two_far\n\t.purgem tc_code\n\t"
        ".purgem tc_next\n\t"
        "9:\n\t"
        "lw s0, %[all]\n\t"
        "lw a2, 12(s0)\n\t"
        "addi a2, a2, -1\n\t"
        "sw a2, 12(s0)\n\t"
        "bnez a2, 5b\n\t"
        : [c] "=m"(c), [d] "=m"(d)
        : [all] "m"(kept)
        : "ra", "t0", "t1", "t2", "t3", "t4", "t5", "t6", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "s0", "s1",
          "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "s11", "memory");
}
#else
static void tc_trits_by_code(const tc_trits_codes *all)
{
    const uint32_t *x = all->x;
    for (int32_t i = 0; i < all->count; i++, x += 20) {
        const uint8_t *code = all->codes + i;
        for (uint32_t *sums = all->sums; sums != all->end; sums += 4, code += all->step) {
            uint32_t digits = *code;
            for (int32_t tap = 0; tap < 20; tap += 4) {
                const uint32_t quotient = digits * 171 >> 9; /* digits / 3 */
                const uint32_t digit = digits - 3 * quotient;
                digits = quotient;
                for (int32_t word = 0; digit && word < all->words; word++) {
                    sums[word] += digit == 1 ? x[tap + word] : 0 - x[tap + word];
                }
            }
        }
    }
}
#endif

#endif

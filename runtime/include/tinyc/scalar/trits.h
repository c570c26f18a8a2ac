/* Sums of inputs by packed ternary weights, for eight pixels at once.
 *
 * A code is five weights, t0 + 3 t1 + 9 t2 + 27 t3 + 81 t4, where a t of 0 is the weight 0, 1 is 1 and 2 is -1. An
 * input word holds one tap of two pixels, low + 65536 * high, each a byte with its sign: a sum of words is the sums of
 * both, as long as each fits 16 bits, which those of 255 taps do: sums start from what keeps them from being negative.
 * A code jumps to the additions of its first three taps and from there to those of the other two: no weight is
 * unpacked, and one of 0 takes no instruction. */
#ifndef TINYC_SCALAR_TRITS_H
#define TINYC_SCALAR_TRITS_H

#include "tinyc/kernel.h"

/* Codes of which the sums fit 16 bits, and what each adds to where they start. */
enum { TC_TRIT_CODES = 51, TC_TRIT_BASE = 640 };

#if defined(TC_MANY_REGISTERS) && !defined(__OPTIMIZE_SIZE__) &&                                                       \
    (defined(__thumb2__) || defined(__ARM_ARCH_6M__) || defined(__riscv))
#define TC_TRITS
/* Macros of the assembler's: the additions of one tap, and a line for every value of some digits. */
#define TC_TRIT_MACRO                                                                                                  \
    ".macro tc_trit digit, tap\n\t"                                                                                    \
    ".if \\digit == 1\n\t"                                                                                             \
    "tc_taps " TC_TRIT_PLUS ", \\tap * 16\n\t"                                                                         \
    ".endif\n\t"                                                                                                       \
    ".if \\digit == 2\n\t"                                                                                             \
    "tc_taps " TC_TRIT_MINUS ", \\tap * 16\n\t"                                                                        \
    ".endif\n\t"                                                                                                       \
    ".endm\n\t"
#define TC_TRITS_ABC(line) ".irp c,0,1,2\n\t.irp b,0,1,2\n\t.irp a,0,1,2\n\t" line "\n\t.endr\n\t.endr\n\t.endr\n\t"
#define TC_TRITS_DE(line) ".irp e,0,1,2\n\t.irp d,0,1,2\n\t" line "\n\t.endr\n\t.endr\n\t"
#define TC_TRITS_TABLE(line) TC_TRITS_DE(TC_TRITS_ABC(line))
#define TC_TRITS_FIRST ".Ltc_abc%=_\\c\\b\\a:\n\ttc_trit \\a, 0\n\ttc_trit \\b, 1\n\ttc_trit \\c, 2\n\ttc_jump"
#define TC_TRITS_SECOND ".Ltc_de%=_\\e\\d:\n\ttc_trit \\d, 3\n\ttc_trit \\e, 4\n\ttc_next"
#define TC_TRITS_CASES                                                                                                 \
    ".set tc_at, 0\n\t" TC_TRITS_ABC(TC_TRITS_FIRST) ".set tc_at, 48\n\t" TC_TRITS_DE(TC_TRITS_SECOND)
#define TC_TRITS_DONE ".purgem tc_trit\n\t.purgem tc_taps\n\t.purgem tc_jump\n\t.purgem tc_next\n\t9:\n\t"
#ifdef __riscv
#define TC_TRIT_PLUS "add"
#define TC_TRIT_MINUS "sub"
#define TC_TRITS_X "a0"
#define TC_TRITS_W "a1"
#define TC_TRITS_END_OF_W "a2"
#define TC_TRITS_CODE "t2"
#define TC_TRITS_A "a3"
#define TC_TRITS_B "a4"
#define TC_TRITS_C "a5"
#define TC_TRITS_D "a6"
#define TC_TRITS_CLOBBERED "t0", "t1", "t3", "t4", "t5", "t6"
#else
#define TC_TRIT_PLUS "adds"
#define TC_TRIT_MINUS "subs"
#define TC_TRITS_X "r0"
#define TC_TRITS_W "r1"
#define TC_TRITS_END_OF_W "r2"
#define TC_TRITS_A "r4"
#define TC_TRITS_B "r5"
#define TC_TRITS_C "r6"
#define TC_TRITS_D "r7"
#ifdef __thumb2__
#define TC_TRITS_CODE "r8"
#define TC_TRITS_OTHER "r3"
#else
#define TC_TRITS_CODE "r3"
#define TC_TRITS_OTHER "r8"
#endif
#define TC_TRITS_CLOBBERED TC_TRITS_OTHER, "r9", "r10", "r11", "r12", "lr", "cc"
#endif
#ifdef __thumb2__
/* r0: the inputs, r1: the codes, r4 to r7: the sums, r8: the code, r12: the end; r9, r10: tables, of halfwords from the
 * first jump on and of addresses. tc_at: taps of a code before r0. */
#define TC_TRITS_MACROS                                                                                                \
    ".macro tc_reach to\n\t"                                                                                           \
    ".if \\to - tc_at\n\t"                                                                                             \
    "adds r0, #\\to - tc_at\n\t"                                                                                       \
    ".endif\n\t"                                                                                                       \
    ".set tc_at, \\to\n\t"                                                                                             \
    ".endm\n\t"                                                                                                        \
    ".macro tc_taps add, at\n\t"                                                                                       \
    "tc_reach \\at\n\t"                                                                                                \
    "ldmia r0!, {r2, r3, r11, lr}\n\t"                                                                                 \
    "\\add r4, r4, r2\n\t"                                                                                             \
    "\\add r5, r5, r3\n\t"                                                                                             \
    "\\add r6, r6, r11\n\t"                                                                                            \
    "\\add r7, r7, lr\n\t"                                                                                             \
    ".set tc_at, \\at + 16\n\t"                                                                                        \
    ".endm\n\t"                                                                                                        \
    ".macro tc_jump\n\t"                                                                                               \
    "tc_reach 48\n\t"                                                                                                  \
    ".set tc_at, 0\n\t"                                                                                                \
    "ldr pc, [r10, r8, lsl #2]\n\t"                                                                                    \
    ".endm\n\t"                                                                                                        \
    ".macro tc_next\n\t"                                                                                               \
    "tc_reach 80\n\t"                                                                                                  \
    ".set tc_at, 48\n\t"                                                                                               \
    "cmp r1, r12\n\t"                                                                                                  \
    "bne.w 1b\n\t"                                                                                                     \
    "b 9f\n\t"                                                                                                         \
    ".endm\n\t"
#define TC_TRITS_START                                                                                                 \
    "mov r12, r2\n\t"                                                                                                  \
    "adr.w r9, 5f\n\t"                                                                                                 \
    "adr.w r10, 6f\n\t"                                                                                                \
    "b 3f\n\t"                                                                                                         \
    "1:\n\t"                                                                                                           \
    "ldrb r8, [r1], #1\n\t"                                                                                            \
    "3:\n\t"                                                                                                           \
    "tbh [r9, r8, lsl #1]\n\t"                                                                                         \
    "2:\n\t"
#define TC_TRITS_TABLES                                                                                                \
    ".purgem tc_reach\n\t"                                                                                             \
    "5:\n\t" TC_TRITS_TABLE(".hword (.Ltc_abc%=_\\c\\b\\a - 2b) / 2") ".balign 4\n\t"                                  \
                                                                      "6:\n\t" TC_TRITS_TABLE(                         \
                                                                          ".word .Ltc_de%=_\\e\\d + 1")
#elif defined(__riscv)
/* a0: the inputs, a1: the codes, a2: their end, a3 to a6: the sums; t2: a code's two entries of the table at t0, which
 * are relative to t1. */
#define TC_TRITS_MACROS                                                                                                \
    ".macro tc_taps add, at\n\t"                                                                                       \
    "lw t3, \\at(a0)\n\t"                                                                                              \
    "lw t4, \\at + 4(a0)\n\t"                                                                                          \
    "lw t5, \\at + 8(a0)\n\t"                                                                                          \
    "lw t6, \\at + 12(a0)\n\t"                                                                                         \
    "\\add a3, a3, t3\n\t"                                                                                             \
    "\\add a4, a4, t4\n\t"                                                                                             \
    "\\add a5, a5, t5\n\t"                                                                                             \
    "\\add a6, a6, t6\n\t"                                                                                             \
    ".endm\n\t"                                                                                                        \
    ".macro tc_jump\n\t"                                                                                               \
    "lhu t3, 2(t2)\n\t"                                                                                                \
    "add t3, t3, t1\n\t"                                                                                               \
    "jr t3\n\t"                                                                                                        \
    ".endm\n\t"                                                                                                        \
    ".macro tc_next\n\t"                                                                                               \
    "addi a0, a0, 80\n\t"                                                                                              \
    "bne a1, a2, 1b\n\t"                                                                                               \
    "j 9f\n\t"                                                                                                         \
    ".endm\n\t"
#define TC_TRITS_START                                                                                                 \
    "la t0, 5f\n\t"                                                                                                    \
    "la t1, 2f\n\t"                                                                                                    \
    "j 3f\n\t"                                                                                                         \
    "1:\n\t"                                                                                                           \
    "lbu t2, 0(a1)\n\t"                                                                                                \
    "addi a1, a1, 1\n\t"                                                                                               \
    "3:\n\t"                                                                                                           \
    "slli t2, t2, 2\n\t"                                                                                               \
    "add t2, t2, t0\n\t"                                                                                               \
    "lhu t3, 0(t2)\n\t"                                                                                                \
    "add t3, t3, t1\n\t"                                                                                               \
    "jr t3\n\t"                                                                                                        \
    "2:\n\t"
/* Not among the code, where nothing tells data from instructions. */
#define TC_TRITS_TABLES                                                                                                \
    ".pushsection .rodata.tc_trits,\"a\",@progbits\n\t"                                                                \
    ".balign 4\n\t"                                                                                                    \
    "5:\n\t" TC_TRITS_TABLE(".half .Ltc_abc%=_\\c\\b\\a - 2b, .Ltc_de%=_\\e\\d - 2b") ".popsection\n\t"
#else
/* r3: a code's two entries of the table at r8, which are relative to r9. */
#define TC_TRITS_MACROS                                                                                                \
    ".syntax unified\n\t"                                                                                              \
    ".macro tc_taps add, at\n\t"                                                                                       \
    "ldr r2, [r0, #\\at]\n\t"                                                                                          \
    "\\add r4, r4, r2\n\t"                                                                                             \
    "ldr r2, [r0, #\\at + 4]\n\t"                                                                                      \
    "\\add r5, r5, r2\n\t"                                                                                             \
    "ldr r2, [r0, #\\at + 8]\n\t"                                                                                      \
    "\\add r6, r6, r2\n\t"                                                                                             \
    "ldr r2, [r0, #\\at + 12]\n\t"                                                                                     \
    "\\add r7, r7, r2\n\t"                                                                                             \
    ".endm\n\t"                                                                                                        \
    ".macro tc_jump\n\t"                                                                                               \
    "ldrh r2, [r3, #2]\n\t"                                                                                            \
    "add r2, r2, r9\n\t"                                                                                               \
    "mov pc, r2\n\t"                                                                                                   \
    ".endm\n\t"                                                                                                        \
    ".macro tc_next\n\t"                                                                                               \
    "adds r0, #80\n\t"                                                                                                 \
    "cmp r1, r12\n\t"                                                                                                  \
    "beq 7f\n\t"                                                                                                       \
    "b 1b\n\t"                                                                                                         \
    "7:\n\t"                                                                                                           \
    "b 9f\n\t"                                                                                                         \
    ".endm\n\t"
#define TC_TRITS_START                                                                                                 \
    "mov r12, r2\n\t"                                                                                                  \
    "ldr r2, 3f\n\t"                                                                                                   \
    "mov r8, r2\n\t"                                                                                                   \
    "ldr r2, 4f\n\t"                                                                                                   \
    "mov r9, r2\n\t"                                                                                                   \
    "b 6f\n\t"                                                                                                         \
    ".balign 4\n\t"                                                                                                    \
    "3: .word 5f\n\t"                                                                                                  \
    "4: .word 2f\n\t"                                                                                                  \
    "1:\n\t"                                                                                                           \
    "ldrb r3, [r1]\n\t"                                                                                                \
    "adds r1, #1\n\t"                                                                                                  \
    "6:\n\t"                                                                                                           \
    "lsls r3, r3, #2\n\t"                                                                                              \
    "add r3, r3, r8\n\t"                                                                                               \
    "ldrh r2, [r3]\n\t"                                                                                                \
    "add r2, r2, r9\n\t"                                                                                               \
    "mov pc, r2\n\t"                                                                                                   \
    "2:\n\t"
#define TC_TRITS_TABLES                                                                                                \
    ".balign 4\n\t"                                                                                                    \
    "5:\n\t" TC_TRITS_TABLE(".hword .Ltc_abc%=_\\c\\b\\a - 2b, .Ltc_de%=_\\e\\d - 2b")
#endif
#endif

/* The sums of eight pixels over a code and those from w to end, as four words of two each, which start from `start`.
 * x: [taps, 4]. A function of its own, as it takes nearly all registers. */
#ifdef TC_TRITS
TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_trits(const uint32_t *inputs, uint32_t first,
                                                                   const uint8_t *codes, const uint8_t *end,
                                                                   uint32_t start, uint32_t *pairs)
{
    register const uint32_t *x __asm__(TC_TRITS_X) = inputs;
    register const uint8_t *w __asm__(TC_TRITS_W) = codes;
    register const uint8_t *stop __asm__(TC_TRITS_END_OF_W) = end;
    register uint32_t code __asm__(TC_TRITS_CODE) = first;
    register uint32_t a __asm__(TC_TRITS_A) = start;
    register uint32_t b __asm__(TC_TRITS_B) = start;
    register uint32_t c __asm__(TC_TRITS_C) = start;
    register uint32_t d __asm__(TC_TRITS_D) = start;
    __asm__ volatile(TC_TRITS_MACROS TC_TRIT_MACRO TC_TRITS_START TC_TRITS_CASES TC_TRITS_TABLES TC_TRITS_DONE
                     : "+r"(x), "+r"(w), "+r"(stop), "+r"(code), "+r"(a), "+r"(b), "+r"(c), "+r"(d)
                     :
                     : TC_TRITS_CLOBBERED, "memory");
    pairs[0] = a;
    pairs[1] = b;
    pairs[2] = c;
    pairs[3] = d;
}
#else
#define TC_TRIT_0(tap)
#define TC_TRIT_1(tap)                                                                                                 \
    a += x[4 * (tap)];                                                                                                 \
    b += x[4 * (tap) + 1];                                                                                             \
    c += x[4 * (tap) + 2];                                                                                             \
    d += x[4 * (tap) + 3];
#define TC_TRIT_2(tap)                                                                                                 \
    a -= x[4 * (tap)];                                                                                                 \
    b -= x[4 * (tap) + 1];                                                                                             \
    c -= x[4 * (tap) + 2];                                                                                             \
    d -= x[4 * (tap) + 3];
#define TC_TRITS_CASE(i, j, k)                                                                                         \
    case (i) + 3 * (j) + 9 * (k):                                                                                      \
        TC_TRIT_##i(0) TC_TRIT_##j(1) TC_TRIT_##k(2) break;
#define TC_TRITS_CASES_1(j, k) TC_TRITS_CASE(0, j, k) TC_TRITS_CASE(1, j, k) TC_TRITS_CASE(2, j, k)
#define TC_TRITS_CASES(k) TC_TRITS_CASES_1(0, k) TC_TRITS_CASES_1(1, k) TC_TRITS_CASES_1(2, k)
#define TC_TRITS_LAST(i, j)                                                                                            \
    case (i) + 3 * (j):                                                                                                \
        TC_TRIT_##i(3) TC_TRIT_##j(4) break;

TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_trits(const uint32_t *x, uint32_t code, const uint8_t *w,
                                                                   const uint8_t *end, uint32_t start, uint32_t *pairs)
{
    uint32_t a = start;
    uint32_t b = start;
    uint32_t c = start;
    uint32_t d = start;
    for (;;) {
        const uint32_t last = code * 19 >> 9; /* code / 27 */
        switch (code - 27 * last) {
            TC_TRITS_CASES(0)
            TC_TRITS_CASES(1)
            TC_TRITS_CASES(2)
        default:
            __builtin_unreachable();
        }
        switch (last) {
            TC_TRITS_LAST(0, 0)
            TC_TRITS_LAST(1, 0)
            TC_TRITS_LAST(2, 0)
            TC_TRITS_LAST(0, 1)
            TC_TRITS_LAST(1, 1)
            TC_TRITS_LAST(2, 1)
            TC_TRITS_LAST(0, 2)
            TC_TRITS_LAST(1, 2)
            TC_TRITS_LAST(2, 2)
        default:
            __builtin_unreachable();
        }
        if (w == end) {
            break;
        }
        x += 20;
        code = *w++;
    }
    pairs[0] = a;
    pairs[1] = b;
    pairs[2] = c;
    pairs[3] = d;
}
#endif

#endif

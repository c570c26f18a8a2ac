/* Depthwise convolution by ternary weights, eight pixels of a channel at a time.
 *
 * What a kernel sees of the columns under eight pixels is lined up, four channels in a word. A code is up to three
 * neighbouring weights of a kernel row, t0 + 3 t1 + 9 t2, t = 0, 1, 2 for 0, 1, -1. It jumps to the loads of just the
 * columns that its weights need and to their additions and subtractions: nothing is unpacked, and a weight of 0 takes
 * no instruction. The kernel that includes this defines TC_EIGHTS_STRIDE, its stride along a row, where that is not 1,
 * and TC_EIGHTS_HALVES where sums are halves of words, which start from a number that keeps them from being negative,
 * and bytes have no sign. */
#ifndef TINYC_SCALAR_EIGHTS_H
#define TINYC_SCALAR_EIGHTS_H

#include "tinyc/scalar/blocks.h"
#include "tinyc/scalar/short_line.h"
#include "tinyc/ternary.h"

#ifndef TC_EIGHTS_STRIDE
#define TC_EIGHTS_STRIDE 1
#endif

#if defined(TC_MANY_REGISTERS) && defined(__riscv_mul) && !defined(__OPTIMIZE_SIZE__)
#define TC_EIGHTS_RISCV
#elif defined(TC_MANY_REGISTERS) && defined(__ARM_ARCH_6M__) && !defined(__OPTIMIZE_SIZE__) &&                         \
    defined(TC_EIGHTS_HALVES) && TC_EIGHTS_STRIDE == 1
#define TC_EIGHTS_THUMB
#endif

/* Pixels; weights of a code; and what numbers of columns and pixels are multiplied by where they are jumps: bytes of
 * code for each. */
enum {
    TC_EIGHT = 8,
    TC_EIGHTS_CODE = 3,
#ifdef TC_EIGHTS_RISCV
    TC_EIGHTS_COUNT = 12
#else
    TC_EIGHTS_COUNT = 1
#endif
};

#ifdef TC_EIGHTS_HALVES
typedef uint8_t tc_eights_byte; /* 128 more */
#define TC_EIGHTS_FLIP 0x80808080u
#else
typedef int8_t tc_eights_byte;
#define TC_EIGHTS_FLIP 0u
#endif

/* Columns of one kernel row that lie in the image. */
typedef struct {
    const int8_t *from; /* of the first channel */
    uint32_t *end;      /* behind where they are lined up */
    int32_t count;      /* times TC_EIGHTS_COUNT */
} tc_eights_run;

/* Codes that are yet to come. */
typedef struct {
    const uint8_t *next;
    uint32_t fraction; /* of 2^32: its multiples by a code's radix have the code */
    int32_t left;      /* kernel rows that the fraction has codes of */
} tc_eights_codes;

/* Eight pixels. Code in assembly knows where the fields are. */
typedef struct {
    tc_eights_codes codes;
    int32_t rows;                  /* 12: kernel rows of a fraction, less 1 in assembly */
    uint32_t radix;                /* 16: of a kernel row's first code */
    uint32_t other;                /* 20: of its second code, 0 where there is none */
    int32_t step;                  /* 24: bytes from the columns of a row's last code to those of the next row */
    const int8_t *line;            /* 28: columns; what comes out, [pixels, 4], lies before it */
    const int8_t *end;             /* 32: of the line */
    const int32_t *lines;          /* 36: of the channels */
    int32_t act_min;               /* 40 */
    int32_t act_max;               /* 44 */
    int32_t count;                 /* 48: channels of a four */
    const tc_eights_run *runs;     /* 52: what is lined up for a four; none where that is done */
    const tc_eights_run *runs_end; /* 56 */
    int32_t column;                /* 60: bytes from a column of the image to the next one */
    int32_t channel;               /* 64: the first one */
    int32_t fours;                 /* 68 */
    int8_t *out;                   /* 72: of the last pixel */
    int32_t pitch;                 /* 76: bytes from a pixel's outputs to the next one's */
    int32_t pixels; /* 80: whose bytes are stored, times TC_EIGHTS_COUNT; 0 where they are left before the line */
    uint32_t start; /* 84: what sums start from, twice where they are halves of words */
    int32_t none;   /* 88: pairs of pixels that there are not, 0 to 3 */
    int32_t finish; /* 92: the same, 4 more where lines have two sides */
    int32_t below;  /* 96: of such lines, see scalar/short_line.h */
} tc_eights;

#ifdef TC_EIGHTS_RISCV
/* Macros of the assembler's. tc_add: what column x, the code's `at`th but for those before its weight `digit`, counts
 * to a pixel's sum; sums are in s0, s1, a0 to a4 and t6. tc_load: a column that a code needs. */
#define TC_EIGHTS_STRING(number) #number
#define TC_EIGHTS_SET_STRIDE(number) ".set tc_stride, " TC_EIGHTS_STRING(number) "\n\t"
#define TC_EIGHTS_MACROS                                                                                               \
    TC_EIGHTS_SET_STRIDE(TC_EIGHTS_STRIDE)                                                                             \
    ".macro tc_add digit, at, x\n\t"                                                                                   \
    ".if (\\digit > 0) && (\\at >= 0) && (\\at < 8 * tc_stride) && (\\at %% tc_stride == 0)\n\t"                       \
    ".set tc_pixel, 0\n\t"                                                                                             \
    ".irp sum,s0,s1,a0,a1,a2,a3,a4,t6\n\t"                                                                             \
    ".if tc_pixel * tc_stride == \\at\n\t"                                                                             \
    ".if \\digit == 1\n\t"                                                                                             \
    "add \\sum, \\sum, \\x\n\t"                                                                                        \
    ".else\n\t"                                                                                                        \
    "sub \\sum, \\sum, \\x\n\t"                                                                                        \
    ".endif\n\t"                                                                                                       \
    ".endif\n\t"                                                                                                       \
    ".set tc_pixel, tc_pixel + 1\n\t"                                                                                  \
    ".endr\n\t"                                                                                                        \
    ".endif\n\t"                                                                                                       \
    ".endm\n\t"                                                                                                        \
    ".macro tc_need digit, at\n\t"                                                                                     \
    ".if (\\digit > 0) && (\\at >= 0) && (\\at < 8 * tc_stride) && (\\at %% tc_stride == 0)\n\t"                       \
    ".set tc_needed, 1\n\t"                                                                                            \
    ".endif\n\t"                                                                                                       \
    ".endm\n\t"                                                                                                        \
    ".macro tc_load c, b, a, at, x\n\t"                                                                                \
    ".set tc_needed, 0\n\t"                                                                                            \
    "tc_need \\a, (\\at)\n\t"                                                                                          \
    "tc_need \\b, (\\at-1)\n\t"                                                                                        \
    "tc_need \\c, (\\at-2)\n\t"                                                                                        \
    ".if tc_needed\n\t"                                                                                                \
    "lb \\x, 4 * \\at(t0)\n\t"                                                                                         \
    ".endif\n\t"                                                                                                       \
    ".endm\n\t"                                                                                                        \
    ".macro tc_column c, b, a, at, x\n\t"                                                                              \
    "tc_add \\a, (\\at), \\x\n\t"                                                                                      \
    "tc_add \\b, (\\at-1), \\x\n\t"                                                                                    \
    "tc_add \\c, (\\at-2), \\x\n\t"                                                                                    \
    ".endm\n\t"                                                                                                        \
    ".macro tc_entry at, none, c, b, a\n\t"                                                                            \
    ".if \\at == (8 - 2 * \\none) * tc_stride\n\t"                                                                     \
    ".Ltc_code%=_\\none\\c\\b\\a:\n\t"                                                                                 \
    ".endif\n\t"                                                                                                       \
    ".endm\n\t"                                                                                                        \
    ".macro tc_code c, b, a\n\t" /* the last columns first: fewer pixels are a jump into the midst */                  \
    ".irp at,16,14,12,10,8,6,4,2,0\n\t"                                                                                \
    ".irp none,0,1,2,3\n\t"                                                                                            \
    "tc_entry \\at, \\none, \\c, \\b, \\a\n\t"                                                                         \
    ".endr\n\t"                                                                                                        \
    "tc_load \\c, \\b, \\a, \\at, a5\n\t"                                                                              \
    "tc_load \\c, \\b, \\a, (\\at+1), t2\n\t"                                                                          \
    "tc_column \\c, \\b, \\a, \\at, a5\n\t"                                                                            \
    "tc_column \\c, \\b, \\a, (\\at+1), t2\n\t"                                                                        \
    ".endr\n\t"                                                                                                        \
    "jr ra\n\t"                                                                                                        \
    ".endm\n\t"                                                                                                        \
    ".macro tc_finish sum, at, sided\n\t"                                                                              \
    "mul a5, \\sum, t1\n\t"                                                                                            \
    "add a5, a5, t2\n\t"                                                                                               \
    ".if \\sided\n\t" /* t0: 2^32 - 2^12 */                                                                            \
    "mulhu a5, a5, t0\n\t"                                                                                             \
    "sra a5, a5, t2\n\t"                                                                                               \
    "sub a5, ra, a5\n\t"                                                                                               \
    ".else\n\t"                                                                                                        \
    "sra a5, a5, t2\n\t"                                                                                               \
    ".endif\n\t"                                                                                                       \
    "bge a5, s9, 6f\n\t"                                                                                               \
    "mv a5, s9\n\t"                                                                                                    \
    "6:\n\t"                                                                                                           \
    "bge s10, a5, 8f\n\t"                                                                                              \
    "mv a5, s10\n\t"                                                                                                   \
    "8:\n\t"                                                                                                           \
    "sb a5, \\at - 32(a6)\n\t"                                                                                         \
    "li \\sum, 0\n\t"                                                                                                  \
    ".endm\n\t"
/* The bytes of a channel, for each number of pairs of pixels from where it begins; then the next channel. sided: 0 or 1
 * behind label `base`. */
#define TC_EIGHTS_FINISH(base, sided)                                                                                  \
    base "0:\n\t"                                                                                                      \
         "tc_finish t6, 28, " sided "\n\t"                                                                             \
         "tc_finish a4, 24, " sided "\n\t" base "1:\n\t"                                                               \
         "tc_finish a3, 20, " sided "\n\t"                                                                             \
         "tc_finish a2, 16, " sided "\n\t" base "2:\n\t"                                                               \
         "tc_finish a1, 12, " sided "\n\t"                                                                             \
         "tc_finish a0, 8, " sided "\n\t" base "3:\n\t"                                                                \
         "tc_finish s1, 4, " sided "\n\t"                                                                              \
         "tc_finish s0, 0, " sided "\n\t"                                                                              \
         "addi a6, a6, 1\n\t"                                                                                          \
         "addi t5, t5, 1\n\t"                                                                                          \
         "bne a6, a7, 5b\n\t"
#define TC_EIGHTS_CODES(line) ".irp c,0,1,2\n\t.irp b,0,1,2\n\t.irp a,0,1,2\n\t" line "\n\t.endr\n\t.endr\n\t.endr\n\t"
/* The next row's codes are in the fraction. */
#define TC_EIGHTS_ROW                                                                                                  \
    "addi t4, t4, -1\n\t"                                                                                              \
    "bgez t4, 3f\n\t"                                                                                                  \
    "jal 7f\n\t"                                                                                                       \
    "3:\n\t"
/* A code of the radix in `radix`: the jump to its additions, which return. */
#define TC_EIGHTS_JUMP(radix)                                                                                          \
    "mulhu t1, t3, " radix "\n\t"                                                                                      \
    "mul t3, t3, " radix "\n\t"                                                                                        \
    "slli t1, t1, 2\n\t"                                                                                               \
    "add t1, t1, s8\n\t"                                                                                               \
    "lw t1, 0(t1)\n\t"                                                                                                 \
    "jalr t1\n\t"

TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_eights_compute(tc_eights *eights)
{
    register tc_eights *e __asm__("s11") = eights;
    /* t0: columns, t1: an entry of the table, the slope, t2: columns, the offset, t3: the fraction, t4: kernel rows it
     * has, t5: the line's end, s2, s3: radixes, s4: the step, s6: the next codes, s7: lines, s8: the table, s9, s10:
     * the clamp, a6: the line from the channel on, a7: from the last one */
    __asm__ volatile(TC_EIGHTS_MACROS
                     /* clang-format off */
        "lw s6, 0(s11)\n\t"
        "lw t3, 4(s11)\n\t"
        "lw t4, 8(s11)\n\t"
        "lw s2, 16(s11)\n\t"
        "lw s3, 20(s11)\n\t"
        "lw s4, 24(s11)\n\t"
        "lw s7, 36(s11)\n\t"
        "lw s9, 40(s11)\n\t"
        "lw s10, 44(s11)\n\t"
        "la s8, .Ltc_codes%=\n\t"
        "lw t1, 88(s11)\n\t"
        "lw t0, 92(s11)\n\t"
        "slli t0, t0, 2\n\t"
        "add t0, t0, s8\n\t"
        "lw s5, 4 * 4 * 27(t0)\n\t"
        "li t0, 4 * 27\n\t"
        "mul t1, t1, t0\n\t"
        "add s8, s8, t1\n\t"
        ".Ltc_four%=:\n\t"
        /* four channels: their columns are lined up */
        "lw a0, 52(s11)\n\t"
        "lw a1, 56(s11)\n\t"
        "lw a2, 60(s11)\n\t"
        "lw a3, 64(s11)\n\t"
        "la a7, 3f\n\t"
        "beq a0, a1, 4f\n\t"
        "2:\n\t"
        "lw t1, 8(a0)\n\t"
        "lw a4, 0(a0)\n\t"
        "lw t0, 4(a0)\n\t"
        "sub t1, a7, t1\n\t"
        "add a4, a4, a3\n\t"
        "addi a0, a0, 12\n\t"
        "jr t1\n\t"
        ".option push\n\t.option norvc\n\t"
        ".set tc_at, 7 * tc_stride + 6\n\t" /* columns of a row of two codes */
        ".rept 7 * tc_stride + 6\n\t"
        "lw t2, 0(a4)\n\t"
        "add a4, a4, a2\n\t"
        "sw t2, -4 * tc_at(t0)\n\t"
        ".set tc_at, tc_at - 1\n\t"
        ".endr\n\t"
        ".option pop\n\t"
        "3:\n\t"
        "bne a0, a1, 2b\n\t"
        "4:\n\t"
        "lw a6, 28(s11)\n\t"
        "lw a7, 48(s11)\n\t"
        "lw t5, 32(s11)\n\t"
        "add a7, a7, a6\n\t"
        ".irp r,s0,s1,a0,a1,a2,a3,a4,t6\n\t"
        "li \\r, 0\n\t"
        ".endr\n\t"
        "5:\n\t"
        "mv t0, a6\n\t"
        "beqz s3, 2f\n\t"
        "1:\n\t"
        TC_EIGHTS_ROW
        TC_EIGHTS_JUMP("s2")
        "addi t0, t0, 12\n\t"
        TC_EIGHTS_JUMP("s3")
        "add t0, t0, s4\n\t"
        "bne t0, t5, 1b\n\t"
        "j 4f\n\t"
        "2:\n\t"
        TC_EIGHTS_ROW
        TC_EIGHTS_JUMP("s2")
        "add t0, t0, s4\n\t"
        "bne t0, t5, 2b\n\t"
        "4:\n\t"
        "lw t1, 0(s7)\n\t"
        "lw t2, 4(s7)\n\t"
        "addi s7, s7, 8\n\t"
        "jr s5\n\t"
        TC_EIGHTS_FINISH(".Ltc_finish%=_", "0")
        ".Ltc_store%=:\n\t"
        /* their bytes are stored */
        "lw t1, 80(s11)\n\t"
        "lw a0, 72(s11)\n\t"
        "lw a1, 76(s11)\n\t"
        "lw a2, 28(s11)\n\t"
        "la a7, 3f\n\t"
        "sub t1, a7, t1\n\t"
        "addi t0, a0, 4\n\t"
        "jr t1\n\t"
        ".option push\n\t.option norvc\n\t"
        ".irp i,1,2,3,4,5,6,7,8\n\t"
        "lw t2, -4 * \\i(a2)\n\t"
        "sw t2, 0(a0)\n\t"
        "sub a0, a0, a1\n\t"
        ".endr\n\t"
        ".option pop\n\t"
        "3:\n\t"
        "lw t1, 68(s11)\n\t"
        "lw t2, 64(s11)\n\t"
        "sw t0, 72(s11)\n\t"
        "addi t1, t1, -1\n\t"
        "addi t2, t2, 4\n\t"
        "sw t1, 68(s11)\n\t"
        "sw t2, 64(s11)\n\t"
        "beqz t1, 9f\n\t"
        "j .Ltc_four%=\n\t"
        "7:\n\t" /* the next fraction */
        "lbu t3, 0(s6)\n\t"
        "lbu t1, 1(s6)\n\t"
        "slli t3, t3, 24\n\t"
        "slli t1, t1, 16\n\t"
        "or t3, t3, t1\n\t"
        "lbu t1, 2(s6)\n\t"
        "lw t4, 12(s11)\n\t"
        "addi s6, s6, 3\n\t"
        "slli t1, t1, 8\n\t"
        "or t3, t3, t1\n\t"
        "jr ra\n\t"
        ".irp none,3,2,1,0\n\t"
        ".Ltc_sided%=_\\none:\n\t"
        "lui t0, 0xFFFFF\n\t"
        "lw ra, 96(s11)\n\t"
        ".if \\none\n\t"
        "j .Ltc_sides%=_\\none\n\t"
        ".endif\n\t"
        ".endr\n\t"
        TC_EIGHTS_FINISH(".Ltc_sides%=_", "1")
        "j .Ltc_store%=\n\t"
        TC_EIGHTS_CODES("tc_code \\c, \\b, \\a")
        /* not among the code, where nothing tells data from instructions */
        ".pushsection .rodata.tc_eights,\"a\",@progbits\n\t"
        ".balign 4\n\t"
        ".Ltc_codes%=:\n\t"
        ".irp none,0,1,2,3\n\t"
        TC_EIGHTS_CODES(".word .Ltc_code%=_\\none\\c\\b\\a")
        ".endr\n\t"
        ".irp none,0,1,2,3\n\t"
        ".word .Ltc_finish%=_\\none\n\t"
        ".endr\n\t"
        ".irp none,0,1,2,3\n\t"
        ".word .Ltc_sided%=_\\none\n\t"
        ".endr\n\t"
        ".popsection\n\t"
        ".irp m,add,need,load,column,entry,code,finish\n\t"
        ".purgem tc_\\m\n\t"
        ".endr\n\t"
        "9:\n\t"
        "sw s6, 0(s11)\n\t"
        "sw t3, 4(s11)\n\t"
        "sw t4, 8(s11)\n\t"
        "sw s7, 36(s11)\n\t"
                     /* clang-format on */
                     : "+r"(e)
                     :
                     : "s0", "s1", "a0", "a1", "a2", "a3", "a4", "t6", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4",
                       "t5", "s2", "s3", "s4", "s5", "s6", "s7", "s8", "s9", "s10", "ra", "memory");
}
#elif defined(TC_EIGHTS_THUMB)
/* Macros of the assembler's. tc_tap: what the word of pixels x and x + 4 of the columns counts to the sums in r4 to r7,
 * those of pixels 0 to 3, and in their upper halves 4 to 7. tc_word: such a word, where the code needs it. */
#define TC_EIGHTS_MACROS                                                                                               \
    ".syntax unified\n\t"                                                                                              \
    ".macro tc_tap digit, pixel\n\t"                                                                                   \
    ".if (\\digit > 0) && (\\pixel >= 0) && (\\pixel < 4)\n\t"                                                         \
    ".set tc_pixel, 0\n\t"                                                                                             \
    ".irp sum,r4,r5,r6,r7\n\t"                                                                                         \
    ".if tc_pixel == \\pixel\n\t"                                                                                      \
    ".if \\digit == 1\n\t"                                                                                             \
    "adds \\sum, \\sum, r0\n\t"                                                                                        \
    ".else\n\t"                                                                                                        \
    "subs \\sum, \\sum, r0\n\t"                                                                                        \
    ".endif\n\t"                                                                                                       \
    ".endif\n\t"                                                                                                       \
    ".set tc_pixel, tc_pixel + 1\n\t"                                                                                  \
    ".endr\n\t"                                                                                                        \
    ".endif\n\t"                                                                                                       \
    ".endm\n\t"                                                                                                        \
    ".macro tc_word c, b, a, at\n\t"                                                                                   \
    ".if ((\\a > 0) && (\\at < 4)) || ((\\b > 0) && (\\at > 0) && (\\at < 5)) || ((\\c > 0) && (\\at > 1))\n\t"        \
    "ldrb r2, [r3, #(4 * \\at)]\n\t"                                                                                   \
    "ldrb r0, [r1, #(4 * \\at)]\n\t"                                                                                   \
    "lsls r2, r2, #16\n\t"                                                                                             \
    "adds r0, r0, r2\n\t"                                                                                              \
    ".endif\n\t"                                                                                                       \
    "tc_tap \\a, \\at\n\t"                                                                                             \
    "tc_tap \\b, (\\at-1)\n\t"                                                                                         \
    "tc_tap \\c, (\\at-2)\n\t"                                                                                         \
    ".endm\n\t"                                                                                                        \
    ".macro tc_code c, b, a\n\t"                                                                                       \
    ".if (\\a + \\b + \\c) > 0\n\t"                                                                                    \
    "movs r3, r1\n\t"                                                                                                  \
    "adds r3, #16\n\t"                                                                                                 \
    ".endif\n\t"                                                                                                       \
    ".irp at,0,1,2,3,4,5\n\t"                                                                                          \
    "tc_word \\c, \\b, \\a, \\at\n\t"                                                                                  \
    ".endr\n\t"                                                                                                        \
    "mov pc, lr\n\t"                                                                                                   \
    ".endm\n\t"                                                                                                        \
    ".macro tc_finish half, at, sided\n\t"                                                                             \
    "\\half\n\t"                                                                                                       \
    "muls r0, r1\n\t"                                                                                                  \
    "adds r0, r0, r3\n\t"                                                                                              \
    ".if \\sided\n\t" /* r4: what bytes are below */                                                                   \
    "lsrs r7, r0, #20\n\t"                                                                                             \
    "subs r0, r0, r7\n\t"                                                                                              \
    ".endif\n\t"                                                                                                       \
    "asrs r0, r3\n\t"                                                                                                  \
    ".if \\sided\n\t"                                                                                                  \
    "subs r0, r4, r0\n\t"                                                                                              \
    ".endif\n\t"                                                                                                       \
    "sxtb r7, r0\n\t"                                                                                                  \
    "cmp r7, r0\n\t"                                                                                                   \
    "beq 6f\n\t"                                                                                                       \
    "asrs r0, r0, #31\n\t"                                                                                             \
    "movs r7, #127\n\t"                                                                                                \
    "eors r7, r0\n\t"                                                                                                  \
    "6:\n\t"                                                                                                           \
    "strb r7, [r2, #\\at]\n\t"                                                                                         \
    ".endm\n\t"                                                                                                        \
    ".macro tc_finish_two sum, at, sided=0\n\t"                                                                        \
    "tc_finish \"uxth r0, \\sum\", \\at, \\sided\n\t"                                                                  \
    "tc_finish \"lsrs r0, \\sum, #16\", (\\at+16), \\sided\n\t"                                                        \
    ".endm\n\t"
#define TC_EIGHTS_CODES(line) ".irp c,0,1,2\n\t.irp b,0,1,2\n\t.irp a,0,1,2\n\t" line "\n\t.endr\n\t.endr\n\t.endr\n\t"
/* A code, its radix being in r2: the jump to its additions, which return. */
#define TC_EIGHTS_JUMP                                                                                                 \
    "mov r0, r8\n\t"                                                                                                   \
    "muls r0, r2\n\t"                                                                                                  \
    "lsrs r2, r0, #24\n\t"                                                                                             \
    "lsls r0, r0, #8\n\t"                                                                                              \
    "lsrs r0, r0, #8\n\t"                                                                                              \
    "mov r8, r0\n\t"                                                                                                   \
    "lsls r2, r2, #2\n\t"                                                                                              \
    "add r2, r10\n\t"                                                                                                  \
    "ldr r2, [r2]\n\t"                                                                                                 \
    "mov lr, pc\n\t"                                                                                                   \
    "mov pc, r2\n\t"
/* To the next row of the kernel. */
#define TC_EIGHTS_STEP                                                                                                 \
    "mov r0, r11\n\t"                                                                                                  \
    "ldr r0, [r0, #24]\n\t"                                                                                            \
    "adds r1, r1, r0\n\t"                                                                                              \
    "cmp r1, r9\n\t"

/* The next row's codes are in the fraction. */
#define TC_EIGHTS_ROW(label)                                                                                           \
    "mov r0, r12\n\t"                                                                                                  \
    "subs r0, #1\n\t"                                                                                                  \
    "mov r12, r0\n\t"                                                                                                  \
    "bpl " label "f\n\t"                                                                                               \
    "bl 8f\n\t" label ":\n\t"                                                                                          \
    "movs r2, #27\n\t" TC_EIGHTS_JUMP

/* Bytes of four channels or fewer, which are lined up. */
TC_NO_FRAME_POINTER static __attribute__((noinline)) void tc_eights_four(tc_eights *eights)
{
    register tc_eights *e __asm__("r0") = eights;
    /* r1: columns, the slope, r2: what comes out, r3: columns four on, the offset, r8: the fraction of 2^24, r9: the
     * line's end, r10: the table, r11: eights, r12: kernel rows that the fraction has */
    __asm__ volatile(
        TC_EIGHTS_MACROS
        /* clang-format off */
        "mov r11, r0\n\t"
        "ldr r2, [r0, #4]\n\t"
        "lsrs r2, r2, #8\n\t"
        "mov r8, r2\n\t"
        "ldr r2, [r0, #8]\n\t"
        "mov r12, r2\n\t"
        "ldr r2, [r0, #32]\n\t"
        "mov r9, r2\n\t"
        "ldr r2, 7f\n\t"
        "mov r10, r2\n\t"
        "b 1f\n\t"
        ".balign 4\n\t"
        "7: .word .Ltc_codes%=\n\t"
        "1:\n\t"
        "mov r0, r11\n\t"
        "ldr r4, [r0, #84]\n\t"
        "movs r5, r4\n\t"
        "movs r6, r4\n\t"
        "movs r7, r4\n\t"
        "ldr r1, [r0, #28]\n\t"
        "ldr r2, [r0, #20]\n\t"
        "cmp r2, #0\n\t"
        "bne 4f\n\t"
        "2:\n\t"
        TC_EIGHTS_ROW("3")
        TC_EIGHTS_STEP
        "bne 2b\n\t"
        "b 5f\n\t"
        "4:\n\t"
        TC_EIGHTS_ROW("3")
        "adds r1, #12\n\t"
        "mov r2, r11\n\t"
        "ldr r2, [r2, #20]\n\t"
        TC_EIGHTS_JUMP
        TC_EIGHTS_STEP
        "bne 4b\n\t"
        "5:\n\t"
        "mov r0, r11\n\t"
        "ldr r2, [r0, #36]\n\t"
        "ldmia r2!, {r1, r3}\n\t"
        "str r2, [r0, #36]\n\t"
        "ldr r2, [r0, #28]\n\t"
        "adds r2, #1\n\t"
        "str r2, [r0, #28]\n\t"
        "subs r2, #33\n\t"
        "movs r0, #1\n\t"
        "add r9, r0\n\t"
        "mov lr, r7\n\t"
        "cmp r1, #0\n\t" /* of two sides slopes are below 0 */
        "bpl 6f\n\t"
        "b .Ltc_sides%=\n\t"
        "6:\n\t"
        "tc_finish_two r4, 0\n\t"
        "tc_finish_two r5, 4\n\t"
        "tc_finish_two r6, 8\n\t"
        "mov r4, lr\n\t"
        "tc_finish_two r4, 12\n\t"
        ".Ltc_next%=:\n\t"
        "mov r0, r11\n\t"
        "ldr r2, [r0, #48]\n\t"
        "subs r2, #1\n\t"
        "str r2, [r0, #48]\n\t"
        "beq 3f\n\t"
        "b 1b\n\t"
        "8:\n\t" /* the next fraction */
        "mov r0, r11\n\t"
        "ldr r2, [r0, #12]\n\t"
        "mov r12, r2\n\t"
        "ldr r3, [r0, #0]\n\t"
        "ldrb r2, [r3, #0]\n\t"
        "lsls r2, r2, #16\n\t"
        "mov r8, r2\n\t"
        "ldrb r2, [r3, #1]\n\t"
        "lsls r2, r2, #8\n\t"
        "add r8, r2\n\t"
        "ldrb r2, [r3, #2]\n\t"
        "add r8, r2\n\t"
        "adds r3, #3\n\t"
        "str r3, [r0, #0]\n\t"
        "bx lr\n\t"
        "3:\n\t"
        "mov r2, r8\n\t"
        "lsls r2, r2, #8\n\t"
        "str r2, [r0, #4]\n\t"
        "mov r2, r12\n\t"
        "str r2, [r0, #8]\n\t"
        "bl 9f\n\t" /* far */
        ".Ltc_sides%=:\n\t"
        "mov r10, r4\n\t"
        "mov r4, r11\n\t"
        "ldr r4, [r4, #96]\n\t"
        "tc_finish_two r5, 4, 1\n\t"
        "tc_finish_two r6, 8, 1\n\t"
        "mov r5, r10\n\t"
        "tc_finish_two r5, 0, 1\n\t"
        "mov r6, lr\n\t"
        "tc_finish_two r6, 12, 1\n\t"
        "ldr r0, 7f\n\t"
        "mov r10, r0\n\t"
        "b .Ltc_next%=\n\t"
        ".balign 4\n\t"
        "7: .word .Ltc_codes%=\n\t"
        ".Ltc_codes%=:\n\t"
        TC_EIGHTS_CODES(".word .Ltc_code%=_\\c\\b\\a")
        TC_EIGHTS_CODES(".Ltc_code%=_\\c\\b\\a:\n\ttc_code \\c, \\b, \\a")
        ".irp m,tap,word,code,finish_two,finish\n\t"
        ".purgem tc_\\m\n\t"
        ".endr\n\t"
        "9:\n\t"
        /* clang-format on */
        : "+r"(e)
        :
        : "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "r11", "r12", "lr", "cc", "memory");
}
#else
static inline uint32_t tc_eights_code(tc_eights_codes *codes, uint32_t radix)
{
    const uint32_t bits = (codes->fraction >> 8) * radix;
    codes->fraction = bits << 8;
    return bits >> 24;
}

/* x: columns of the code's first weight on. */
static inline void tc_eights_add(int32_t *sums, uint32_t code, const tc_eights_byte *x)
{
    for (; code != 0; code /= 3, x += 4) {
        if (code % 3 == 1) {
            for (int32_t i = 0; i < TC_EIGHT; i++) {
                sums[i] += x[4 * TC_EIGHTS_STRIDE * i];
            }
        } else if (code % 3 == 2) {
            for (int32_t i = 0; i < TC_EIGHT; i++) {
                sums[i] -= x[4 * TC_EIGHTS_STRIDE * i];
            }
        }
    }
}

/* Bytes of a channel, before the line. */
static void tc_eights_channel(tc_eights *e, tc_eights_codes *codes, int32_t c)
{
    int32_t sums[TC_EIGHT];
    for (int32_t i = 0; i < TC_EIGHT; i++) {
        sums[i] = (int32_t)(e->start & 0xFFFF);
    }
    const tc_eights_byte *const end = (const tc_eights_byte *)e->end + c;
    for (const tc_eights_byte *x = (const tc_eights_byte *)e->line + c; x != end; codes->left--) {
        if (codes->left == 0) {
            const uint8_t *const next = codes->next;
            codes->fraction = (uint32_t)next[0] << 24 | (uint32_t)next[1] << 16 | (uint32_t)next[2] << 8;
            codes->next = next + 3;
            codes->left = e->rows;
        }
        tc_eights_add(sums, tc_eights_code(codes, e->radix), x);
        if (e->other) {
            x += 4 * TC_EIGHTS_CODE;
            tc_eights_add(sums, tc_eights_code(codes, e->other), x);
        }
        x += e->step;
    }
    const int32_t slope = *e->lines++;
    const int32_t offset = *e->lines++;
    int8_t *const out = (int8_t *)(uintptr_t)e->line - 4 * TC_EIGHT + c;
    for (int32_t i = 0; i < TC_EIGHT; i++) {
        const uint32_t sum = (uint32_t)sums[i];
        const int8_t byte =
            e->finish & 4 ? tc_sided_line(slope, offset, e->below, sum) : tc_short_line(slope, offset, sum);
        out[4 * i] = (int8_t)tc_clamp(byte, e->act_min, e->act_max);
    }
}

/* Bytes of four channels or fewer, which are lined up. */
static void tc_eights_four(tc_eights *e)
{
    for (int32_t c = 0; c < e->count; c++) {
        tc_eights_channel(e, &e->codes, c);
    }
}
#endif

#ifndef TC_EIGHTS_RISCV
/* One column, four channels of it: bytes without a sign where sums have halves of words. */
#define TC_EIGHTS_LINE_UP(i)                                                                                           \
    to[i] = *(const uint32_t *)(const void *)x ^ TC_EIGHTS_FLIP;                                                       \
    x += column;
/* What came out for a pixel. */
#define TC_EIGHTS_STORE(i)                                                                                             \
    *(uint32_t *)(void *)out = made[i];                                                                                \
    out -= pitch;
static __attribute__((noinline)) void tc_eights_compute(tc_eights *e)
{
    const int8_t *const line = e->line;
    const int32_t count = e->count;
    const int32_t column = e->column;
    const int32_t pitch = e->pitch;
    for (; e->fours > 0; e->fours--, e->channel += 4, e->out += 4) {
        for (const tc_eights_run *run = e->runs; run != e->runs_end; run++) {
            const int8_t *x = run->from + e->channel;
            uint32_t *to = run->end - run->count;
            if (run->count >= TC_EIGHT) {
                TC_EIGHTS_LINE_UP(0)
                TC_EIGHTS_LINE_UP(1)
                TC_EIGHTS_LINE_UP(2)
                TC_EIGHTS_LINE_UP(3)
                TC_EIGHTS_LINE_UP(4)
                TC_EIGHTS_LINE_UP(5)
                TC_EIGHTS_LINE_UP(6)
                TC_EIGHTS_LINE_UP(7)
                to += TC_EIGHT;
            }
            for (; to != run->end; to++) {
                TC_EIGHTS_LINE_UP(0)
            }
        }
        tc_eights_four(e);
        e->line = line;
        e->count = count;
        const uint32_t *const made = (const uint32_t *)(const void *)line - TC_EIGHT;
        int8_t *out = e->out;
        int32_t i = e->pixels;
        if (i == TC_EIGHT) {
            TC_EIGHTS_STORE(7)
            TC_EIGHTS_STORE(6)
            TC_EIGHTS_STORE(5)
            TC_EIGHTS_STORE(4)
            TC_EIGHTS_STORE(3)
            TC_EIGHTS_STORE(2)
            TC_EIGHTS_STORE(1)
            TC_EIGHTS_STORE(0)
            continue;
        }
        while (--i >= 0) {
            TC_EIGHTS_STORE(i)
        }
    }
}
#endif

/* What is lined up for every four channels of n pixels from the input's column `ix` on; words of padding beside it.
 * to: [kernel_h, columns]. Returns the end of `runs`. */
static tc_eights_run *tc_eights_find(const tc_depthwise_eights_params *p, const int8_t *const *rows, int32_t origin,
                                     int32_t ix, int32_t n, uint32_t padding, uint32_t *to, tc_eights_run *runs)
{
    const int32_t columns = p->columns;
    const int32_t needed = columns - (TC_EIGHT - n) * TC_EIGHTS_STRIDE;
    const int32_t first = tc_max(-ix, 0);
    const int32_t last = tc_min(p->in_w - ix, needed);
    for (const int8_t *const *const end = rows + p->kernel_h; rows != end; rows++, to += columns) {
        int32_t i = 0;
        if (*rows != NULL && first < last) {
            for (; i < first; i++) {
                to[i] = padding;
            }
            i = last;
            runs->from = *rows + (ix + first - origin) * p->out_c;
            runs->end = to + last;
            runs->count = TC_EIGHTS_COUNT * (last - first);
            runs++;
        }
        for (; i < columns; i++) {
            to[i] = padding;
        }
    }
    return runs;
}

/* Lines up `count` channels, at most four, where words cannot be loaded. step: bytes between two columns. */
static __attribute__((noinline)) void tc_eights_line_up(const tc_eights_run *run, const tc_eights_run *end,
                                                        int32_t channel, int32_t step, int32_t count)
{
    for (; run != end; run++) {
        const int8_t *x = run->from + channel;
        int8_t *to = (int8_t *)(run->end - run->count / TC_EIGHTS_COUNT);
        for (; to != (int8_t *)run->end; to += 4, x += step) {
            for (int32_t c = 0; c < count; c++) {
                to[c] = (int8_t)(x[c] ^ (int8_t)TC_EIGHTS_FLIP);
            }
        }
    }
}

/* The codes of the first channel on: a fraction of fewer kernel rows than others may come first. */
static inline tc_eights_codes tc_eights_first(const tc_depthwise_eights_params *p, const uint8_t *weights)
{
    tc_eights_codes codes = {weights, 0, p->first_rows};
    for (int32_t shift = 24; codes.next != weights + p->first_bytes; shift -= 8) {
        codes.fraction |= (uint32_t)*codes.next++ << shift;
    }
    return codes;
}

TC_INLINE void tc_depthwise_eights(const tc_depthwise_eights_params *p, const int8_t *const *rows, const tc_span *cols,
                                   const uint8_t *weights, const int32_t *channels, const int32_t *padding, int8_t *out,
                                   void *scratch)
{
    uint32_t *const line = (uint32_t *)scratch + TC_EIGHT; /* behind the bytes of four channels */
    uint32_t *const end = line + p->kernel_h * p->columns;
    tc_eights_run *const runs = (tc_eights_run *)(void *)end;
    uintptr_t bits = (uintptr_t)p->out_c | (uintptr_t)out;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        bits |= (uintptr_t)rows[ky];
    }
    const int32_t in_words = (bits & 3) == 0;
#if defined(TC_EIGHTS_RISCV) || defined(TC_EIGHTS_THUMB)
    const int32_t fraction = p->fraction_rows - 1;
#else
    const int32_t fraction = p->fraction_rows;
#endif
    tc_eights e = {{NULL, 0, 0},
                   fraction,
                   (uint32_t)p->radix,
                   (uint32_t)p->other_radix,
                   4 * (p->other_radix ? p->columns - TC_EIGHTS_CODE : p->columns),
                   (const int8_t *)line,
                   (const int8_t *)end,
                   NULL,
                   p->act_min,
                   p->act_max,
                   0,
                   NULL,
                   NULL,
                   p->out_c,
                   0,
                   0,
                   NULL,
                   p->out_c,
                   0,
                   (uint32_t)p->start * 0x10001u,
                   0,
                   0,
                   p->below};
    int8_t *const first = out;
    for (int32_t ox = cols->begin; ox < cols->end; ox += TC_EIGHT, out += TC_EIGHT * p->out_c) {
        const int32_t n = tc_min(cols->end - ox, TC_EIGHT);
        tc_eights_run *const last = tc_eights_find(p, rows, cols->origin, ox * TC_EIGHTS_STRIDE - p->pad_left, n,
                                                   (uint32_t)*padding ^ TC_EIGHTS_FLIP, line, runs);
        e.codes = tc_eights_first(p, weights);
        e.lines = channels;
        e.none = (TC_EIGHT - n) >> 1;
        e.finish = p->sided ? 4 + e.none : e.none;
        if (in_words) {
            e.count = 4;
            e.runs = runs;
            e.runs_end = last;
            e.channel = 0;
            e.fours = p->out_c >> 2;
            e.out = out + (n - 1) * p->out_c;
            e.pixels = TC_EIGHTS_COUNT * n;
            tc_eights_compute(&e);
            continue;
        }
        for (int32_t c = 0; c < p->out_c; c += 4) {
            const int32_t count = tc_min(p->out_c - c, 4);
            e.count = count;
            e.fours = 1;
            tc_eights_line_up(runs, last, c, p->out_c, count);
            tc_eights_compute(&e);
            const int8_t *made = (const int8_t *)scratch;
            int8_t *pixel = out + c;
            for (int32_t i = 0; i < n; i++, made += 4, pixel += p->out_c) {
                for (int32_t k = 0; k < count; k++) {
                    pixel[k] = made[k];
                }
            }
        }
    }
#ifdef TC_EIGHTS_THUMB
    tc_clamp_bytes_scalar(first, (cols->end - cols->begin) * p->out_c, p->act_min, p->act_max);
#else
    (void)first;
#endif
}

#endif

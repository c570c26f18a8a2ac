/* Depthwise convolution by ternary weights, eight pixels of a channel at a time.
 *
 * What a kernel sees of the columns under eight pixels is lined up, four channels in a word. A code is up to three
 * neighbouring weights of a kernel row, t0 + 3 t1 + 9 t2, t = 0, 1, 2 for 0, 1, -1. It jumps to the loads of just the
 * columns that its weights need and to their additions and subtractions: nothing is unpacked, and a weight of 0 takes
 * no instruction. TC_EIGHTS_STRIDE: of the kernel that includes this. */
#ifndef TINYC_RV32_EIGHTS_H
#define TINYC_RV32_EIGHTS_H

#include "tinyc/scalar/short_line.h"
#include "tinyc/ternary.h"

#if defined(TC_MANY_REGISTERS) && defined(__riscv_mul) && !defined(__OPTIMIZE_SIZE__)
#define TC_EIGHTS
#endif

/* Pixels; weights of a code; and what numbers of columns and pixels are multiplied by where they are jumps: bytes of
 * code for each. */
enum {
    TC_EIGHT = 8,
    TC_EIGHTS_CODE = 3,
#ifdef TC_EIGHTS
    TC_EIGHTS_COUNT = 12
#else
    TC_EIGHTS_COUNT = 1
#endif
};

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
    int32_t rows_more;             /* 12: kernel rows of a fraction, less 1 */
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
} tc_eights;

#ifdef TC_EIGHTS
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
    ".macro tc_code c, b, a\n\t"                                                                                       \
    ".irp at,0,2,4,6,8,10,12,14,16\n\t"                                                                                \
    "tc_load \\c, \\b, \\a, \\at, a5\n\t"                                                                              \
    "tc_load \\c, \\b, \\a, (\\at+1), t2\n\t"                                                                          \
    "tc_column \\c, \\b, \\a, \\at, a5\n\t"                                                                            \
    "tc_column \\c, \\b, \\a, (\\at+1), t2\n\t"                                                                        \
    ".endr\n\t"                                                                                                        \
    "jr ra\n\t"                                                                                                        \
    ".endm\n\t"                                                                                                        \
    ".macro tc_finish sum, at\n\t"                                                                                     \
    "mul a5, \\sum, t1\n\t"                                                                                            \
    "add a5, a5, t2\n\t"                                                                                               \
    "sra a5, a5, t2\n\t"                                                                                               \
    "bge a5, s9, 6f\n\t"                                                                                               \
    "mv a5, s9\n\t"                                                                                                    \
    "6:\n\t"                                                                                                           \
    "bge s10, a5, 8f\n\t"                                                                                              \
    "mv a5, s10\n\t"                                                                                                   \
    "8:\n\t"                                                                                                           \
    "sb a5, \\at - 32(a6)\n\t"                                                                                         \
    ".endm\n\t"
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
    __asm__ volatile(
        TC_EIGHTS_MACROS
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
        "5:\n\t"
        ".irp r,s0,s1,a0,a1,a2,a3,a4,t6\n\t"
        "li \\r, 0\n\t"
        ".endr\n\t"
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
        "tc_finish s0, 0\n\t"
        "tc_finish s1, 4\n\t"
        "tc_finish a0, 8\n\t"
        "tc_finish a1, 12\n\t"
        "tc_finish a2, 16\n\t"
        "tc_finish a3, 20\n\t"
        "tc_finish a4, 24\n\t"
        "tc_finish t6, 28\n\t"
        "addi a6, a6, 1\n\t"
        "addi t5, t5, 1\n\t"
        "bne a6, a7, 5b\n\t"
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
        TC_EIGHTS_CODES(".Ltc_code%=_\\c\\b\\a:\n\ttc_code \\c, \\b, \\a")
        /* not among the code, where nothing tells data from instructions */
        ".pushsection .rodata.tc_eights,\"a\",@progbits\n\t"
        ".balign 4\n\t"
        ".Ltc_codes%=:\n\t"
        TC_EIGHTS_CODES(".word .Ltc_code%=_\\c\\b\\a")
        ".popsection\n\t"
        ".irp m,add,need,load,column,code,finish\n\t"
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
        : "s0", "s1", "a0", "a1", "a2", "a3", "a4", "t6", "a5", "a6", "a7", "t0", "t1", "t2", "t3", "t4", "t5", "s2",
          "s3", "s4", "s6", "s7", "s8", "s9", "s10", "ra", "memory");
}
#else
static inline uint32_t tc_eights_code(tc_eights_codes *codes, uint32_t radix)
{
    const uint32_t bits = (codes->fraction >> 8) * radix;
    codes->fraction = bits << 8;
    return bits >> 24;
}

/* x: columns of the code's first weight on. */
static inline void tc_eights_add(int32_t *sums, uint32_t code, const int8_t *x)
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
    int32_t sums[TC_EIGHT] = {0};
    for (const int8_t *x = e->line + c; x != e->end + c; codes->left--) {
        if (codes->left == 0) {
            const uint8_t *const next = codes->next;
            codes->fraction = (uint32_t)next[0] << 24 | (uint32_t)next[1] << 16 | (uint32_t)next[2] << 8;
            codes->next = next + 3;
            codes->left = e->rows_more + 1;
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
        out[4 * i] = (int8_t)tc_clamp(tc_short_line(slope, offset, (uint32_t)sums[i]), e->act_min, e->act_max);
    }
}

static __attribute__((noinline)) void tc_eights_compute(tc_eights *e)
{
    for (; e->fours > 0; e->fours--, e->channel += 4, e->out += 4) {
        for (const tc_eights_run *run = e->runs; run != e->runs_end; run++) {
            const int8_t *x = run->from + e->channel;
            for (uint32_t *to = run->end - run->count; to != run->end; to++, x += e->column) {
                *to = *(const uint32_t *)(const void *)x;
            }
        }
        for (int32_t c = 0; c < e->count; c++) {
            tc_eights_channel(e, &e->codes, c);
        }
        const uint32_t *made = (const uint32_t *)(const void *)e->line - TC_EIGHT + e->pixels;
        int8_t *out = e->out;
        for (int32_t i = 0; i < e->pixels; i++, out -= e->pitch) {
            *(uint32_t *)(void *)out = *--made;
        }
    }
}
#endif

/* What is lined up for every four channels of n pixels from the input's column `ix` on; words of padding beside it.
 * to: [kernel_h, columns]. Returns the end of `runs`. */
static tc_eights_run *tc_eights_find(const tc_depthwise_ternary_rv32_params *p, const int8_t *const *rows,
                                     int32_t origin, int32_t ix, int32_t n, uint32_t padding, uint32_t *to,
                                     tc_eights_run *runs)
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
                to[c] = x[c];
            }
        }
    }
}

/* The codes of the first channel on: a fraction of fewer kernel rows than others may come first. */
static inline tc_eights_codes tc_eights_first(const tc_depthwise_ternary_rv32_params *p, const uint8_t *weights)
{
    tc_eights_codes codes = {weights, 0, p->first_rows};
    for (int32_t shift = 24; codes.next != weights + p->first_bytes; shift -= 8) {
        codes.fraction |= (uint32_t)*codes.next++ << shift;
    }
    return codes;
}

TC_INLINE void tc_depthwise_eights(const tc_depthwise_ternary_rv32_params *p, const int8_t *const *rows,
                                   const tc_span *cols, const uint8_t *weights, const int32_t *channels,
                                   const int32_t *padding, int8_t *out, void *scratch)
{
    uint32_t *const line = (uint32_t *)scratch + TC_EIGHT; /* behind the bytes of four channels */
    uint32_t *const end = line + p->kernel_h * p->columns;
    tc_eights_run *const runs = (tc_eights_run *)(void *)end;
    uintptr_t bits = (uintptr_t)p->out_c | (uintptr_t)out;
    for (int32_t ky = 0; ky < p->kernel_h; ky++) {
        bits |= (uintptr_t)rows[ky];
    }
    const int32_t in_words = (bits & 3) == 0;
    tc_eights e = {.rows_more = p->fraction_rows - 1,
                   .radix = (uint32_t)p->radix,
                   .other = (uint32_t)p->other_radix,
                   .step = 4 * (p->other_radix ? p->columns - TC_EIGHTS_CODE : p->columns),
                   .line = (const int8_t *)line,
                   .end = (const int8_t *)end,
                   .act_min = p->act_min,
                   .act_max = p->act_max,
                   .column = p->out_c,
                   .pitch = p->out_c};
    for (int32_t ox = cols->begin; ox < cols->end; ox += TC_EIGHT, out += TC_EIGHT * p->out_c) {
        const int32_t n = tc_min(cols->end - ox, TC_EIGHT);
        tc_eights_run *const last = tc_eights_find(p, rows, cols->origin, ox * TC_EIGHTS_STRIDE - p->pad_left, n,
                                                   (uint32_t)*padding, line, runs);
        e.codes = tc_eights_first(p, weights);
        e.lines = channels;
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
            e.count = tc_min(p->out_c - c, 4);
            e.fours = 1;
            tc_eights_line_up(runs, last, c, p->out_c, e.count);
            tc_eights_compute(&e);
            const int8_t *made = scratch;
            int8_t *pixel = out + c;
            for (int32_t i = 0; i < n; i++, made += 4, pixel += p->out_c) {
                for (int32_t k = 0; k < e.count; k++) {
                    pixel[k] = made[k];
                }
            }
        }
    }
}

#endif

/* Columns of an image lined up for the blocks of scalar/matmul.h. */
#ifndef TINYC_SCALAR_COLUMNS_H
#define TINYC_SCALAR_COLUMNS_H

#include <string.h>

#include "tinyc/kernel.h"

/* What a kernel reads of the image. */
typedef struct {
    int32_t in_w;    /* columns of the image */
    int32_t in_c;    /* channels of the image */
    int32_t channel; /* the first that is read */
    int32_t c;       /* channels that are read */
    int32_t rows;    /* that are read together */
    int32_t origin;  /* column of the image at rows[i][0] */
    int32_t in_zp;   /* zero point of the image: the byte that padding holds */
} tc_columns_scalar;

/* `count` columns of c bytes. Steps: bytes from column to column. */
static inline void tc_copy_columns_scalar(int8_t *to, int32_t to_step, const int8_t *from, int32_t from_step, int32_t c,
                                          int32_t count)
{
    const uintptr_t all = (uintptr_t)to | (uintptr_t)from | (uintptr_t)(uint32_t)(to_step | from_step | c);
    for (; count > 0; count--, to += to_step, from += from_step) {
        int8_t *y = to;
        const int8_t *x = from;
        int8_t *const end = to + c;
        if (all % 4 == 0) {
            do {
                memcpy(__builtin_assume_aligned(y, 4), __builtin_assume_aligned(x, 4), 4);
                y += 4;
                x += 4;
            } while (y != end);
        } else {
            do {
                *y++ = *x++;
            } while (y != end);
        }
    }
}

static inline void tc_fill_columns_scalar(int8_t *to, int32_t to_step, int32_t value, int32_t c, int32_t count)
{
    for (; count > 0; count--, to += to_step) {
        for (int32_t i = 0; i < c; i++) {
            to[i] = (int8_t)value;
        }
    }
}

/* `count` neighbouring columns from column ix on, [count, rows, c]; rows: NULL in the padding. */
static inline void tc_gather_scalar(const tc_columns_scalar *p, const int8_t *const *rows, int8_t *to, int32_t ix,
                                    int32_t count)
{
    const int32_t c = p->c;
    const int32_t pitch = p->rows * c;
    const int32_t before = tc_min(tc_max(-ix, 0), count);
    const int32_t inside = tc_max(tc_min(p->in_w - ix, count), before) - before;
    for (int32_t i = 0; i < p->rows; i++, to += c) {
        if (rows[i] == NULL) {
            tc_fill_columns_scalar(to, pitch, p->in_zp, c, count);
            continue;
        }
        tc_fill_columns_scalar(to, pitch, p->in_zp, c, before);
        if (inside > 0) {
            const int8_t *from = rows[i] + (ix + before - p->origin) * p->in_c + p->channel;
            tc_copy_columns_scalar(to + before * pitch, pitch, from, p->in_c, c, inside);
        }
        tc_fill_columns_scalar(to + (before + inside) * pitch, pitch, p->in_zp, c, count - before - inside);
    }
}

#endif

#ifndef TINYC_COPY_H
#define TINYC_COPY_H

#include "tinyc/kernel.h"

#include <string.h>

enum { TC_COPY_RANK = 6 };

/* A strided walk over both tensors; dimensions that are not needed are 1. Strides in elements, negative allowed. */
typedef struct {
    int32_t dims[TC_COPY_RANK];       /* outermost first */
    int32_t in_stride[TC_COPY_RANK];  /* from one index to the next in the input */
    int32_t out_stride[TC_COPY_RANK]; /* and in the output */
    int32_t in_offset;                /* element of the input where the walk starts */
    int32_t out_offset;               /* and of the output */
} tc_copy_params;

/* Copies elements: transpose, slice, tile, the inside of a pad. Portable. */
void tc_copy_s8_ref(const tc_copy_params *p, const int8_t *in, int8_t *out);

/* Pieces of `size` bytes at even distances: a part of every pixel, of every row. */
typedef struct {
    int32_t size;      /* bytes of a piece, >= 1 */
    int32_t in_pitch;  /* bytes from one piece to the next in the input */
    int32_t in_offset; /* bytes before the first */
    int32_t out_pitch; /* and in the output */
    int32_t out_offset;
} tc_pieces_params;

/* Copies `units` pieces: an input of a concatenation, a slice along one axis. Portable. */
void tc_pieces_s8_ref(const tc_pieces_params *p, const int8_t *in, int8_t *out, int32_t units);

typedef struct {
    int32_t units;    /* before the axis */
    int32_t in_pitch; /* bytes of a unit of the input */
    int32_t count;    /* of the indices */
    int32_t size;     /* bytes of an entry, >= 1 */
} tc_gather_params;

/* Copies the entries of each unit that the indices name. indices: [count], each below in_pitch / size;
 * out: [units, count, size]. Portable. */
void tc_gather_s8_ref(const tc_gather_params *p, const int8_t *in, const int32_t *indices, int8_t *out);

/* Every step-th pixel of a row from one on, and of each every step-th channel. */
typedef struct {
    int32_t in_c;    /* channels of the input */
    int32_t out_c;   /* channels of the output */
    int32_t first_x; /* column of the input under column 0 of the output */
    int32_t step_x;  /* input columns from one output column to the next; not 0, negative allowed */
    int32_t first_c; /* the same for channels */
    int32_t step_c;
} tc_slice_params;

/* One row of a strided slice. rows: one pointer, [W, in_c]; out: [end - begin, out_c]. Portable. */
void tc_slice_s8_ref(const tc_slice_params *p, const int8_t *const *rows, const tc_span *cols, int8_t *out);

typedef struct {
    int32_t in_c;  /* channels of the input, block * block * channels of the output */
    int32_t block; /* rows and columns that a pixel becomes */
} tc_depth_to_space_params;

/* Row y of DEPTH_TO_SPACE. rows: one pointer, [W, block, block, C]; out: [end - begin, C]. Portable. */
void tc_depth_to_space_s8_ref(const tc_depth_to_space_params *p, const int8_t *const *rows, const tc_span *cols,
                              int32_t y, int8_t *out);

typedef struct {
    int32_t in_c;  /* channels of the input */
    int32_t block; /* rows and columns that make a pixel */
} tc_space_to_depth_params;

/* One row of SPACE_TO_DEPTH. rows: `block` pointers, [W, in_c]; out: [end - begin, block, block, in_c]. Portable. */
void tc_space_to_depth_s8_ref(const tc_space_to_depth_params *p, const int8_t *const *rows, const tc_span *cols,
                              int8_t *out);

typedef struct {
    int32_t groups;  /* of the input's channels */
    int32_t group_c; /* channels of each */
} tc_shuffle_params;

/* Turns each of `units` pixels from [groups, group_c] to [group_c, groups]. Portable. */
void tc_shuffle_s8_ref(const tc_shuffle_params *p, const int8_t *in, int8_t *out, int32_t units);

/* An image inside a border. */
typedef struct {
    int32_t in_w;   /* columns of the input */
    int32_t in_c;   /* channels of the input */
    int32_t left;   /* columns of the border on the left; the span says how many there are on the right */
    int32_t before; /* channels of the border before and after those of the input */
    int32_t after;
    int32_t value; /* the byte that fills it */
} tc_pad_params;

/* One row of the padded image. rows: one pointer, [in_w, in_c]; out: [end - begin, before + in_c + after]. Portable. */
void tc_pad_s8_ref(const tc_pad_params *p, const int8_t *const *rows, const tc_span *cols, int8_t *out);

typedef struct {
    int32_t value; /* the byte to write */
    int32_t n;     /* how many */
} tc_fill_params;

/* out[0 .. n) = value. Portable. */
void tc_fill_s8_ref(const tc_fill_params *p, int8_t *out);

typedef struct {
    int32_t n; /* bytes */
} tc_bytes_params;

/* Copies a tensor of any type. Portable. */
void tc_copy_bytes_ref(const tc_bytes_params *p, const void *in, void *out);

static inline int8_t *tc_put_bytes(int8_t *out, const int8_t *in, int32_t n)
{
    for (; n >= 4; n -= 4, in += 4, out += 4) {
        memcpy(out, in, 4);
    }
    for (; n > 0; n--) {
        *out++ = *in++;
    }
    return out;
}

static inline int8_t *tc_put_value(int8_t *out, int32_t value, int32_t n)
{
    for (; n > 0; n--) {
        *out++ = (int8_t)value;
    }
    return out;
}

#endif

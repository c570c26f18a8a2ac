/* Generated for a test. */
#ifndef SMALL_H
#define SMALL_H

#include <stdint.h>

#include "tinyc/tinyc.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SMALL_ARENA_BYTES 554
#define SMALL_ARENA_ALIGN 8

/* Working memory of one inference: inputs, outputs, activations, scratch; nothing in it survives from one inference to the next. */
#ifdef SMALL_SET_ARENA
/* memory: SMALL_ARENA_BYTES bytes aligned to SMALL_ARENA_ALIGN, to be named before anything else is called. */
void small_set_arena(void *memory);
#else
/* With -DSMALL_EXTERNAL_ARENA the caller defines it, aligned to SMALL_ARENA_ALIGN. */
extern uint8_t small_arena[SMALL_ARENA_BYTES];
#endif

/* Input 0 - t0: int8[1, 11, 19, 1] (s=0.0110268602 z=0) */
#define SMALL_INPUT_BYTES 209
#define SMALL_INPUT_ELEMENTS 209
#define SMALL_INPUT_SCALE 0.01102686021476984f
#define SMALL_INPUT_ZERO_POINT (0)

/* Output 0 - t10: int8[1, 5, 9, 1] (s=0.68938005 z=-15) */
#define SMALL_OUTPUT_BYTES 45
#define SMALL_OUTPUT_ELEMENTS 45
#define SMALL_OUTPUT_SCALE 0.6893800497055054f
#define SMALL_OUTPUT_ZERO_POINT (-15)

/* Rows of the first input, and bytes of each. No row is asked for more than 1 time(s). */
#define SMALL_INPUT_ROWS 11
#define SMALL_INPUT_ROW_BYTES 19


/* Output 0, [1, 5, 9, 1]: valid until the next inference. */
const int8_t *small_output(void);

/* One inference. read(ctx, row, dst) fills one row of the first input, 19 bytes; rows are asked for in order,
 * each at most 1 time(s). What it returns other than TC_OK ends the inference and is returned. */
tc_status small_run_rows(tc_read_row read, void *ctx);

/* One inference from and to the caller's own buffers. */
tc_status small_run_copy(const int8_t *in0, int8_t *out0);

#ifdef __cplusplus
}
#endif

#endif

/* What the demo program needs from a board. The model and its kernels use none of it.
 *
 * A board's port is a list of files in its board.toml: start-up, console, instruction counter, and a transport that
 * carries test vectors in and results out. Each function below is defined by exactly one of them.
 */
#ifndef TINYC_PORT_H
#define TINYC_PORT_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Start-up: the free stack is [tc_port_stack_limit(), stack pointer); NULL where it is not known (host). */
uint8_t *tc_port_stack_limit(void);

/* Console: text for people and lines starting with "tinyc: " for the tool; "\n" ends a line. */
void tc_port_console_init(void);
void tc_port_puts(const char *text);

/* Counter. tc_port_now takes the same number of instructions at every call and uses no stack; its unit is private to
 * the port. tc_port_elapsed gives the instructions executed between two calls, the cost of one call included.
 * tc_port_counts is 0 where nothing is counted: tc_port_elapsed is then 0. */
void tc_port_counter_init(void);
int tc_port_counts(void);
uint64_t tc_port_now(void);
uint64_t tc_port_elapsed(uint64_t begin, uint64_t end);

/* Transport. Functions that move bytes return 0, or -1 when not all of them could be moved. */
typedef enum { TC_OUTPUTS = 0, TC_TRACE = 1 } tc_stream;
int tc_port_read_vectors(uint32_t offset, void *dst, uint32_t bytes);
int tc_port_write(tc_stream stream, const void *src, uint32_t bytes);
_Noreturn void tc_port_exit(int code);

#ifdef __cplusplus
}
#endif

#endif

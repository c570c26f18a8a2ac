/* What every generated model and every caller shares. */
#ifndef TINYC_TINYC_H
#define TINYC_TINYC_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    TC_OK = 0,
    TC_ERROR = 1, /* the row callback failed; the outputs are not valid */
} tc_status;

/* Delivers one row of the first input: [W, C] elements of the input's type to `dst`.
 * row: 0-based. Anything but TC_OK ends the inference. */
typedef tc_status (*tc_read_row)(void *ctx, int32_t row, void *dst);

#ifdef __cplusplus
}
#endif

#endif

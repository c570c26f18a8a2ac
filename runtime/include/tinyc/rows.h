/* Row addressing: a tensor is a ring of rows; a whole tensor is a ring as long as the tensor. */
#ifndef TINYC_ROWS_H
#define TINYC_ROWS_H

#include <stddef.h>
#include <stdint.h>

/* Fill rows[0..count) with the addresses of input rows first, first + step, ...; NULL outside [0, height).
 * base: slot 0 of the ring; pitch: elements from slot to slot; ring: slots. */
#define TC_WINDOW_OF(name, type)                                                                                       \
    static inline void name(const type **rows, int32_t count, const type *base, int32_t first, int32_t step,           \
                            int32_t height, int32_t pitch, int32_t ring)                                               \
    {                                                                                                                  \
        for (int32_t k = 0; k < count; k++) {                                                                          \
            const int32_t row = first + k * step;                                                                      \
            rows[k] = row >= 0 && row < height ? base + (row % ring) * pitch : NULL;                                   \
        }                                                                                                              \
    }

TC_WINDOW_OF(tc_window_s8, int8_t)
TC_WINDOW_OF(tc_window_s16, int16_t)
TC_WINDOW_OF(tc_window_s32, int32_t)
TC_WINDOW_OF(tc_window_f32, float)

/* A piece of a streamed stage's order: steps [first, first + length), `times` times over. */
typedef struct {
    uint16_t first;
    uint16_t length;
    uint16_t times;
} tc_repeat;

#endif

#include "tinyc/mve/max.h"

TC_KERNEL void tc_min_rows_s8_mve(const tc_max_rows_params *p, const int8_t *row, int32_t y, int8_t *out, int8_t *most)
{
    tc_most_of_rows_mve(p, row, y, out, most, 1);
}

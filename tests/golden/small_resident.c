/* Generated for a test. */
#include "small.h"

#include <stddef.h>
#include <string.h>

#include "small_weights.h"
#include "tinyc/conv2d.h"
#include "tinyc/depthwise_conv2d.h"
#include "tinyc/pool.h"
#include "tinyc/hook.h"
#include "tinyc/rows.h"

#if defined(SMALL_SET_ARENA)
static uint8_t *small_arena;

void small_set_arena(void *memory) { small_arena = memory; }
#elif !defined(SMALL_EXTERNAL_ARENA)
__attribute__((aligned(SMALL_ARENA_ALIGN))) uint8_t small_arena[SMALL_ARENA_BYTES];
#endif

/* Where everything lies: bytes from the start of the arena. What is never needed together shares its place. */
enum {
    small_t0 = 100, /* [1, 11, 19, 1] int8 */
    small_t3 = 312, /* [1, 11, 19, 6] int8, a ring of 3 rows */
    small_t6 = 0, /* [1, 11, 19, 6] int8, a ring of 1 row */
    small_t9 = 116, /* [1, 11, 19, 1] int8 */
    small_t10 = 0, /* [1, 5, 9, 1] int8 */
};

/* What lies at `offset` bytes of the arena. */
#define AT(type, offset) ((type *)(void *)(small_arena + (offset)))

/* op 0 CONV_2D 't3': [1, 11, 19, 1] -> [1, 11, 19, 6] */
static const tc_conv2d_params op0_params = {
    .in_w = 19,
    .in_c = 1,
    .group_c = 1,
    .out_c = 6,
    .kernel_h = 1,
    .kernel_w = 1,
    .stride_w = 1,
    .dilation_w = 1,
    .pad_left = 0,
    .in_zp = 0,
    .out_zp = -90,
    .act_min = -128,
    .act_max = 127,
    .multipliers = small_op0_multipliers,
    .shifts = small_op0_shifts,
};

static void op0_conv2d(int32_t y)
{
    TC_LAYER_BEGIN(0);
    tc_conv2d_1x1_s8_ref(&op0_params, AT(int8_t, small_t0) + y * 19, small_op0_weights, small_op0_bias, AT(int8_t, small_t3) + (y % 3) * 114, 19);
    TC_LAYER_END(0, AT(int8_t, small_t3) + (y % 3) * 114, 114);
}

/* op 1 DEPTHWISE_CONV_2D 't6': [1, 11, 19, 6] -> [1, 11, 19, 6] */
static const tc_depthwise_conv2d_params op1_params = {
    .in_w = 19,
    .in_c = 6,
    .multiplier = 1,
    .kernel_h = 3,
    .kernel_w = 3,
    .stride_w = 1,
    .dilation_w = 1,
    .pad_left = 1,
    .in_zp = -90,
    .out_zp = -128,
    .act_min = -128,
    .act_max = 127,
    .multipliers = small_op1_multipliers,
    .shifts = small_op1_shifts,
};
static const tc_span op1_spans[1] = {
    {0, 19, 0},
};

static void op1_depthwise_conv2d(int32_t y)
{
    TC_LAYER_BEGIN(1);
    const int8_t *rows[3];
    tc_window_s8(rows, 3, AT(int8_t, small_t3), y - 1, 1, 11, 114, 3);
    tc_depthwise_conv2d_s8_ref(&op1_params, rows, &op1_spans[0], small_op1_weights, small_op1_bias, AT(int8_t, small_t6));
    TC_LAYER_END(1, AT(int8_t, small_t6), 114);
}

/* op 2 CONV_2D 't9': [1, 11, 19, 6] -> [1, 11, 19, 1] */
static const tc_conv2d_params op2_params = {
    .in_w = 19,
    .in_c = 6,
    .group_c = 6,
    .out_c = 1,
    .kernel_h = 1,
    .kernel_w = 1,
    .stride_w = 1,
    .dilation_w = 1,
    .pad_left = 0,
    .in_zp = -128,
    .out_zp = -15,
    .act_min = -128,
    .act_max = 127,
    .multipliers = small_op2_multipliers,
    .shifts = small_op0_shifts,
};

static void op2_conv2d(int32_t y)
{
    TC_LAYER_BEGIN(2);
    tc_conv2d_1x1_s8_ref(&op2_params, AT(int8_t, small_t6), small_op2_weights, small_op2_bias, AT(int8_t, small_t9) + y * 19, 19);
    TC_LAYER_END(2, AT(int8_t, small_t9) + y * 19, 19);
}

/* op 3 MAX_POOL_2D 't10': [1, 11, 19, 1] -> [1, 5, 9, 1] */
static const tc_pool_params op3_params = {
    .in_w = 19,
    .channels = 1,
    .kernel_h = 2,
    .kernel_w = 2,
    .stride_w = 2,
    .pad_left = 0,
    .act_min = -128,
    .act_max = 127,
};
static const tc_span op3_spans[1] = {
    {0, 9, 0},
};

static void op3_max_pool2d(int32_t y)
{
    TC_LAYER_BEGIN(3);
    const int8_t *rows[2];
    tc_window_s8(rows, 2, AT(int8_t, small_t9), y * 2, 1, 11, 19, 11);
    tc_max_pool2d_s8_ref(&op3_params, rows, &op3_spans[0], AT(int8_t, small_t10) + y * 9);
    TC_LAYER_END(3, AT(int8_t, small_t10) + y * 9, 9);
}

/* stage 0: 646 bytes live at most. Which step computes its next row, in order: runs of `steps`, each repeated. */
static void stage0(void)
{
    static const uint8_t steps[6] = {
    0, 0, 1, 2, 1, 2,
    };
    static const tc_repeat repeats[3] = {
        {0, 1, 1},
        {1, 3, 10},
        {4, 2, 1},
    };
    {
        int16_t next[3] = {0};
        for (int32_t r = 0; r < 3; r++) {
            for (int32_t i = 0; i < repeats[r].length * repeats[r].times; i++) {
                const uint8_t step = steps[repeats[r].first + i % repeats[r].length];
                const int32_t y = next[step]++;
                (void)y;
                switch (step) {
                case 0:
                    op0_conv2d(y);
                    break;
                case 1:
                    op1_depthwise_conv2d(y);
                    break;
                case 2:
                    op2_conv2d(y);
                    break;
                }
            }
        }
    }
}

int8_t *small_input(void) { return AT(int8_t, small_t0); }

const int8_t *small_output(void) { return AT(int8_t, small_t10); }

tc_status small_run(void)
{
    stage0();
    for (int32_t y = 0; y < 5; y++) {
        op3_max_pool2d(y);
    }
    return TC_OK;
}

tc_status small_run_copy(const int8_t *in0, int8_t *out0)
{
    memcpy(AT(int8_t, small_t0), in0, 209);
    const tc_status status = small_run();
    if (status != TC_OK) {
        return status;
    }
    memcpy(out0, AT(int8_t, small_t10), 45);
    return TC_OK;
}

/* What kernels of float32 share that multiply by weights: sums of four output channels by one to four pixels.
 *
 * Every sum begins at 0 and takes its products in the order of the weights; products and sums round by themselves
 * (-ffp-contract=off). How many pixels are computed together therefore changes no bit. */
#ifndef TINYC_MATMUL_F32_H
#define TINYC_MATMUL_F32_H

#include "tinyc/kernel.h"

/* One sum for each of four output channels. */
typedef struct {
    float a;
    float b;
    float c;
    float d;
} tc_four_f32;

TC_INLINE tc_four_f32 tc_four_mac_f32(tc_four_f32 sum, tc_four_f32 w, float x)
{
    sum.a += w.a * x;
    sum.b += w.b * x;
    sum.c += w.c * x;
    sum.d += w.d * x;
    return sum;
}

TC_INLINE float tc_clamp_f32(float x, float low, float high)
{
    x = x < low ? low : x;
    return x > high ? high : x;
}

/* Where the elements of up to four pixels begin. */
typedef struct {
    const float *a;
    const float *b;
    const float *c;
    const float *d;
} tc_pixels_f32;

/* Pixels that lie `step` elements apart. */
TC_INLINE tc_pixels_f32 tc_pixels_apart_f32(const float *x, int32_t step, const int32_t pixels)
{
    const float *const second = pixels > 1 ? x + step : x;
    const float *const third = pixels > 2 ? second + step : x;
    return (tc_pixels_f32){x, second, third, pixels > 2 ? third + step : x};
}

/* sums[pixel] += the products of n elements of each pixel with weights [n, 4]. pixels: 1, 2 or 4. */
TC_INLINE void tc_add_products_f32(tc_four_f32 *sums, tc_pixels_f32 x, const float *weights, int32_t n,
                                   const int32_t pixels)
{
    for (const float *const end = x.a + n; x.a != end; weights += 4) {
        const tc_four_f32 w = {weights[0], weights[1], weights[2], weights[3]};
        sums[0] = tc_four_mac_f32(sums[0], w, *x.a++);
        if (pixels > 1) {
            sums[1] = tc_four_mac_f32(sums[1], w, *x.b++);
        }
        if (pixels > 2) {
            sums[2] = tc_four_mac_f32(sums[2], w, *x.c++);
            sums[3] = tc_four_mac_f32(sums[3], w, *x.d++);
        }
    }
}

/* The sum of the products of n elements with as many weights. */
TC_INLINE float tc_add_product_f32(float sum, const float *x, const float *weights, int32_t n)
{
    for (const float *const end = x + n; x != end;) {
        sum += *weights++ * *x++;
    }
    return sum;
}

/* What an op makes of a sum: bias, then clamp. */
typedef struct {
    float low;
    float high;
} tc_clamp_to_f32;

TC_INLINE float tc_finished_f32(tc_clamp_to_f32 to, float sum, const float *bias)
{
    return tc_clamp_f32(bias ? sum + *bias : sum, to.low, to.high);
}

/* out: four channels of a pixel; bias: theirs, or NULL. */
TC_INLINE void tc_finish_four_f32(tc_clamp_to_f32 to, tc_four_f32 sum, const float *bias, float *out)
{
    out[0] = tc_finished_f32(to, sum.a, bias);
    out[1] = tc_finished_f32(to, sum.b, bias ? bias + 1 : NULL);
    out[2] = tc_finished_f32(to, sum.c, bias ? bias + 2 : NULL);
    out[3] = tc_finished_f32(to, sum.d, bias ? bias + 3 : NULL);
}

#endif

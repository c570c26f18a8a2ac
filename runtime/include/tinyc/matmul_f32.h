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

TC_INLINE tc_four_f32 tc_four_at_f32(const float *from)
{
    const tc_four_f32 four = {from[0], from[1], from[2], from[3]};
    return four;
}

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
    const tc_pixels_f32 found = {x, second, third, pixels > 2 ? third + step : x};
    return found;
}

/* sum + the products of n elements of one pixel with weights [n, 4]. */
TC_INLINE tc_four_f32 tc_add_products_of_one_f32(tc_four_f32 sum, const float *x, const float *weights, int32_t n)
{
    const float *const end = x + n;
    if (n & 1) {
        sum = tc_four_mac_f32(sum, tc_four_at_f32(weights), *x++);
        weights += 4;
    }
    for (; x != end; x += 2, weights += 8) {
        sum = tc_four_mac_f32(sum, tc_four_at_f32(weights), x[0]);
        sum = tc_four_mac_f32(sum, tc_four_at_f32(weights + 4), x[1]);
    }
    return sum;
}

/* sums[pixel] += the products of n elements of each pixel with weights [n, 4]. pixels: 1, 2 or 4. */
TC_INLINE void tc_add_products_f32(tc_four_f32 *sums, tc_pixels_f32 x, const float *weights, int32_t n,
                                   const int32_t pixels)
{
    if (pixels == 1) {
        sums[0] = tc_add_products_of_one_f32(sums[0], x.a, weights, n);
        return;
    }
    for (const float *const end = x.a + n; x.a != end; weights += 4) {
        const tc_four_f32 w = tc_four_at_f32(weights);
        sums[0] = tc_four_mac_f32(sums[0], w, *x.a++);
        sums[1] = tc_four_mac_f32(sums[1], w, *x.b++);
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

/* The same for pixels whose outputs lie `step` elements apart. pixels: 1, 2 or 4. */
TC_INLINE void tc_finish_pixels_f32(tc_clamp_to_f32 to, const tc_four_f32 *sums, const float *bias, float *out,
                                    int32_t step, const int32_t pixels)
{
    tc_finish_four_f32(to, sums[0], bias, out);
    if (pixels > 1) {
        tc_finish_four_f32(to, sums[1], bias, out + step);
    }
    if (pixels > 2) {
        tc_finish_four_f32(to, sums[2], bias, out + 2 * step);
        tc_finish_four_f32(to, sums[3], bias, out + 3 * step);
    }
}

/* How many pixels are computed together where `left` are. */
static inline int32_t tc_together_f32(int32_t left) { return left >= 4 ? 4 : left >= 2 ? 2 : 1; }

#endif

/* Points where the generated <name>.c tells the demo program that a layer begins and ends.
 *
 * They cost nothing in a normal build. -DTINYC_TRACE writes every layer's output to a file, -DTINYC_PROFILE counts the
 * instructions of every layer; both functions live in the demo's main.c. A layer may begin and end many times during
 * one inference (rows of several layers interleave): counts add up, traced bytes are appended. Pairs do not nest.
 * Arguments are evaluated only where they are used, at most once.
 */
#ifndef TINYC_HOOK_H
#define TINYC_HOOK_H

#include <stdint.h>

#if defined(TINYC_TRACE) && defined(TINYC_PROFILE)
#error "TINYC_TRACE and TINYC_PROFILE exclude each other: writing the trace would be counted"
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* layer: index in the generated order, from 0. data: `bytes` bytes just written by that layer. */
void tc_trace_layer(int32_t layer, const void *data, uint32_t bytes);

void tc_profile_begin(int32_t layer);
void tc_profile_end(int32_t layer);

#ifdef __cplusplus
}
#endif

#if defined(TINYC_TRACE)
#define TC_LAYER_BEGIN(layer) ((void)0)
#define TC_LAYER_END(layer, data, bytes) tc_trace_layer((layer), (data), (uint32_t)(bytes))
#elif defined(TINYC_PROFILE)
/* The label tells a reader of the ELF which layer the call is for; layer: a constant. */
#define TC_LAYER_BEGIN(layer)                                                                                          \
    do {                                                                                                               \
        __asm volatile("tc_layer_begin_%c0_%=:" : : "i"(layer));                                                       \
        tc_profile_begin(layer);                                                                                       \
    } while (0)
#define TC_LAYER_END(layer, data, bytes) tc_profile_end(layer)
#else
#define TC_LAYER_BEGIN(layer) ((void)0)
#define TC_LAYER_END(layer, data, bytes) ((void)0)
#endif

#endif

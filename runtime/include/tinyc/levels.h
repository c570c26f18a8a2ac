/* Packed weights as words of int8 weights: see packed.h. */
#ifndef TINYC_LEVELS_H
#define TINYC_LEVELS_H

#include "tinyc/kernel.h"
#include "tinyc/packed.h"

static inline int32_t tc_level_word(const tc_levels *p, uint32_t digits)
{
    return (int32_t)((digits * p->step + p->add) ^ p->flip);
}

/* `blocks` blocks of `head` words, `body` words of weights and `tail` words. Returns the packed weights of the next.
 * Up to three words behind the body are written before the tail is. */
static __attribute__((noinline, unused)) const int32_t *tc_unpack_levels(const tc_levels *levels, const int32_t *from,
                                                                         int32_t *to, int32_t head, int32_t body,
                                                                         int32_t tail, int32_t blocks)
{
    const tc_levels p = *levels;
    uint32_t mask = p.bits == 4 ? 0x0F0F0F0Fu : 0x03030303u;
    __asm__("" : "+r"(mask)); /* a register and a shift make one instruction, a constant and a shift two */
    for (; blocks > 0; blocks--) {
        for (int32_t i = head; i > 0; i--) {
            *to++ = *from++;
        }
        int32_t *const end = to + body;
        int32_t *word = to;
        if (p.bits == 4) {
            for (; word < end; word += 2) {
                const uint32_t digits = (uint32_t)*from++;
                const int32_t a = tc_level_word(&p, digits & mask);
                const int32_t b = tc_level_word(&p, digits >> 4 & mask);
                word[0] = a;
                word[1] = b;
            }
        } else {
            for (; word < end; word += 4) {
                const uint32_t digits = (uint32_t)*from++;
                const int32_t a = tc_level_word(&p, digits & mask);
                const int32_t b = tc_level_word(&p, digits >> 2 & mask);
                const int32_t c = tc_level_word(&p, digits >> 4 & mask);
                const int32_t d = tc_level_word(&p, digits >> 6 & mask);
                word[0] = a;
                word[1] = b;
                word[2] = c;
                word[3] = d;
            }
        }
        to = end;
        for (int32_t i = tail; i > 0; i--) {
            *to++ = *from++;
        }
    }
    return from;
}

#endif

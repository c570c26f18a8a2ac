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
static __attribute__((noinline)) const int32_t *tc_unpack_levels(const tc_levels *levels, const int32_t *from,
                                                                 int32_t *to, int32_t head, int32_t body, int32_t tail,
                                                                 int32_t blocks)
{
    const tc_levels p = *levels;
    for (; blocks > 0; blocks--) {
        for (int32_t i = head; i > 0; i--) {
            *to++ = *from++;
        }
        int32_t *const end = to + body;
        int32_t *word = to;
        if (p.bits == 4) {
            for (; word < end; word += 2) {
                const uint32_t digits = (uint32_t)*from++;
                word[0] = tc_level_word(&p, digits & 0x0F0F0F0Fu);
                word[1] = tc_level_word(&p, digits >> 4 & 0x0F0F0F0Fu);
            }
        } else {
            for (; word < end; word += 4) {
                const uint32_t digits = (uint32_t)*from++;
                word[0] = tc_level_word(&p, digits & 0x03030303u);
                word[1] = tc_level_word(&p, digits >> 2 & 0x03030303u);
                word[2] = tc_level_word(&p, digits >> 4 & 0x03030303u);
                word[3] = tc_level_word(&p, digits >> 6 & 0x03030303u);
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

/* Scores as integers of the same order, so that they can be counted and sorted exactly. */
#ifndef SCORES_SCORE_KEY_INTERNAL_H
#define SCORES_SCORE_KEY_INTERNAL_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* a < b as floats if and only if key(a) < key(b); -0 and 0 have one key. Not for NaN. */
static inline uint32_t score_key(float score)
{
    uint32_t bits;
    score += 0.0f;
    memcpy(&bits, &score, sizeof bits);
    return bits ^ ((uint32_t)((int32_t)bits >> 31) | 0x80000000u);
}

static inline float score_of_key(uint32_t key)
{
    uint32_t bits = key ^ (key >> 31 ? 0x80000000u : 0xffffffffu);
    float score;
    memcpy(&score, &bits, sizeof score);
    return score;
}

/* Sorts key[n]; scratch[n] is overwritten. Radix sort, a byte at a time. */
void score_keys_sort(uint32_t *key, uint32_t *scratch, int64_t n);

/* How many of the sorted key[n] are below `than`. */
static inline int64_t score_keys_less(const uint32_t *key, int64_t n, uint32_t than)
{
    const uint32_t *base = key;
    for (; n > 1; n -= n / 2)
        base += (n / 2) & -(int64_t)(base[n / 2 - 1] < than); /* no branch to mispredict */
    return base - key + (n == 1 && *base < than);
}

#endif

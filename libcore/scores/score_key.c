#include "scores/score_key_internal.h"

void score_keys_sort(uint32_t *key, uint32_t *scratch, int64_t n)
{
    /* Four passes, so that the last one ends in key. */
    for (int shift = 0; shift < 32; shift += 8) {
        int64_t place[257] = {0};
        for (int64_t i = 0; i < n; i++)
            place[(key[i] >> shift & 255) + 1]++;
        for (int b = 0; b < 256; b++)
            place[b + 1] += place[b];
        for (int64_t i = 0; i < n; i++)
            scratch[place[key[i] >> shift & 255]++] = key[i];
        uint32_t *swap = key;
        key = scratch;
        scratch = swap;
    }
}

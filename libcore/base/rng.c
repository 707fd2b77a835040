#include "base/rng_internal.h"

#include <math.h>

static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

static uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

Rng rng_at(uint64_t seed, uint64_t a, uint64_t b, uint64_t c)
{
    uint64_t state = mix(mix(mix(mix(seed) ^ a) ^ b) ^ c);
    Rng rng;
    for (int i = 0; i < 4; i++)
        rng.s[i] = state = mix(state);
    return rng;
}

uint64_t rng_u64(Rng *rng)
{
    uint64_t *s = rng->s;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double rng_unit(Rng *rng)
{
    return (double)(rng_u64(rng) >> 11) * 0x1p-53;
}

double rng_range(Rng *rng, double low, double high)
{
    return low + (high - low) * rng_unit(rng);
}

uint64_t rng_below(Rng *rng, uint64_t n)
{
    uint64_t reject = -n % n; /* 2^64 mod n: below it the remainder would be biased */
    for (;;) {
        uint64_t x = rng_u64(rng);
        if (x >= reject)
            return x % n;
    }
}

double rng_normal(Rng *rng)
{
    for (;;) {
        double u = 2 * rng_unit(rng) - 1, v = 2 * rng_unit(rng) - 1;
        double r = u * u + v * v;
        if (r > 0 && r < 1)
            return u * sqrt(-2 * log(r) / r);
    }
}

/* A Feistel network on 0 .. 2^(2 half) - 1, walked until inside 0 .. n-1. */
static uint64_t walk(uint64_t seed, uint64_t epoch, uint64_t n, uint64_t i, int half,
                     uint64_t rounds)
{
    uint64_t mask = (UINT64_C(1) << half) - 1;
    uint64_t key = mix(mix(seed) ^ epoch);
    do {
        uint64_t left = i >> half, right = i & mask;
        for (uint64_t round = 0; round < rounds; round++) {
            uint64_t next = left ^ (mix(key ^ mix(right ^ (round << 56))) & mask);
            left = right;
            right = next;
        }
        i = left << half | right;
    } while (i >= n);
    return i;
}

/* A network of whole halves is an even permutation of its domain, and few rounds of few values are
 * far from all of those. With 24 rounds, on a domain larger than n, neither shows for any n. */
uint64_t rng_permute(uint64_t seed, uint64_t epoch, uint64_t n, uint64_t i)
{
    int half = 1;
    while (half < 32 && n >> (2 * half) != 0)
        half++;
    return walk(seed, epoch, n, i, half, 24);
}

uint64_t rng_permute_rough(uint64_t seed, uint64_t epoch, uint64_t n, uint64_t i)
{
    int half = 1;
    while (half < 32 && (n - 1) >> (2 * half) != 0)
        half++;
    return walk(seed, epoch, n, i, half, 4);
}

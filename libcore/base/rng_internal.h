/* Random numbers, the same on every machine and for any number of threads.
 *
 * A generator is started from a seed and up to three coordinates (say epoch and row), so that what
 * is drawn for a thing depends on the thing and not on the order in which threads reach it.
 * xoshiro256** by Blackman and Vigna (doi 10.1145/3460772), seeded by splitmix64. */
#ifndef BASE_RNG_INTERNAL_H
#define BASE_RNG_INTERNAL_H

#include <stdint.h>

typedef struct Rng {
    uint64_t s[4];
} Rng;

/* A generator for the thing (a, b, c) under this seed. */
Rng rng_at(uint64_t seed, uint64_t a, uint64_t b, uint64_t c);

uint64_t rng_u64(Rng *rng);

/* Uniform in [0, 1), 53 bits. */
double rng_unit(Rng *rng);

/* Uniform in [low, high). */
double rng_range(Rng *rng, double low, double high);

/* Uniform in 0 .. n-1, without bias; n > 0. */
uint64_t rng_below(Rng *rng, uint64_t n);

/* Standard normal (polar method; two uniform numbers or more a call). */
double rng_normal(Rng *rng);

/* A pseudo-random permutation of 0 .. n-1 that needs no memory: where it sends i < n. 24 rounds of
 * a Feistel network on the smallest domain of 2^(2k) > n numbers, repeated until below n. */
uint64_t rng_permute(uint64_t seed, uint64_t epoch, uint64_t n, uint64_t i);

/* An earlier one, of four rounds, which is far from uniform for small n: kept to resume what was
 * shuffled with it. */
uint64_t rng_permute_rough(uint64_t seed, uint64_t epoch, uint64_t n, uint64_t i);

#endif

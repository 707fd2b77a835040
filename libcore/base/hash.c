#include "base/hash.h"

#include <endian.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

HashKey hash_key(void)
{
    HashKey key;
    if (getrandom(&key, sizeof key, GRND_NONBLOCK) == (ssize_t)sizeof key)
        return key;
    /* An old kernel, or one that has only just booted: a key that is hard to guess will do. */
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (HashKey){{(uint64_t)now.tv_nsec << 20 ^ (uint64_t)now.tv_sec, (uintptr_t)&now}};
}

static inline uint64_t rotate(uint64_t x, int k)
{
    return x << k | x >> (64 - k);
}

static inline void mix(uint64_t v[4])
{
    v[0] += v[1];
    v[2] += v[3];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] = rotate(v[0], 32);
    v[2] += v[1];
    v[0] += v[3];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] = rotate(v[2], 32);
}

/* n bytes from `at` on, eight at most, the first the lowest, whatever the machine's order. */
static inline uint64_t word_of(const uint8_t *bytes, size_t at, size_t n)
{
    uint64_t word = 0;
    if (n > 0)
        memcpy(&word, bytes + at, n);
    return le64toh(word);
}

uint64_t hash_bytes(const HashKey *key, const void *bytes, size_t size)
{
    uint64_t a = key->k[0], b = key->k[1];
    uint64_t v[4] = {a ^ 0x736f6d6570736575u, b ^ 0x646f72616e646f6du, a ^ 0x6c7967656e657261u,
                     b ^ 0x7465646279746573u};
    size_t rest = size % 8;
    for (size_t at = 0; at <= size - rest; at += 8) {
        uint64_t word = at < size - rest ? word_of(bytes, at, 8)
                                         : (uint64_t)size << 56 | word_of(bytes, at, rest);
        v[3] ^= word;
        mix(v);
        v[0] ^= word;
    }
    v[2] ^= 0xff;
    mix(v);
    mix(v);
    mix(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Hashes for tables of names that others wrote.
 *
 * If the hash were known, the author of a file could choose names that all fall into one place of a
 * table, which then takes time quadratic in their number. So each table draws a key of its own when
 * it is made, and nothing visible may depend on the key: neither results nor their order.
 * SipHash-1-3 (Aumasson and Bernstein, doi 10.1007/978-3-642-34931-7_28; one round a word, three at
 * the end). */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/api.h"

API_BEGIN

typedef struct HashKey {
    uint64_t k[2];
} HashKey;

/* A key that nobody knows, from the kernel. */
HashKey hash_key(void);

/* All 64 bits are good; a table of a power of two takes the lowest. */
uint64_t hash_bytes(const HashKey *key, const void *bytes, size_t size);

API_END

#endif

/* Numbers checked: sizes that may overflow, and numbers read from text. */
#ifndef BASE_NUM_INTERNAL_H
#define BASE_NUM_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* *out = a * b or a + b; false when the result does not fit (then *out is unspecified). */
static inline bool size_mul(size_t a, size_t b, size_t *out)
{
    return !__builtin_mul_overflow(a, b, out);
}

static inline bool size_add(size_t a, size_t b, size_t *out)
{
    return !__builtin_add_overflow(a, b, out);
}

/* The whole of text as a number in [min, max]: no leading space, no trailing junk, no overflow.
 * Doubles must be finite. false when it is not. */
bool num_int(const char *text, int64_t min, int64_t max, int64_t *out);
bool num_double(const char *text, double min, double max, double *out);

/* A size with an optional suffix K, M, G, T (powers of 1024): "512M". */
bool num_size(const char *text, uint64_t min, uint64_t max, uint64_t *out);

/* The shortest decimal that reads back as the same number: 0.1, not 0.10000000000000001. */
enum { NUM_TEXT = 32 };
const char *num_text(char text[NUM_TEXT], double value);

#endif

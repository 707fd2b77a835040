/* A number and the noun it counts, for messages: "1 row", "2 rows". */
#ifndef BASE_COUNTED_INTERNAL_H
#define BASE_COUNTED_INTERNAL_H

#include <stdint.h>
#include <stdio.h>

typedef struct Counted {
    char text[64];
} Counted;

static inline Counted counted(int64_t n, const char *one, const char *many)
{
    Counted c;
    snprintf(c.text, sizeof c.text, "%lld %.40s", (long long)n, n == 1 ? one : many);
    return c;
}

#endif

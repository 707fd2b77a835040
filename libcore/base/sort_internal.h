/* qsort() for arrays that may be empty, and then NULL, which qsort() itself must not be given. */
#ifndef BASE_SORT_INTERNAL_H
#define BASE_SORT_INTERNAL_H

#include <stdlib.h>

static inline void sort_array(void *first, size_t n, size_t size,
                              int (*compare)(const void *, const void *))
{
    if (n > 1)
        qsort(first, n, size, compare);
}

#endif

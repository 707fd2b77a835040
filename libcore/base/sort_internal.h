/* qsort() for arrays that may be empty, and then NULL, which qsort() itself must not be given; and
 * for plain numbers. */
#ifndef BASE_SORT_INTERNAL_H
#define BASE_SORT_INTERNAL_H

#include <stdlib.h>

static inline void sort_array(void *first, size_t n, size_t size,
                              int (*compare)(const void *, const void *))
{
    if (n > 1)
        qsort(first, n, size, compare);
}

static inline int sort_compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Ascending; none of them may be NaN. */
static inline void sort_doubles(double *value, size_t n)
{
    sort_array(value, n, sizeof *value, sort_compare_doubles);
}

#endif

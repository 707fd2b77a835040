#include "base/array_internal.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/num_internal.h"

enum { LEAST = 16 };

bool array_resize_bytes(void *array, size_t n, size_t size)
{
    void *old;
    size_t bytes;
    if (!size_mul(n, size, &bytes) || bytes > PTRDIFF_MAX)
        return false;
    memcpy(&old, array, sizeof old); /* a pointer of any type */
    void *moved = realloc(old, bytes > 0 ? bytes : 1);
    if (moved == NULL)
        return false;
    memcpy(array, &moved, sizeof moved);
    return true;
}

/* Room for how many to make, `room` being too little for `need`; never more than `most`. */
static size_t more(size_t room, size_t need, size_t most)
{
    size_t half = room / 2 + LEAST, larger = room < most && half < most - room ? room + half : most;
    return need > larger ? need : larger;
}

bool array_fit_size(void *array, size_t *room, size_t need, size_t size)
{
    if (need <= *room)
        return true;
    size_t grown = more(*room, need, PTRDIFF_MAX / (size > 0 ? size : 1));
    if (!array_resize_bytes(array, grown, size))
        return false;
    *room = grown;
    return true;
}

bool array_fit_int64(void *array, int64_t *room, int64_t need, size_t size)
{
    size_t wide = (size_t)*room; /* PTRDIFF_MAX / size is no more than an int64_t holds */
    if (need <= *room)
        return true;
    bool fits = array_fit_size(array, &wide, (size_t)need, size);
    *room = (int64_t)wide;
    return fits;
}

bool array_fit_int(void *array, int *room, int need, size_t size)
{
    if (need <= *room)
        return true;
    size_t grown = more((size_t)*room, (size_t)need, INT_MAX);
    if (!array_resize_bytes(array, grown, size))
        return false;
    *room = (int)grown;
    return true;
}

int array_refuse(size_t need, size_t size, const char *what, Err *err)
{
    size_t bytes;
    return err_memory(err, what, size_mul(need, size, &bytes) ? bytes : SIZE_MAX);
}

void *array_append(void *array, int *count, int *room, size_t size)
{
    void *begin;
    if (*count == INT_MAX || !array_fit_int(array, room, *count + 1, size))
        return NULL;
    memcpy(&begin, array, sizeof begin);
    return memset((char *)begin + (size_t)(*count)++ * size, 0, size);
}

real *block_new(size_t length, const char *what, Err *err)
{
    const size_t huge = 2 << 20, line = 64;
    size_t bytes, align;
    if (!size_mul(length, sizeof(real), &bytes) || !size_add(bytes, huge, &bytes)) {
        err_set(err, "%s: larger than the address space", what);
        return NULL;
    }
    bytes -= huge;
    align = bytes < huge ? line : huge;
    bytes = (bytes / align + 1) * align;
    real *block = aligned_alloc(align, bytes);
    if (block == NULL) {
        err_memory(err, what, bytes);
        return NULL;
    }
#ifdef MADV_HUGEPAGE
    if (align == huge)
        madvise(block, bytes, MADV_HUGEPAGE); /* advice: refusal costs speed only */
#endif
    memset(block, 0, bytes);
    return block;
}

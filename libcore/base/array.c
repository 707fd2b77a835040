#include "base/array_internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/num_internal.h"

void *array_append(void *array, int *count, int *room, size_t size)
{
    void **at = array;
    if (*count == *room) {
        int grown = *room == 0 ? 64 : 2 * *room;
        void *moved = realloc(*at, (size_t)grown * size);
        if (moved == NULL)
            return NULL;
        *at = moved;
        *room = grown;
    }
    void *element = (char *)*at + (size_t)(*count)++ * size;
    memset(element, 0, size);
    return element;
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

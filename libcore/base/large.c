#include "base/large_internal.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { LINE = 64, HUGE_PAGE = 2 << 20 };

void *large_alloc(size_t bytes)
{
    size_t align = bytes >= 2 * (size_t)HUGE_PAGE ? HUGE_PAGE : LINE;
    if (bytes > SIZE_MAX - align)
        return NULL;
    bytes = bytes > 0 ? (bytes + align - 1) / align * align : align;
    void *memory = aligned_alloc(align, bytes);
#ifdef MADV_HUGEPAGE
    /* Only advice: where it is refused, ordinary pages do. */
    if (memory != NULL && align == HUGE_PAGE)
        madvise(memory, bytes, MADV_HUGEPAGE);
#endif
    return memory;
}

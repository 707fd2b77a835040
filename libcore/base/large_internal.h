/* Memory for large arrays. The system is asked for huge pages where it has them: a page fault for
 * each 2 MiB instead of each 4 KiB when an array is first touched, and fewer misses in the TLB when
 * its rows are visited in no order. */
#ifndef BASE_LARGE_INTERNAL_H
#define BASE_LARGE_INTERNAL_H

#include <stddef.h>

/* Not zeroed, aligned to 64 bytes at least, freed with free(). NULL when there is no memory. */
void *large_alloc(size_t bytes);

#endif

/* How much memory a process may still take. */
#ifndef BASE_MEMORY_INTERNAL_H
#define BASE_MEMORY_INTERNAL_H

#include <stdint.h>

/* Bytes that can be allocated without swapping: the kernel's estimate (MemAvailable), or what the
 * control group of a container leaves when that is less. root is put before /proc and /sys: ""
 * except in tests. Returns 0, or -1 when the system does not say. */
int memory_available(const char *root, uint64_t *bytes);

#endif

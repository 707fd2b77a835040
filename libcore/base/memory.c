#include "base/memory_internal.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file_internal.h"
#include "base/lines_internal.h"

enum { PATH = 1024, LIMIT = 1 << 20 };

/* The number behind a key at the start of a line; with the key "", that of a file of one number
 * ("max", no limit, is not one). */
static bool read_number(const char *root, const char *path, const char *key, uint64_t *value)
{
    char name[PATH];
    size_t size = 0;
    bool found = false;
    Err none = {0};
    int length = snprintf(name, sizeof name, "%s%s", root, path);
    if (length < 0 || length >= PATH)
        return false;
    char *text = file_read(name, LIMIT, &size, &none);
    Lines lines = lines_of(text, size);
    while (!found && lines_next(&lines))
        found = strncmp(lines.at, key, strlen(key)) == 0 &&
                sscanf(lines.at + strlen(key), " %" SCNu64, value) == 1;
    free(text);
    return found;
}

/* What a control group leaves: its limit less what is in use, without cached files, which the
 * kernel drops when needed. */
static void bound_by_group(const char *root, const char *limit, const char *usage, const char *stat,
                           uint64_t *bytes)
{
    uint64_t most, used, cached = 0;
    if (!read_number(root, limit, "", &most) || !read_number(root, usage, "", &used))
        return;
    read_number(root, stat, "inactive_file ", &cached);
    used -= cached < used ? cached : used;
    uint64_t left = used < most ? most - used : 0;
    if (left < *bytes)
        *bytes = left;
}

int memory_available(const char *root, uint64_t *bytes)
{
    if (!read_number(root, "/proc/meminfo", "MemAvailable:", bytes) || *bytes > UINT64_MAX / 1024)
        return -1;
    *bytes *= 1024;
    bound_by_group(root, "/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current",
                   "/sys/fs/cgroup/memory.stat", bytes);
    bound_by_group(root, "/sys/fs/cgroup/memory/memory.limit_in_bytes",
                   "/sys/fs/cgroup/memory/memory.usage_in_bytes",
                   "/sys/fs/cgroup/memory/memory.stat", bytes);
    return 0;
}

#include "base/memory_internal.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LINE = 512 };

static FILE *open_below(const char *root, const char *path)
{
    char name[2 * LINE];
    int length = snprintf(name, sizeof name, "%s%s", root, path);
    return length > 0 && (size_t)length < sizeof name ? fopen(name, "r") : NULL;
}

/* The number behind a key at the start of a line; with the key "", that of a file of one number
 * ("max", no limit, is not one). */
static bool read_number(const char *root, const char *path, const char *key, uint64_t *value)
{
    char line[LINE];
    bool found = false;
    FILE *f = open_below(root, path);
    while (f != NULL && !found && fgets(line, sizeof line, f) != NULL)
        found = strncmp(line, key, strlen(key)) == 0 &&
                sscanf(line + strlen(key), " %" SCNu64, value) == 1;
    if (f != NULL)
        fclose(f);
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

#include "base/path_internal.h"

#include <string.h>

const char *path_clean(const char *path)
{
    for (;;) {
        if (path[0] == '/')
            path += 1;
        else if (strncmp(path, "./", 2) == 0)
            path += 2;
        else if (strncmp(path, "../", 3) == 0)
            path += 3;
        else
            return path;
    }
}

const char *path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

bool path_hidden(const char *path)
{
    for (const char *part = path; part != NULL; part = strchr(part, '/')) {
        part += *part == '/';
        if (part[0] == '.' || strncmp(part, "__MACOSX/", 9) == 0)
            return true;
    }
    return false;
}

const char *path_folder(const char *path, int level, size_t *size)
{
    const char *end = path_base(path);
    for (; level > 0; level--) {
        if (end == path)
            return NULL;
        const char *slash = --end;
        while (end > path && end[-1] != '/')
            end--;
        *size = (size_t)(slash - end);
    }
    return *size > 0 ? end : NULL;
}

#include "base/file_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/target_internal.h"

int file_open(const char *path)
{
    int fd = target_descriptor(path);
    return fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
}

static char *read_all(FILE *f, const char *path, size_t limit, size_t *size, Err *err)
{
    char *bytes = NULL;
    size_t used = 0, room = 0;
    for (;;) {
        if (used + 1 >= room) {
            room = room == 0 ? 1 << 16 : 2 * room;
            char *grown = realloc(bytes, room);
            if (grown == NULL) {
                err_memory(err, path, room);
                break;
            }
            bytes = grown;
        }
        size_t got = fread(bytes + used, 1, room - used - 1, f);
        used += got;
        if (used > limit) {
            err_set(err, "%s: larger than the limit of %zu bytes", path, limit);
            break;
        }
        if (got == 0) {
            if (ferror(f)) {
                err_errno(err, "cannot read %s", path);
                break;
            }
            bytes[used] = '\0';
            *size = used;
            return bytes;
        }
    }
    free(bytes);
    return NULL;
}

char *file_read(const char *path, size_t limit, size_t *size, Err *err)
{
    if (strcmp(path, "-") == 0)
        return read_all(stdin, "standard input", limit, size, err);
    int fd = file_open(path);
    FILE *f = fd >= 0 ? fdopen(fd, "rb") : NULL;
    if (f == NULL) {
        err_errno(err, "cannot open %s", path);
        return NULL;
    }
    char *bytes = read_all(f, path, limit, size, err);
    fclose(f);
    return bytes;
}

#include "base/file_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes_internal.h"
#include "base/target_internal.h"

int file_open(const char *path)
{
    int fd = target_descriptor(path);
    return fd >= 0 ? fcntl(fd, F_DUPFD_CLOEXEC, 3) : open(path, O_RDONLY | O_CLOEXEC);
}

char *file_read_stream(FILE *f, const char *name, size_t limit, size_t *size, Err *err)
{
    Bytes all = {0};
    while (bytes_reserve(&all, all.size == 0 ? 1 << 16 : 2, name, err) == 0) {
        size_t got = fread(all.data + all.size, 1, all.room - all.size - 1, f);
        all.size += got;
        if (all.size > limit) {
            err_set(err, "%s: larger than the limit of %zu bytes", name, limit);
            break;
        }
        if (got == 0) {
            if (ferror(f)) {
                err_errno(err, "cannot read %s", name);
                break;
            }
            all.data[all.size] = '\0';
            *size = all.size;
            return (char *)all.data;
        }
    }
    bytes_release(&all);
    return NULL;
}

char *file_read(const char *path, size_t limit, size_t *size, Err *err)
{
    if (strcmp(path, "-") == 0)
        return file_read_stream(stdin, "standard input", limit, size, err);
    int fd = file_open(path);
    FILE *f = fd >= 0 ? fdopen(fd, "rb") : NULL;
    if (f == NULL) {
        err_errno(err, "cannot open %s", path);
        return NULL;
    }
    char *bytes = file_read_stream(f, path, limit, size, err);
    fclose(f);
    return bytes;
}

char *file_read_text(const char *path, size_t limit, size_t *size, Err *err)
{
    char *text = file_read(path, limit, size, err);
    if (text == NULL || memchr(text, '\0', *size) == NULL)
        return text;
    free(text);
    err_set(err, "%s: not a text file", strcmp(path, "-") == 0 ? "standard input" : path);
    return NULL;
}

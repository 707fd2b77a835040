/* Keys as names of files: no key may lead out of the output's folder. */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sink/kind_internal.h"

enum { LONGEST_PATH = 4096, LONGEST_PART = 200 };

static bool is_below(const char *path)
{
    for (const char *part = path;; part++) {
        size_t length = strcspn(part, "/");
        bool dots = strncmp(part, "..", length) == 0 && length <= 2; /* "", "." or ".." */
        if (dots || length > LONGEST_PART)
            return false;
        part += length;
        if (*part == '\0')
            return true;
    }
}

/* Line breaks and escapes in names would break lists and deceive terminals. */
static bool is_printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (iscntrl((unsigned char)*text))
            return false;
    return true;
}

char *row_path(const SinkRow *row, Err *err)
{
    char number[24];
    snprintf(number, sizeof number, "%09" PRId64, row->row);
    char *path = row->key_size == 0 ? strdup(number) : strndup(row->key, row->key_size);
    if (path == NULL) {
        err_memory(err, "a path", row->key_size);
        return NULL;
    }
    bool whole = row->key_size == 0 || strlen(path) == row->key_size;
    if (whole && row->key_size <= LONGEST_PATH && is_below(path) && is_printable(path))
        return path;
    err_set(err, "its key cannot be the name of a file below a folder%s",
            whole && is_printable(path) ? "" : ": it has control characters");
    free(path);
    return NULL;
}

size_t path_stem(const char *path)
{
    const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    if (dot == NULL || dot == base || dot[1] == '\0' || strlen(dot) > 6)
        return strlen(path);
    for (const char *c = dot + 1; *c != '\0'; c++)
        if (!isalnum((unsigned char)*c))
            return strlen(path);
    return (size_t)(dot - path);
}

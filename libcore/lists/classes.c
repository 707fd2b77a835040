#include "lists/classes_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/file_internal.h"
#include "base/lines_internal.h"
#include "base/out.h"

enum { MAX_BYTES = INT32_MAX };

static int add_lines(Names *names, const char *file, char *text, size_t size, Err *err)
{
    Lines lines = lines_of(text, size);
    while (lines_next(&lines)) {
        const char *name = lines.at;
        size_t length = lines.size;
        if (length > 0 && name[length - 1] == '\r')
            length--;
        if (length == 0 || memchr(name, '\0', length) != NULL)
            return err_set(err, "%s: line %lld: not a name", file, (long long)lines.number);
        int64_t number = names_add(names, name, length, err);
        if (number < 0)
            return -1;
        if (number != lines.number - 1)
            return err_set(err, "%s: line %lld: %.*s is already in line %lld", file,
                           (long long)lines.number, (int)length, name, (long long)number + 1);
    }
    return names->n > 0 ? 0 : err_set(err, "%s: empty", file);
}

int classes_read(Names *names, const char *file, Err *err)
{
    size_t size;
    char *text = file_read(file, MAX_BYTES, &size, err);
    int rc = text != NULL ? add_lines(names, file, text, size, err) : -1;
    free(text);
    return rc;
}

int classes_write(const Names *names, const char *file, Err *err)
{
    Out out;
    if (out_open(&out, file, err) != 0)
        return -1;
    int rc = 0;
    for (int64_t i = 0; rc == 0 && i < names->n; i++) {
        const char *name = names_at(names, i);
        if (strchr(name, '\n') != NULL)
            rc = err_set(err, "%s: class %lld has a line break in its name", file, (long long)i);
        else if (fprintf(out.f, "%s\n", name) < 0)
            rc = err_errno(err, "cannot write %s", file);
    }
    if (rc == 0)
        return out_commit(&out, err);
    out_abort(&out);
    return rc;
}

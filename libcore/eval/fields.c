#include "eval/fields.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/num.h"

#define TEXT_LIMIT ((size_t)4 << 30)

int fields_open(Fields *f, const char *path, Err *err)
{
    size_t size = 0;
    *f = (Fields){.path = strcmp(path, "-") == 0 ? "standard input" : path};
    f->next = f->text = file_read(path, TEXT_LIMIT, &size, err);
    if (f->text == NULL)
        return -1;
    if (memchr(f->text, '\0', size) == NULL)
        return 0;
    fields_close(f);
    return err_set(err, "%s: not a text file", f->path);
}

void fields_close(Fields *f)
{
    free(f->text);
    f->text = f->next = NULL;
}

static bool separates(char c)
{
    return c == ' ' || c == '\t' || c == ',' || c == '\r';
}

static void cut(Fields *f, char *at)
{
    f->n = 0;
    while (f->n < FIELDS_MAX) {
        while (separates(*at))
            at++;
        if (*at == '\0')
            return;
        f->field[f->n++] = at;
        while (*at != '\0' && !separates(*at))
            at++;
        if (*at != '\0')
            *at++ = '\0';
    }
}

bool fields_next(Fields *f)
{
    while (*f->next != '\0') {
        char *line = f->next, *end = line;
        while (*end != '\0' && *end != '\n')
            end++;
        f->next = *end == '\n' ? end + 1 : end;
        *end = '\0';
        f->line++;
        cut(f, line);
        if (f->n > 0)
            return true;
    }
    return false;
}

int fields_number(int64_t *out, const Fields *f, int field, int64_t min, Err *err)
{
    if (field < f->n && num_int(f->field[field], min, INT64_MAX, out))
        return 0;
    return err_set(err, "%s: line %lld: field %d is not a whole number of at least %lld", f->path,
                   (long long)f->line, field + 1, (long long)min);
}

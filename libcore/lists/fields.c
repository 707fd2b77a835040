#include "lists/fields_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/file_internal.h"
#include "base/num_internal.h"

#define TEXT_LIMIT ((size_t)4 << 30)

int fields_of(Fields *f, const char *name, char *text, size_t size, Err *err)
{
    *f = (Fields){.path = name, .text = text};
    if (memchr(text, '\0', size) != NULL)
        return err_set(err, "%s: a NUL in it: not a text", name);
    size_t mark = strncmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    f->lines = lines_of(text + mark, size - mark);
    return 0;
}

int fields_open(Fields *f, const char *path, Err *err)
{
    size_t size = 0;
    *f = (Fields){0};
    char *text = file_read_text(path, TEXT_LIMIT, &size, err);
    return text == NULL
               ? -1
               : fields_of(f, strcmp(path, "-") == 0 ? "standard input" : path, text, size, err);
}

void fields_close(Fields *f)
{
    free(f->text);
    f->text = NULL;
    f->lines = (Lines){0};
}

/* Skips the spaces at `at`. */
static char *skip_spaces(char *at)
{
    return at + strspn(at, " \r");
}

/* Ends the text at `end`, and before it where it ends in spaces. */
static void end_at(const char *begin, char *end)
{
    while (end > begin && (end[-1] == ' ' || end[-1] == '\r'))
        end--;
    *end = '\0';
}

/* "a ""quoted"" field": unquoted in place. The place behind the last quote, or NULL without one. */
static char *unquote(char *at)
{
    char *to = at;
    for (char *from = at + 1; *from != '\0'; from++) {
        if (*from == '"' && from[1] != '"') {
            *to = '\0';
            return from + 1;
        }
        from += *from == '"';
        *to++ = *from;
    }
    return NULL;
}

static void cut(Fields *f, char *at)
{
    char separator = strchr(at, '\t') != NULL ? '\t' : strchr(at, ',') != NULL ? ',' : ' ';
    for (f->n = 0; f->n < FIELDS_MAX && *(at = skip_spaces(at)) != '\0';) {
        char *begin = at, *quoted = separator == ',' && *at == '"' ? unquote(at) : NULL;
        at = quoted != NULL ? quoted : at;
        while (*at != '\0' && *at != separator)
            at++;
        char *end = at;
        at += *at != '\0';
        if (quoted == NULL)
            end_at(begin, end);
        if (*begin != '\0' && begin != end)
            f->field[f->n++] = begin;
    }
}

/* The next line, or NULL at the end */
static char *next_line(Fields *f)
{
    if (!lines_next(&f->lines))
        return NULL;
    f->lines.at[f->lines.size] = '\0';
    f->line = f->lines.number;
    return f->lines.at;
}

bool fields_next(Fields *f)
{
    for (char *line; (line = next_line(f)) != NULL;) {
        cut(f, line);
        if (f->n > 0)
            return true;
    }
    return false;
}

bool fields_next_name(Fields *f)
{
    for (char *line; (line = next_line(f)) != NULL;) {
        line = skip_spaces(line);
        end_at(line, line + strcspn(line, "\t"));
        f->field[0] = line;
        f->n = *line != '\0';
        if (f->n > 0)
            return true;
    }
    return false;
}

int fields_number(int64_t *out, const Fields *f, int field, int64_t min, Err *err)
{
    if (field < f->n && num_int(f->field[field], min, INT64_MAX, out))
        return 0;
    return err_set(err, "%s: line %lld: field %d is not an integer of at least %lld", f->path,
                   (long long)f->line, field + 1, (long long)min);
}

/* The header of an .npy file: a small part of Python's syntax */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num_internal.h"
#include "format/npy_header_internal.h"

typedef struct Text {
    const char *at; /* NUL-terminated */
} Text;

static void skip_space(Text *text)
{
    text->at += strspn(text->at, " \t\r\n");
}

/* Goes over the character if it comes next. */
static bool took(Text *text, char c)
{
    skip_space(text);
    if (*text->at != c)
        return false;
    text->at++;
    return true;
}

/* A string between either quotes, without escapes, into out[32] */
static bool read_string(Text *text, char out[32])
{
    skip_space(text);
    char quote = *text->at;
    if (quote != '\'' && quote != '"')
        return false;
    const char *end = strchr(text->at + 1, quote);
    if (end == NULL || end - text->at > 32)
        return false;
    snprintf(out, 32, "%.*s", (int)(end - text->at - 1), text->at + 1);
    text->at = end + 1;
    return true;
}

static bool read_bool(Text *text, bool *out)
{
    skip_space(text);
    *out = strncmp(text->at, "True", 4) == 0;
    if (!*out && strncmp(text->at, "False", 5) != 0)
        return false;
    text->at += *out ? 4 : 5;
    return true;
}

/* "(3, 128)", "(5,)", "()"; Python 2 wrote "5L" */
static bool read_shape(Text *text, NpyForm *form)
{
    if (!took(text, '('))
        return false;
    for (form->ndim = 0; !took(text, ')'); form->ndim++) {
        char digits[24];
        size_t n = strspn(text->at, "0123456789");
        if (form->ndim == NPY_MAX_DIMS || n == 0 || n >= sizeof digits)
            return false;
        snprintf(digits, sizeof digits, "%.*s", (int)n, text->at);
        if (!num_int(digits, 0, INT64_MAX, &form->shape[form->ndim]))
            return false;
        text->at += n + (text->at[n] == 'L');
        skip_space(text);
        if (*text->at != ')' && !took(text, ','))
            return false;
    }
    return true;
}

static int read_type(const char *descr, NpyForm *form, Err *err)
{
    int64_t size;
    const char *kind = descr + 1;
    if (strchr("<>|=", descr[0]) == NULL || descr[0] == '\0')
        kind = descr; /* a type without a byte order is of bytes */
    if (*kind == 'O')
        return err_set(err, "its elements are Python objects, which would be a pickle");
    if (*kind == '\0' || !num_int(kind + 1, 0, NPY_MAX_ROW, &size))
        return err_set(err, "its element type is '%s', which is not supported", descr);
    form->kind = *kind == '?' ? 'b' : *kind == 'a' ? 'S' : *kind;
    form->size = (size_t)size * (form->kind == 'U' ? 4 : 1);
    form->big = descr[0] == '>';
    bool integer = size == 1 || size == 2 || size == 4 || size == 8;
    bool known = (form->kind == 'f' && integer && size > 1) ||
                 ((form->kind == 'i' || form->kind == 'u') && integer) ||
                 (form->kind == 'b' && size == 1) || form->kind == 'U' || form->kind == 'S';
    return known ? 0 : err_set(err, "its element type is '%s', which is not supported", descr);
}

int npy_parse_header(NpyForm *form, const char *header, Err *err)
{
    Text text = {header};
    char key[32], descr[32];
    unsigned seen = 0;
    bool good = took(&text, '{');
    while (good && !took(&text, '}')) {
        unsigned which = 0;
        good = read_string(&text, key) && took(&text, ':');
        if (good && strcmp(key, "descr") == 0 && read_string(&text, descr))
            which = 1;
        else if (good && strcmp(key, "fortran_order") == 0 && read_bool(&text, &form->fortran))
            which = 2;
        else if (good && strcmp(key, "shape") == 0 && read_shape(&text, form))
            which = 4;
        good = good && which != 0 && (seen & which) == 0;
        seen |= which;
        skip_space(&text);
        good = good && (*text.at == '}' || took(&text, ','));
    }
    skip_space(&text);
    if (!good || seen != 7 || *text.at != '\0')
        return err_set(err, "its header is not that of an array of one type");
    return read_type(descr, form, err);
}

int npy_header(char out[NPY_HEADER], const NpyForm *form, Err *err)
{
    static const char start[] = "\x93NUMPY\1\0";
    char shape[256], text[512];
    int used = 0;
    for (int d = 0; d < form->ndim; d++)
        used += snprintf(shape + used, sizeof shape - (size_t)used, "%s%" PRId64, d > 0 ? ", " : "",
                         form->shape[d]);
    size_t units = form->kind == 'U' ? form->size / 4 : form->size;
    bool bytes = form->kind == 'S' || form->size == 1;
    int n = snprintf(text, sizeof text,
                     "{'descr': '%c%c%zu', 'fortran_order': %s, 'shape': (%.*s%s), }",
                     bytes       ? '|'
                     : form->big ? '>'
                                 : '<',
                     form->kind, units, form->fortran ? "True" : "False", used, shape,
                     form->ndim == 1 ? "," : "");
    if (n > NPY_HEADER - 11)
        return err_set(err, "an array with too many dimensions");
    memset(out, ' ', NPY_HEADER);
    memcpy(out, start, 8);
    out[8] = NPY_HEADER - 10;
    out[9] = 0;
    memcpy(out + 10, text, (size_t)n);
    out[NPY_HEADER - 1] = '\n';
    return 0;
}

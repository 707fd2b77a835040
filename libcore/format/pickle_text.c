/* The strings of protocol 0: a line each, with escapes */
#include <stdlib.h>
#include <string.h>

#include "format/pickle_machine_internal.h"

enum {
    TIMES = 4
}; /* what can be made of a byte: one of Latin 1 is two in UTF-8, and is decoded once */

int pickle_charge(Pickle *pickle, size_t size, Err *err)
{
    pickle->decoded += size;
    if (pickle->decoded / TIMES > pickle->size) /* one could be decoded over and over */
        return pickle_refuse(pickle, "a text expands to more bytes than there are", err);
    return 0;
}

uint8_t *pickle_room(Pickle *pickle, size_t size, Err *err)
{
    if (pickle_charge(pickle, size, err) != 0)
        return NULL;
    uint8_t *room = malloc(size + 1);
    if (room == NULL)
        err_memory(err, "a text", size);
    return room;
}

static int push_owned(Pickle *pickle, PickleKind kind, uint8_t *bytes, size_t size, Err *err)
{
    PickleObject *made = pickle_push(pickle, kind, err);
    if (made == NULL) {
        free(bytes);
        return -1;
    }
    made->bytes = bytes;
    made->owned = true;
    made->n = (int64_t)size;
    return 0;
}

/* The number that `most` digits at most, and `least` at least, say; how many there are, or 0 */
static size_t take_digits(const uint8_t *at, size_t left, int base, size_t least, size_t most,
                          uint32_t *number)
{
    size_t n = 0;
    *number = 0;
    for (; n < most && n < left; n++) {
        int digit = at[n] >= '0' && at[n] <= '9'   ? at[n] - '0'
                    : at[n] >= 'a' && at[n] <= 'f' ? at[n] - 'a' + 10
                    : at[n] >= 'A' && at[n] <= 'F' ? at[n] - 'A' + 10
                                                   : base;
        if (digit >= base)
            break;
        *number = *number * (uint32_t)base + (uint32_t)digit;
    }
    return n >= least ? n : 0;
}

/* What follows a backslash in a string of Python's: how many bytes it takes, or 0. */
static size_t take_escape(const uint8_t *at, size_t left, uint8_t *byte)
{
    static const char letters[] = "\\'\"abfnrtv", means[] = "\\'\"\a\b\f\n\r\t\v";
    const char *found = left > 0 && at[0] != '\0' ? strchr(letters, at[0]) : NULL;
    uint32_t number = 0;
    size_t n = 0;
    if (found != NULL) {
        *byte = (uint8_t)means[found - letters];
        return 1;
    }
    if (left > 0 && at[0] == 'x')
        n = 1 + take_digits(at + 1, left - 1, 16, 2, 2, &number);
    else if (left > 0)
        n = take_digits(at, left, 8, 1, 3, &number);
    *byte = (uint8_t)number;
    return n == 1 && at[0] == 'x' ? 0 : n;
}

/* STRING: as repr() writes it, between quotes */
int pickle_push_quoted(Pickle *pickle, const uint8_t *line, size_t size, Err *err)
{
    if (size < 2 || (line[0] != '\'' && line[0] != '"') || line[size - 1] != line[0])
        return pickle_refuse(pickle, "a string without its quotes", err);
    uint8_t *out = pickle_room(pickle, size, err);
    size_t n = 0;
    if (out == NULL)
        return -1;
    for (size_t i = 1; i < size - 1; n++) {
        size_t taken = 1;
        out[n] = line[i];
        if (line[i] == '\\') {
            taken = take_escape(line + i + 1, size - 2 - i, &out[n]);
            if (taken == 0) {
                free(out);
                return pickle_refuse(pickle, "a string with an unknown escape", err);
            }
            taken++;
        }
        i += taken;
    }
    return push_owned(pickle, PICKLE_BYTES, out, n, err);
}

/* In UTF-8; how many bytes */
static size_t put_utf8(uint8_t *out, uint32_t c)
{
    if (c < 0x80) {
        out[0] = (uint8_t)c;
        return 1;
    }
    int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    out[0] = (uint8_t)((0xff00u >> (more + 1)) | c >> 6 * more);
    for (int i = 1; i <= more; i++)
        out[i] = (uint8_t)(0x80 | (c >> 6 * (more - i) & 0x3f));
    return (size_t)more + 1;
}

/* UNICODE: Latin 1, and the rest, and what would end the line, as \\uXXXX or \\UXXXXXXXX */
int pickle_push_unicode(Pickle *pickle, const uint8_t *line, size_t size, Err *err)
{
    uint8_t *out = pickle_room(pickle, 2 * size, err);
    size_t n = 0;
    if (out == NULL)
        return -1;
    for (size_t i = 0; i < size;) {
        uint32_t c = line[i++];
        if (c == '\\' && i < size && (line[i] == 'u' || line[i] == 'U')) {
            size_t digits = line[i] == 'u' ? 4 : 8;
            size_t taken = take_digits(line + i + 1, size - i - 1, 16, digits, digits, &c);
            if (taken == 0 || c > 0x10ffff) {
                free(out);
                return pickle_refuse(pickle, "a text with a broken escape", err);
            }
            i += 1 + taken;
        }
        n += put_utf8(out + n, c);
    }
    return push_owned(pickle, PICKLE_TEXT, out, n, err);
}

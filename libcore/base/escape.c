#include "base/escape_internal.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The bytes of the UTF-8 character at text, and its code; 0 when it is none (RFC 3629: no overlong
 * forms, no surrogates, nothing above U+10FFFF). */
static size_t character(const unsigned char *text, size_t length, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = text[0] < 0x80             ? 1
               : (text[0] & 0xe0) == 0xc0 ? 2
               : (text[0] & 0xf0) == 0xe0 ? 3
               : (text[0] & 0xf8) == 0xf0 ? 4
                                          : 0;
    if (n == 0 || n > length)
        return 0;
    *code = n == 1 ? text[0] : text[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        *code = *code << 6 | (text[i] & 0x3f);
    }
    bool surrogate = *code >= 0xd800 && *code < 0xe000;
    return *code < least[n] || surrogate || *code > 0x10ffff ? 0 : n;
}

static bool is_harmless(uint32_t code)
{
    bool control = code < 0x20 || (code >= 0x7f && code < 0xa0);
    bool separator = code == 0x2028 || code == 0x2029;
    bool direction = code == 0x061c || code == 0x200e || code == 0x200f ||
                     (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
    return !control && !separator && !direction;
}

/* One byte as it may be shown: \n, or \x1b; returns the length. */
static size_t escaped_byte(char out[5], unsigned char byte)
{
    static const char digits[] = "0123456789abcdef", named[] = "\nn\tt\rr";
    const char *name = byte != 0 ? strchr(named, byte) : NULL;
    if (name != NULL && (name - named) % 2 == 0) {
        memcpy(out, (char[]){'\\', name[1]}, 2);
        return 2;
    }
    memcpy(out, (char[]){'\\', 'x', digits[byte >> 4], digits[byte & 15]}, 4);
    return 4;
}

/* What the next character becomes: its length in out (at most 16), and in *used that of the
 * character. */
static size_t next(char out[16], const char *text, size_t length, size_t *used)
{
    uint32_t code = 0;
    size_t n = character((const unsigned char *)text, length, &code), written = 0;
    *used = n > 0 ? n : 1;
    if (n > 0 && is_harmless(code)) {
        memcpy(out, text, n);
        return n;
    }
    for (size_t i = 0; i < *used; i++)
        written += escaped_byte(out + written, (unsigned char)text[i]);
    return written;
}

size_t escape_text(char *out, size_t room, const char *text, size_t length)
{
    char piece[16];
    size_t written = 0;
    for (size_t at = 0, used; at < length; at += used) {
        size_t n = next(piece, text + at, length - at, &used);
        if (written + n + 1 > room)
            break;
        memcpy(out + written, piece, n);
        written += n;
    }
    if (room > 0)
        out[written] = '\0';
    return written;
}

void escape_put(FILE *f, const char *text, size_t length)
{
    char piece[16];
    for (size_t at = 0, used; at < length; at += used) {
        size_t n = next(piece, text + at, length - at, &used);
        fwrite(piece, 1, n, f);
    }
}

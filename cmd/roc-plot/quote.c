#include "roc-plot/quote.h"

#include <string.h>

#include "base/escape_internal.h"

void quote(FILE *out, const char *text)
{
    fputc('\'', out);
    for (size_t length; *text != '\0'; text += length) {
        length = strcspn(text, "'");
        escape_put(out, text, length);
        if (text[length] == '\'') {
            fputs("''", out);
            length++;
        }
    }
    fputc('\'', out);
}

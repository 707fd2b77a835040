/* Texts of others in JSON. */
#ifndef CMD_JSON_TEXT_H
#define CMD_JSON_TEXT_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/escape_internal.h"

/* A key or a name may be no UTF-8, and then it is no JSON string: escaped as in a table. */
static inline json_t *text_json(const char *text, size_t size)
{
    json_t *whole = json_stringn(text, size);
    char *escaped = NULL;
    size_t length;
    if (whole != NULL)
        return whole;
    FILE *f = open_memstream(&escaped, &length);
    if (f == NULL)
        return json_null();
    escape_put(f, text, size);
    fclose(f);
    whole = json_string(escaped);
    free(escaped);
    return whole;
}

#endif

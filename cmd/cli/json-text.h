/* Lines of JSON, and texts of others in them. */
#ifndef CMD_CLI_JSON_TEXT_H
#define CMD_CLI_JSON_TEXT_H

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/escape_internal.h"
#include "base/jansson_internal.h"
#include "cli.h"

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
        return NULL; /* which jansson takes for what could not be made */
    escape_put(f, text, size);
    fclose(f);
    whole = json_string(escaped);
    free(escaped);
    return whole;
}

/* Prints a line of JSON that was made since jansson_watch(), and releases it; fails, and ends the
 * program, if a part of it could not be made. */
static inline void put_json(json_t *object)
{
    Err err = {0};
    char *text = json_dumps(object, JSON_COMPACT);
    json_decref(object);
    if (jansson_check("a line of JSON", &err) == 0 && text == NULL)
        err_set(&err, "a text that is no part of JSON");
    if (text == NULL || err_is_set(&err))
        exit(cli_fail(&err));
    puts(text);
    free(text);
}

#endif

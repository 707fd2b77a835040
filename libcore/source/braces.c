#include "source/braces_internal.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array_internal.h"
#include "base/num_internal.h"

/* The first pair of braces in a text, and what is in it */
typedef struct Braces {
    const char *open, *close;
    bool range;
    int64_t first, last;
    int width;
} Braces;

static bool read_range(Braces *braces)
{
    char ends[2][20];
    const char *at = braces->open + 1;
    size_t n = strspn(at, "0123456789"), rest = (size_t)(braces->close - at);
    if (n == 0 || n > 18 || rest < n + 3 || strncmp(at + n, "..", 2) != 0)
        return false;
    size_t m = strspn(at + n + 2, "0123456789");
    if (m == 0 || m > 18 || n + 2 + m != rest)
        return false;
    snprintf(ends[0], sizeof ends[0], "%.*s", (int)n, at);
    snprintf(ends[1], sizeof ends[1], "%.*s", (int)m, at + n + 2);
    braces->width = (int)(n > m ? n : m);
    if (ends[0][0] != '0' && ends[1][0] != '0')
        braces->width = 0;
    return num_int(ends[0], 0, INT64_MAX, &braces->first) &&
           num_int(ends[1], 0, INT64_MAX, &braces->last);
}

static bool find(Braces *braces, const char *text)
{
    for (const char *open = strchr(text, '{'); open != NULL; open = strchr(open + 1, '{')) {
        *braces = (Braces){.open = open, .close = open + strcspn(open, "}")};
        if (*braces->close == '\0')
            return false;
        braces->range = read_range(braces);
        if (braces->range || memchr(open, ',', (size_t)(braces->close - open)) != NULL)
            return true;
    }
    return false;
}

static int add(BracedNames *list, const char *text, Err *err)
{
    if (list->n == BRACES_MOST)
        return err_set(err, "%.200s: more than %d names", text, BRACES_MOST);
    if (array_reserve(list->name, list->room, list->n + 1, "names", err) != 0)
        return -1;
    char *copy = strdup(text);
    if (copy == NULL)
        return err_memory(err, "a name", strlen(text));
    list->name[list->n++] = copy;
    return 0;
}

/* Puts `size` bytes in the place of the braces, and expands what follows. */
static int put(BracedNames *list, const char *text, const Braces *braces, const char *word,
               size_t size, Err *err)
{
    size_t room = strlen(text) + size + 1;
    char *name = malloc(room);
    if (name == NULL)
        return err_memory(err, "a name", room);
    snprintf(name, room, "%.*s%.*s%s", (int)(braces->open - text), text, (int)size, word,
             braces->close + 1);
    int rc = braces_expand(list, name, err);
    free(name);
    return rc;
}

static int put_range(BracedNames *list, const char *text, const Braces *braces, Err *err)
{
    int64_t step = braces->first <= braces->last ? 1 : -1;
    for (int64_t i = braces->first;; i += step) {
        char number[24];
        int size = snprintf(number, sizeof number, "%0*lld", braces->width, (long long)i);
        if (put(list, text, braces, number, (size_t)size, err) != 0)
            return -1;
        if (i == braces->last)
            return 0;
    }
}

int braces_expand(BracedNames *list, const char *text, Err *err)
{
    Braces braces;
    if (!find(&braces, text))
        return add(list, text, err);
    if (braces.range)
        return put_range(list, text, &braces, err);
    for (const char *word = braces.open + 1;; word++) {
        size_t size = strcspn(word, ",}");
        if (put(list, text, &braces, word, size, err) != 0)
            return -1;
        word += size;
        if (word == braces.close)
            return 0;
    }
}

int braces_files(BracedNames *list, const char *name, Err *err)
{
    struct stat st;
    bool plain = strcmp(name, "-") == 0 || stat(name, &st) == 0;
    return plain ? add(list, name, err) : braces_expand(list, name, err);
}

void braces_release(BracedNames *list)
{
    for (int i = 0; i < list->n; i++)
        free(list->name[i]);
    free(list->name);
    *list = (BracedNames){0};
}

#include "lists/names_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort_internal.h"

void names_release(Names *names)
{
    free(names->text);
    free(names->start);
    index_release(&names->index);
    *names = (Names){0};
}

const char *names_at(const Names *names, int64_t number)
{
    return names->text + names->start[number];
}

static const char *name_of(const void *names, size_t number, size_t *length)
{
    const char *text = names_at(names, (int64_t)number);
    *length = strlen(text);
    return text;
}

int64_t names_find(const Names *names, const char *text, size_t size)
{
    return index_find(&names->index, name_of, names, text, size);
}

static int grow(Names *names, size_t more, Err *err)
{
    if (names->room - names->used < more) {
        size_t room = 2 * names->room + more + 256;
        char *text = realloc(names->text, room);
        if (text == NULL)
            return err_memory(err, "names", room);
        names->text = text;
        names->room = room;
    }
    if (names->n == names->places) {
        int64_t places = 2 * names->places + 32;
        size_t *start = realloc(names->start, (size_t)places * sizeof *start);
        if (start == NULL)
            return err_memory(err, "names", (size_t)places * sizeof *start);
        names->start = start;
        names->places = places;
    }
    return 0;
}

int64_t names_add(Names *names, const char *text, size_t size, Err *err)
{
    int64_t number = names_find(names, text, size);
    if (number >= 0)
        return number;
    if (grow(names, size + 1, err) != 0)
        return -1;
    names->start[names->n] = names->used;
    memcpy(names->text + names->used, text, size);
    names->text[names->used + size] = '\0';
    if (index_add(&names->index, name_of, names, (size_t)names->n, err) != 0)
        return -1;
    names->used += size + 1;
    return names->n++;
}

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int names_sort(Names *names, Err *err)
{
    if (names->n == 0)
        return 0;
    const char **order = malloc((size_t)names->n * sizeof *order);
    if (order == NULL)
        return err_memory(err, "names", (size_t)names->n * sizeof *order);
    for (int64_t i = 0; i < names->n; i++)
        order[i] = names_at(names, i);
    sort_array(order, (size_t)names->n, sizeof *order, compare);
    for (int64_t i = 0; i < names->n; i++)
        names->start[i] = (size_t)(order[i] - names->text);
    free(order);
    int rc = 0;
    index_clear(&names->index);
    for (int64_t i = 0; rc == 0 && i < names->n; i++)
        rc = index_add(&names->index, name_of, names, (size_t)i, err);
    return rc;
}

#include "lists/names_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/sort_internal.h"

void names_release(Names *names)
{
    bytes_release(&names->text);
    free(names->start);
    index_release(&names->index);
    *names = (Names){0};
}

const char *names_at(const Names *names, int64_t number)
{
    return (const char *)names->text.data + names->start[number];
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

int64_t names_add(Names *names, const char *text, size_t size, Err *err)
{
    int64_t number = names_find(names, text, size);
    if (number >= 0)
        return number;
    Bytes *all = &names->text;
    if (bytes_reserve(all, size + 1, "names", err) != 0 ||
        array_reserve(names->start, names->places, names->n + 1, "names", err) != 0)
        return -1;
    names->start[names->n] = all->size;
    memcpy(all->data + all->size, text, size);
    all->data[all->size + size] = '\0';
    if (index_add(&names->index, name_of, names, (size_t)names->n, err) != 0)
        return -1;
    all->size += size + 1;
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
        names->start[i] = (size_t)(order[i] - (const char *)names->text.data);
    free(order);
    int rc = 0;
    index_clear(&names->index);
    for (int64_t i = 0; rc == 0 && i < names->n; i++)
        rc = index_add(&names->index, name_of, names, (size_t)i, err);
    return rc;
}

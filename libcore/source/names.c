#include "source/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/sort.h"

void names_release(Names *names)
{
    free(names->text);
    free(names->start);
    free(names->table);
    *names = (Names){0};
}

const char *names_at(const Names *names, int64_t number)
{
    return names->text + names->start[number];
}

/* The slot where the text is, or the empty one where it belongs. */
static int64_t slot_of(const Names *names, const char *text, size_t size)
{
    int64_t slot = (int64_t)(hash_bytes(&names->key, text, size) & (uint64_t)(names->slots - 1));
    for (;; slot = (slot + 1) & (names->slots - 1)) {
        int64_t number = names->table[slot];
        if (number < 0)
            return slot;
        const char *other = names_at(names, number);
        if (strncmp(other, text, size) == 0 && other[size] == '\0')
            return slot;
    }
}

int64_t names_find(const Names *names, const char *text, size_t size)
{
    return names->n == 0 ? -1 : names->table[slot_of(names, text, size)];
}

static void fill_table(Names *names)
{
    for (int64_t i = 0; i < names->slots; i++)
        names->table[i] = -1;
    for (int64_t i = 0; i < names->n; i++) {
        const char *text = names_at(names, i);
        names->table[slot_of(names, text, strlen(text))] = i;
    }
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
    if (2 * (names->n + 1) > names->slots) {
        int64_t slots = names->slots == 0 ? 64 : 2 * names->slots;
        size_t *start = realloc(names->start, (size_t)slots / 2 * sizeof *start);
        if (start != NULL)
            names->start = start;
        int64_t *table = malloc((size_t)slots * sizeof *table);
        if (start == NULL || table == NULL) {
            free(table);
            return err_memory(err, "names", (size_t)slots * 12);
        }
        if (names->slots == 0)
            names->key = hash_key();
        free(names->table);
        names->table = table;
        names->slots = slots;
        fill_table(names);
    }
    return 0;
}

int64_t names_add(Names *names, const char *text, size_t size, Err *err)
{
    if (grow(names, size + 1, err) != 0)
        return -1;
    int64_t slot = slot_of(names, text, size);
    if (names->table[slot] >= 0)
        return names->table[slot];
    names->start[names->n] = names->used;
    memcpy(names->text + names->used, text, size);
    names->text[names->used + size] = '\0';
    names->used += size + 1;
    names->table[slot] = names->n;
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
    fill_table(names);
    return 0;
}

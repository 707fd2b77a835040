#include "lists/lookup_internal.h"

#include <string.h>

LookupName lookup_tail(const char *name, int length, int components)
{
    int begin = length, end = length;
    for (int i = length - 1; i >= 0 && name[i] != '/'; i--)
        if (name[i] == '.' && i > 0 && name[i - 1] != '/') {
            end = i;
            break;
        }
    while (begin > 0 && (name[begin - 1] != '/' || --components > 0))
        begin--;
    return (LookupName){name + begin, end - begin};
}

static const char *row_name(const void *owner, size_t row, size_t *length)
{
    const Lookup *lookup = owner;
    int bytes;
    const char *key = embedding_key(lookup->rows, (int64_t)row, &bytes);
    LookupName name = lookup_tail(key, bytes, lookup->components);
    *length = (size_t)name.length;
    return name.at;
}

static int twice(const EmbeddingRows *rows, int64_t a, int64_t b, Err *err)
{
    int length[2];
    const char *key[2] = {embedding_key(rows, a, &length[0]), embedding_key(rows, b, &length[1])};
    return err_set(err, "rows %lld (%.*s) and %lld (%.*s) have the same name", (long long)a,
                   length[0], key[0], (long long)b, length[1], key[1]);
}

int lookup_init(Lookup *lookup, const EmbeddingRows *rows, int components, Err *err)
{
    int rc = 0;
    *lookup = (Lookup){.rows = rows, .components = components};
    for (int64_t row = 0; rc == 0 && row < rows->n; row++) {
        size_t length;
        const char *name = row_name(lookup, (size_t)row, &length);
        int64_t other = index_find(&lookup->index, row_name, lookup, name, length);
        rc = other >= 0 ? twice(rows, other, row, err)
                        : index_add(&lookup->index, row_name, lookup, (size_t)row, err);
    }
    if (rc != 0)
        lookup_release(lookup);
    return rc;
}

void lookup_release(Lookup *lookup)
{
    index_release(&lookup->index);
}

int64_t lookup_find(const Lookup *lookup, const char *name)
{
    LookupName tail = lookup_tail(name, (int)strlen(name), lookup->components);
    return index_find(&lookup->index, row_name, lookup, tail.at, (size_t)tail.length);
}

static const char *whole_key(const void *owner, size_t row, size_t *length)
{
    int bytes;
    const char *key = embedding_key(owner, (int64_t)row, &bytes);
    *length = (size_t)bytes;
    return key;
}

int64_t lookup_repeated(int64_t pair[2], const EmbeddingRows *rows, Err *err)
{
    Index index = {0};
    int64_t repeated = 0;
    for (int64_t row = 0; row < rows->n; row++) {
        size_t length;
        const char *key = whole_key(rows, (size_t)row, &length);
        int64_t first = length > 0 ? index_find(&index, whole_key, rows, key, length) : -1;
        if (first >= 0 && repeated++ == 0) {
            pair[0] = first;
            pair[1] = row;
        }
        if (first < 0 && length > 0 && index_add(&index, whole_key, rows, (size_t)row, err) != 0)
            break;
    }
    index_release(&index);
    return err_is_set(err) ? -1 : repeated;
}

#include "identify/gallery_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"

/* Names and labels share a table: this is before each, so that a person called "7" is not the one
 * with label 7. */
enum { BY_NAME = 'n', BY_LABEL = 'l' };

void gallery_release(Gallery *gallery)
{
    bytes_release(&gallery->keys);
    names_release(&gallery->people);
    free(gallery->key_end);
    free(gallery->person);
    *gallery = (Gallery){0};
}

/* The number of a person, -1 for nobody, or -2 when out of memory. */
static int64_t person_of(Gallery *gallery, const EmbeddingRows *rows, int64_t row, Err *err)
{
    int length;
    char label[24];
    const char *name = embedding_name(rows, row, &length);
    if (length == 0 && (rows->label == NULL || rows->label[row] < 0))
        return -1;
    if (length == 0) {
        int n = snprintf(label, sizeof label, "%c%" PRId64, BY_LABEL, rows->label[row]);
        int64_t person = names_add(&gallery->people, label, (size_t)n, err);
        return person < 0 ? -2 : person;
    }
    char *text = malloc((size_t)length + 1);
    if (text == NULL) {
        err_memory(err, "a name", (size_t)length + 1);
        return -2;
    }
    text[0] = BY_NAME;
    memcpy(text + 1, name, (size_t)length);
    int64_t person = names_add(&gallery->people, text, (size_t)length + 1, err);
    free(text);
    return person < 0 ? -2 : person;
}

int gallery_add(Gallery *gallery, const EmbeddingRows *rows, Err *err)
{
    int64_t n = gallery->n + rows->n;
    if (array_reserve(gallery->person, gallery->room, n, "a gallery", err) != 0 ||
        array_reserve(gallery->key_end, gallery->key_room, n, "a gallery", err) != 0)
        return -1;
    for (int64_t i = 0; i < rows->n; i++) {
        int length;
        const char *key = embedding_key(rows, i, &length);
        int64_t person = person_of(gallery, rows, i, err);
        if (person < -1 || bytes_append(&gallery->keys, key, (size_t)length, "keys", err) != 0)
            return -1;
        gallery->person[gallery->n] = person;
        gallery->key_end[gallery->n++] = (int64_t)gallery->keys.size;
    }
    return 0;
}

const char *gallery_key(const Gallery *gallery, int64_t row, int *length)
{
    int64_t begin = row > 0 ? gallery->key_end[row - 1] : 0;
    *length = (int)(gallery->key_end[row] - begin);
    return *length > 0 ? (const char *)gallery->keys.data + begin : "";
}

const char *gallery_identity(const Gallery *gallery, int64_t person)
{
    return person < 0 ? "" : names_at(&gallery->people, person) + 1;
}

/* What is kept of a gallery that passes by, to tell a neighbour by: the key of each row and who it
 * is, which its name says, else its label. */
#ifndef IDENTIFY_GALLERY_INTERNAL_H
#define IDENTIFY_GALLERY_INTERNAL_H

#include "lists/names_internal.h"
#include "stream/embeddings.h"

typedef struct Gallery {
    int64_t n;
    Bytes keys;
    int64_t *key_end, key_room; /* [n] */
    int64_t *person, room;      /* [n]: a number from 0, or -1: nobody knows */
    Names people;
} Gallery; /* zeroed is empty */

int gallery_add(Gallery *gallery, const EmbeddingRows *rows, Err *err);
void gallery_release(Gallery *gallery);

/* Not NUL-terminated. */
const char *gallery_key(const Gallery *gallery, int64_t row, int *length);

/* Who that is: a name, or a label in digits. "" for -1. */
const char *gallery_identity(const Gallery *gallery, int64_t person);

#endif

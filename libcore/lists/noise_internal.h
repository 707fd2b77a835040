/* Lists of images with wrong labels, such as those of MegaFace and FaceScrub: a name a line. */
#ifndef LISTS_NOISE_INTERNAL_H
#define LISTS_NOISE_INTERNAL_H

#include <stdbool.h>

#include "lists/lookup_internal.h"
#include "lists/name_list_internal.h"

typedef struct NoiseList {
    NameList names;
    LookupName *tail; /* [names.n], sorted */
    int components;
} NoiseList;

/* Lines that begin with '#' are comments; of several fields, separated by tabs, the second is the
 * name. All names must have as many components as the first; keys are compared by those, whatever
 * the extension. */
int noise_read(NoiseList *list, const char *path, Err *err);
void noise_release(NoiseList *list); /* safe on a zeroed one */

/* Whether a row is in the list; nothing is in a zeroed one. */
bool noise_has(const NoiseList *list, const EmbeddingRows *rows, int64_t row);

#endif

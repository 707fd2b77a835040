/* A list that says which group people belong to: a label, a name or a key a line, then one or more
 * fields that together name the group ("female", "Asian": "female Asian"). Fields as in
 * lists/fields_internal.h. A heading whose first field is "label", "name" or "key" says what the
 * first fields are, "identity" that they are labels or names. Without one of the former three they
 * are labels where all of them are whole numbers, else names, or keys for rows that have no name.
 */
#ifndef LISTS_GROUP_LIST_INTERNAL_H
#define LISTS_GROUP_LIST_INTERNAL_H

#include "lists/names_internal.h"
#include "lists/pick_internal.h"
#include "stream/embeddings.h"

enum { GROUP_LIST_MAX = 1024 };

typedef struct GroupList {
    char *file;
    PickBy by; /* PICK_ANY: names, or keys */
    Names people;
    Names groups;   /* at most GROUP_LIST_MAX, in the order of their bytes */
    int32_t *group; /* [people.n] */
    int64_t room;
} GroupList;

/* The message names file and line. Who stands in two groups is an error. */
int group_list_read(GroupList *list, const char *file, Err *err);
void group_list_release(GroupList *list); /* safe on a zeroed one */

/* The number of the row's group, or -1 where the list has nothing about it. */
int32_t group_list_find(const GroupList *list, const EmbeddingRows *rows, int64_t row);

#endif

/* A list that picks rows: a key, a label or a name a line, perhaps a tab and a new label. A heading
 * that begins with "key", "label" or "name" says which they are, and what is behind: new labels if
 * the second column is called "label". All other columns of it are passed over. */
#ifndef LISTS_PICK_LIST_INTERNAL_H
#define LISTS_PICK_LIST_INTERNAL_H

#include "lists/names_internal.h"
#include "lists/pick_internal.h"

#define PICK_NO_LABEL INT64_MIN

typedef struct PickList {
    char *file;
    PickBy by; /* never PICK_ANY once it is read */
    Names names;
    int64_t *label, room; /* [names.n] or PICK_NO_LABEL */
    bool *found;          /* [names.n], by the rows */
} PickList;

int pick_list_read(PickList *list, const char *file, PickBy by, Err *err);
void pick_list_release(PickList *list); /* safe on a zeroed one */

#endif

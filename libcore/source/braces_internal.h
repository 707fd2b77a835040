/* Brace notation, in which WebDataset's users name their shards: "set-{000000..000123}.tar". */
#ifndef SOURCE_BRACES_INTERNAL_H
#define SOURCE_BRACES_INTERNAL_H

#include "base/err.h"

typedef struct NameList {
    char **name;
    int n, room;
} NameList;

enum { BRACES_MOST = 1000000 };

/* Appends what the text stands for: a range of numbers, as wide as the wider of its ends, or words
 * separated by commas, in each pair of braces; the last pair runs fastest. Text without braces
 * stands for itself, as does a pair of braces that is neither. */
int braces_expand(NameList *list, const char *text, Err *err);

/* The same for the name of a file: one that is there, or "-", stands for itself. */
int braces_files(NameList *list, const char *name, Err *err);
int namelist_add(NameList *list, const char *name, Err *err); /* as it is */
void namelist_release(NameList *list);                        /* safe on a zeroed one */

#endif

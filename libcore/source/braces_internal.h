/* Brace notation, in which WebDataset's users name their shards: "set-{000000..000123}.tar". */
#ifndef SOURCE_BRACES_INTERNAL_H
#define SOURCE_BRACES_INTERNAL_H

#include "base/err.h"

typedef struct BracedNames {
    char **name;
    int n, room;
} BracedNames;

enum { BRACES_MOST = 1000000 };

/* Appends what the text stands for: a range of numbers, as wide as the wider of its ends, or words
 * separated by commas, in each pair of braces; the last pair runs fastest. Text without braces
 * stands for itself, as does a pair of braces that is neither. */
int braces_expand(BracedNames *list, const char *text, Err *err);

/* The same for the name of a file: one that is there, or "-", stands for itself. */
int braces_files(BracedNames *list, const char *name, Err *err);
void braces_release(BracedNames *list); /* safe on a zeroed one */

#endif

/* Lists of images for identification: names one a line, and BLUFR's trials.
 *
 * A trial of BLUFR (Liao et al., IJCB 2014) is a file of four lines, train, test, gallery and
 * probe, each the word and then numbers of images, counted from 1 over the lines of a list. */
#ifndef EVAL_TRIAL_H
#define EVAL_TRIAL_H

#include "eval/lookup.h"

typedef struct RowList {
    int64_t *row; /* [n], without the missing ones */
    int64_t n;
} RowList;

typedef struct Trial {
    RowList test, gallery, probe;
    int64_t missing; /* of the test's images */
} Trial;

/* The rows of the names in a file; *missing grows by those without. The caller frees list->row. */
int rows_listed(RowList *list, int64_t *missing, const char *path, const Lookup *lookup, Err *err);

int trial_read(Trial *trial, const char *path, const char *images, const Lookup *lookup, Err *err);
void trial_free(Trial *trial);

#endif

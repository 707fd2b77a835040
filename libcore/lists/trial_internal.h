/* Lists of images for identification: names one a line, and BLUFR's trials.
 *
 * A trial of BLUFR (Liao et al., IJCB 2014) is a file of four lines, train, test, gallery and
 * probe, each the word and then numbers of images, counted from 1 over the lines of a list. */
#ifndef LISTS_TRIAL_INTERNAL_H
#define LISTS_TRIAL_INTERNAL_H

#include <stdbool.h>

#include "lists/lookup_internal.h"
#include "lists/name_list_internal.h"

typedef struct ImageList {
    NameList names;
    int64_t *row; /* [names.n], -1: missing */
    bool *wanted; /* [names.n], whether a trial tests it */
} ImageList;

/* The names in a file, one a line, and their rows. */
int image_list_read(ImageList *list, const char *path, const Lookup *lookup, Err *err);
void image_list_release(ImageList *list); /* safe on a zeroed one */

/* The names without a row: all, or those that a trial tests. */
int image_list_missing(NameList *missing, const ImageList *list, bool all, Err *err);

typedef struct RowSet {
    int64_t *row; /* [n], without the missing ones */
    int64_t n;
} RowSet;

/* All images that are there. The caller frees rows->row. */
int image_list_rows(RowSet *rows, const ImageList *list, Err *err);

typedef struct Trial {
    RowSet test, gallery, probe;
} Trial;

/* Marks the images that are tested as wanted. */
int trial_read(Trial *trial, const char *path, ImageList *images, Err *err);
void trial_release(Trial *trial);

#endif

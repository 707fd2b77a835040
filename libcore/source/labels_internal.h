/* Who is on a photograph: from a list, from its source itself, or from the folder it lies in. */
#ifndef SOURCE_LABELS_INTERNAL_H
#define SOURCE_LABELS_INTERNAL_H

#include <stdbool.h>

#include "lists/names_internal.h"
#include "lists/table_internal.h"
#include "source/source_internal.h"

typedef struct LabelOptions {
    const char
        *list; /* file of path and label, see lists/label_list_internal.h, or NULL: from folders */
    const char *classes; /* file of class names, or NULL */
    int level;           /* which folder is the class; 1 is the one the file lies in */
} LabelOptions;

typedef struct Labels {
    LabelOptions options;
    Table list;
    const char *list_form; /* what the list was taken for, if not for path and label; or NULL */
    bool *met;             /* which rows of the list were asked for */
    Names classes;
    bool fixed;   /* a class that is not among them is an error */
    bool own;     /* the sources say themselves who is on their pictures */
    int64_t most; /* the largest label that they say */
} Labels;

/* Reads the list and the file of classes. With neither, the sources are listed in a first pass and
 * the classes numbered in the order of their names; sources that cannot be read twice number them
 * as they come. */
int labels_init(Labels *labels, const LabelOptions *options, const SourceOptions *source, Err *err);
void labels_release(Labels *labels); /* safe on a zeroed one */

/* Whether the image is one to take: without a list every one is. *row is to be given to
 * labels_of(). */
bool labels_want(Labels *labels, const char *path, int64_t *row);

/* The label: that of the list, or else *own, what the source says (NULL when it says nothing), or
 * else from the folder. -1 when that is what they say, when the image lies in no folder, and when
 * its source says nothing while others do. */
int labels_of(Labels *labels, const char *path, int64_t row, const int64_t *own, int64_t *label,
              Err *err);

/* One more than the largest possible label; 0 when that is not known before the end. */
int64_t labels_bound(const Labels *labels);

/* Have the labels names, those of classes? Known of sources that come once only when the first is.
 */
bool labels_named(const Labels *labels);

/* The name of the class with that label; "" where there is none. */
const char *labels_name(const Labels *labels, int64_t label);

/* How many lines of the list were never asked for; the message names the first. */
int64_t labels_unmet(const Labels *labels, Err *err);

#endif

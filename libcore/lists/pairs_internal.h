/* Lists of pairs, in the forms that test sets come with, and the rows of embeddings they name. The
 * first line tells the form, or the second where it names columns as in CSV files; fields are
 * separated as lists/fields_internal.h has it.
 *
 *   LFW         folds and pairs of each kind a fold (View 2), or the second alone (View 1, one
 *               fold); then, fold by fold, the pairs of one person (name, number, number) and as
 *               many of two (name, number, name, number)
 *   RFW         the same lines without the first, in ten folds
 *   two paths   path, path, 1 or else 0 or -1, and whatever follows (InsightFace's
 *               pairs_label.txt, what AgeDB-30 and CFP are handed around as, eval-roc --hardest),
 *               in ten folds; 1.0, true and false are understood too
 *   kind first  1 or else 0 or -1, path, path (lfw_ann.txt, agedb_30_ann.txt), in ten folds
 *   two lines   path, kind; path, kind (CALFW, CPLFW): the first line's kind counts, anything but
 *               0 being one person; ten folds, of which each takes a tenth of either kind
 *
 * Ten folds are cut in the order of the file, as nearly equal as can be (scikit-learn's KFold);
 * fewer than ten pairs are one fold. */
#ifndef LISTS_PAIRS_INTERNAL_H
#define LISTS_PAIRS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "stream/embeddings.h"

/* What stands for the row of an image without one; failures (verify/failures_internal.h) are known
 * to have none. */
enum { PAIR_IMAGE_MISSING = -1, PAIR_IMAGE_FAILED = -2 };

typedef struct PairImage {
    const char *name; /* within PairList.text, not NUL-terminated */
    int length;
    int32_t number; /* from 1; 0: the name is that of a file, without its extension */
    int64_t row;    /* set by pairs_match; < 0: not among the rows */
} PairImage;

typedef struct FacePair {
    int64_t image[2]; /* into PairList.image */
    bool same;
    int fold; /* from 0 */
} FacePair;

typedef struct PairList {
    char *text;
    PairImage *image; /* [images], each once, sorted by name and number */
    FacePair *pair;   /* [pairs], in the order of the file */
    int64_t images, pairs;
    int folds;
    int components; /* of paths; 0: names and numbers */
} PairList;

/* Reads a list ("-" is standard input). A line that does not fit the form is an error naming it. */
int pairs_read(PairList *list, const char *path, Err *err);
void pairs_release(PairList *list);

/* Finds each image's row. A key stands for the image (NAME, 1) when its last component is
 * NAME_0001 with or without an extension: lfw/NAME/NAME_0001.jpg; and for a path when it ends in
 * all of the path's components, whatever the extensions. Two rows for one image are an error
 * naming both. Returns the number of images without a row, -1 on failure. */
int64_t pairs_match(PairList *list, const EmbeddingRows *rows, Err *err);

/* The image that a key stands for, or -1. */
int64_t pairs_find(const PairList *list, const char *key, int length);

/* What to call an image in a message: NAME_0001, or the path. Cut to fit. */
void pairs_image_text(char *out, size_t size, const PairImage *image);

#endif

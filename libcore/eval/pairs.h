/* LFW's lists of pairs, and the rows of embeddings they speak of.
 *
 * View 2 (pairs.txt) starts with two numbers, folds and pairs of each kind a fold; View 1
 * (pairsDevTrain.txt, pairsDevTest.txt) with the second alone, and is one fold. Then come, fold by
 * fold, the pairs of one person (name, number, number) and as many of two (name, number, name,
 * number), in fields apart by tabs or spaces. */
#ifndef EVAL_PAIRS_H
#define EVAL_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "eval/rows.h"

typedef struct PairImage {
    const char *name; /* within PairList.text, not NUL-terminated */
    int length;
    int32_t number;
    int64_t row; /* set by pairs_match; -1: not among the rows */
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
} PairList;

/* Reads a list ("-" is standard input). A line that does not fit the form is an error naming it. */
int pairs_read(PairList *list, const char *path, Err *err);
void pairs_free(PairList *list);

/* Finds each image's row. A key stands for the image (NAME, 1) when its last component is
 * NAME_0001 with or without an extension: lfw/NAME/NAME_0001.jpg. Two rows for one image are an
 * error naming both. Returns the number of images without a row, -1 on failure. */
int64_t pairs_match(PairList *list, const EvalRows *rows, Err *err);

#endif

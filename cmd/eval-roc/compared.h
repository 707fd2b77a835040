/* What is compared: the embeddings, and all their pairs or those of a list, with their scores. */
#ifndef CMD_EVAL_ROC_COMPARED_H
#define CMD_EVAL_ROC_COMPARED_H

#include <stdbool.h>
#include <stdint.h>

#include "lists/pairs.h"
#include "report/verification.h"
#include "stream/embeddings.h"

typedef struct CompareOptions {
    const char *pairs; /* a list, or NULL: all pairs by label */
    int64_t fold;      /* of the list, from 1; 0: all */
    bool skip_missing;
    bool keep; /* the embeddings, after they were scored */
} CompareOptions;

/* The pairs of a list that can be scored; only those of the fold, if one was chosen. */
typedef struct Listed {
    PairList list;
    int64_t (*row)[2];
    float *score;
    bool *same;
    int *fold;
    int64_t *pair; /* in the list */
    int64_t n;
} Listed;

typedef struct Compared {
    Embeddings e; /* labels and keys; the embeddings themselves are gone unless kept */
    Listed listed;
    Scores *scores;
} Compared;

/* Reads the embeddings and scores them; what was found goes into the report, which holds the
 * accuracy by folds then too. Images that are missing are named on stderr. */
int compared_load(Compared *compared, Report *report, const char *input, const CompareOptions *o,
                  Err *err);

/* The number of identities, and of the list's scored pairs those of both sides, identity[n][2]
 * (NULL for all pairs; the caller frees it). Two images of a list are of one person when they have
 * one label, or one name, or are a genuine pair, or both are those of a third. */
int compared_identities(const Compared *compared, int32_t (**identity)[2], int64_t *n, Err *err);

/* Fails unless both have the same pairs: the same list, or the same keys with the same labels. */
int compared_same(const Compared *a, const Compared *b, Err *err);

void compared_free(Compared *compared); /* safe on a zeroed one */

#endif

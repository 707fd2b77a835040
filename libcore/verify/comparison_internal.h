/* What is compared: the embeddings of a stream, and all their pairs or those of a list, with their
 * scores. */
#ifndef VERIFY_COMPARISON_INTERNAL_H
#define VERIFY_COMPARISON_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "lists/name_list_internal.h"
#include "lists/pairs_internal.h"
#include "scores/hardest_internal.h"
#include "scores/identity_pairs_internal.h"
#include "scores/scores.h"
#include "stream/embeddings.h"

/* The pairs of a list that can be scored. */
typedef struct ListedScores {
    int64_t n;
    int64_t (*row)[2]; /* [n] of the embeddings */
    float *score;      /* [n] */
    bool *same;        /* [n] */
    int *fold;         /* [n], from 0 */
    int64_t *pair;     /* [n], in the list */
} ListedScores;

/* Faces of which there is no template (verify/failures_internal.h). */
typedef struct Failures {
    const char *file;          /* which names them, borrowed; NULL: nothing is known of failures */
    int64_t faces, acquired;   /* that failed, and those with a template */
    int64_t unlabelled;        /* failed, and left out of all pairs by label */
    int64_t genuine, impostor; /* pairs with at least one face that failed */
} Failures;

typedef struct Comparison {
    const char *input, *list_name; /* borrowed, for messages and reports; NULL: all by label */
    Embeddings embeddings;         /* labels and keys; the embeddings themselves may be dropped */
    int64_t rows, d;
    PairList list;
    ListedScores listed;
    int fold;                 /* of the list, from 1: the only one whose pairs are scores; 0: all */
    int64_t unlabelled;       /* rows left out of all pairs */
    bool given;               /* nothing but scores is known, as the list's */
    double bound;             /* no score is larger, or smaller than -bound */
    int64_t missing, skipped; /* images of the list without an embedding, pairs with one of them */
    Failures failures;
    Scores *scores;
} Comparison;

/* Reads the embeddings and, unless it is NULL, the list, and finds the list's images among the
 * rows. input "-" is standard input. */
int comparison_read(Comparison *comparison, const char *input, const char *list, int64_t fold,
                    Err *err);

/* The same of embeddings that were read already, which become the comparison's. */
int comparison_of(Comparison *comparison, const Embeddings *embeddings, const char *input,
                  const char *list, int64_t fold, Err *err);

/* Scores from elsewhere: score[n], genuine where same[n], which are copied. Whose they are is not
 * known: there are no identities, no keys, no folds. */
int comparison_of_scores(Comparison *comparison, const char *input, const float *score,
                         const bool *same, int64_t n, Err *err);
void comparison_release(Comparison *comparison); /* safe on a zeroed one */

/* The images of the list without an embedding; comparison_score() leaves their pairs out. */
int comparison_missing(NameList *missing, const Comparison *comparison, Err *err);

/* Scores the pairs. */
int comparison_score(Comparison *comparison, Err *err);

/* Frees what is no longer needed: the embeddings once they are scored, the scores once they are
 * measured. */
void comparison_drop_embeddings(Comparison *comparison);
void comparison_drop_scores(Comparison *comparison);

/* Adds all scores and their rows. The caller begins and ends. */
int comparison_hardest(Hardest *hardest, const Comparison *comparison, Pool *pool, Err *err);

/* The number of identities, and of the list's scored pairs those of both sides, identity[n][2]
 * (NULL for all pairs; the caller frees it). Two images of a list are of one person when they have
 * one label, or one name, or are a genuine pair, or both are those of a third. */
int comparison_identities(const Comparison *comparison, int32_t (**identity)[2], int64_t *n,
                          Err *err);

/* The same pairs with the people of both sides, whose numbers are comparison_identities()'s: they
 * must outlive them. Release with identity_pairs_release(). */
int comparison_identity_pairs(IdentityPairs *pairs, const Comparison *comparison,
                              const int32_t (*identity)[2], int64_t identities, Err *err);

/* Fails unless both have the same pairs: the same list, or the same keys with the same labels. */
int comparison_same(const Comparison *a, const Comparison *b, Err *err);

#endif

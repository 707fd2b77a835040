/* Scores: where they come from, and the walk over all of them.
 *
 * Scores are not stored. A walk computes each of them and hands it to a sink, genuine ones (two
 * faces of one person) apart from impostors; a second walk gives the same bits again. The order in
 * which they come is not determined. */
#ifndef SCORES_SCORES_H
#define SCORES_SCORES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/api.h"
#include "base/err.h"
#include "base/pool.h"
#include "scores/cosine.h"

API_BEGIN

typedef struct Scores Scores;

/* Takes score[n], all of one kind. Called by several workers at a time. */
typedef void ScoreSink(void *arg, int worker, const float *score, int64_t n, bool genuine);

/* The cosines of all unordered pairs of rows; rows with a negative label are left out. Made by GEMM
 * in tiles of one size over the rows in an order of their own (by label, then by the bytes of the
 * embedding): the scores do not depend on the order of the rows or on the number of threads. The
 * embeddings are copied. NULL on failure. */
Scores *scores_all_pairs(const EmbeddingRows *rows, Err *err);

/* The same of some of the rows: row[n]. */
Scores *scores_pairs_among(const EmbeddingRows *rows, const int64_t *row, int64_t n, Err *err);

/* The given scores[n], genuine where same[n]. Both are copied. NULL on failure. */
Scores *scores_listed(const float *score, const bool *same, int64_t n, Err *err);

void scores_free(Scores *scores); /* NULL is fine */

int64_t scores_genuine(const Scores *scores);  /* number of genuine scores */
int64_t scores_impostor(const Scores *scores); /* number of impostor scores */

/* Which scores a walk makes. */
typedef enum ScoreKinds {
    SCORES_GENUINE = 1,
    SCORES_IMPOSTOR = 2,
    SCORES_ALL = SCORES_GENUINE | SCORES_IMPOSTOR
} ScoreKinds;

/* Walking over the genuine scores alone visits only the tiles that hold some. */
int scores_walk(const Scores *scores, ScoreKinds kinds, Pool *pool, ScoreSink *sink, void *arg,
                Err *err);

/* Takes the scores of the row at one place with those at the places column .. column + n - 1, all
 * of one kind. Called by several workers at a time. */
typedef void PairSink(void *arg, int worker, int64_t place, int64_t column, const float *score,
                      int64_t n, bool genuine);

/* Of several processes, each with all the scores, every one walks over its share in
 * scores_walk_share(), and what they count is added up. NULL: this one alone. Borrowed. */
struct Comm;
void scores_share(Scores *scores, struct Comm *comm);

/* The same walk for callers that must know which two rows a score belongs to; of scores_all_pairs()
 * only. The rows stand at places 0 .. scores_places() - 1, those of one label next to each other
 * and the labels ascending; scores_row() says which of the caller's rows is there,
 * scores_group_end() where the rows of its label end. */
int scores_walk_pairs(const Scores *scores, ScoreKinds kinds, Pool *pool, PairSink *sink, void *arg,
                      Err *err);
int64_t scores_places(const Scores *scores);
int64_t scores_row(const Scores *scores, int64_t place);
int64_t scores_group_end(const Scores *scores, int64_t place);

API_END

#endif

#include "verify/calibration_folds_internal.h"

#include <stdlib.h>

#include "base/rng_internal.h"

/* What a fold is made of, either the rows of all pairs or a list's. */
typedef struct Folds {
    const Comparison *comparison;
    IdentityPairs pairs;
    int8_t *fold; /* [identities] */
} Folds;

static Scores *among_rows(const Folds *folds, int fold, bool in, Err *err)
{
    const Comparison *c = folds->comparison;
    int64_t places = scores_places(c->scores), n = 0;
    int64_t *row = malloc(((size_t)places + 1) * sizeof *row);
    if (row == NULL) {
        err_memory(err, "rows", (size_t)places * sizeof *row);
        return NULL;
    }
    for (int64_t i = 0; i < places; i++)
        if ((folds->fold[folds->pairs.identity[i]] == fold) == in)
            row[n++] = scores_row(c->scores, i);
    Scores *scores = scores_pairs_among(&c->embeddings.rows, row, n, err);
    free(row);
    return scores;
}

static Scores *among_listed(const Folds *folds, int fold, bool in, Err *err)
{
    const IdentityPairsList *list = &folds->pairs.list;
    float *score = malloc(((size_t)list->n + 1) * sizeof *score);
    bool *same = malloc((size_t)list->n + 1);
    Scores *scores = NULL;
    int64_t n = 0;
    for (int64_t i = 0; score != NULL && same != NULL && i < list->n; i++) {
        const int32_t *identity = list->identity[i];
        if ((folds->fold[identity[0]] == fold) == in && (folds->fold[identity[1]] == fold) == in) {
            score[n] = list->score[i];
            same[n++] = list->same[i];
        }
    }
    if (score != NULL && same != NULL)
        scores = scores_listed(score, same, n, err);
    else
        err_memory(err, "pairs", (size_t)list->n * 5);
    free(score);
    free(same);
    return scores;
}

/* Of people in the fold, or of all others. */
static Scores *among(const Folds *folds, int fold, bool in, Err *err)
{
    return folds->pairs.scores != NULL ? among_rows(folds, fold, in, err)
                                       : among_listed(folds, fold, in, err);
}

static int measure_fold(CalibrationCost *cost, const Folds *folds, int fold, CalibrationRule rule,
                        Pool *pool, Err *err)
{
    Calibration calibration;
    Scores *others = among(folds, fold, false, err), *own = among(folds, fold, true, err);
    int rc = others != NULL && own != NULL ? 0 : -1;
    if (rc == 0 && scores_genuine(others) > 0 && scores_impostor(others) > 0) {
        rc = calibration_fit(&calibration, rule, others, folds->comparison->bound, pool, err);
        if (rc == 0)
            rc = calibration_cost(cost, &calibration, own, pool, err);
    }
    scores_free(others);
    scores_free(own);
    return rc;
}

int calibration_folds(CalibrationCost *cost, CalibrationRule rule, const Comparison *c,
                      int64_t seed, Pool *pool, Err *err)
{
    Folds folds = {.comparison = c};
    int32_t(*identity)[2] = NULL;
    int64_t identities;
    *cost = (CalibrationCost){0};
    if (c->given)
        return 0;
    int rc = comparison_identities(c, &identity, &identities, err);
    if (rc == 0)
        rc = comparison_identity_pairs(&folds.pairs, c, (const int32_t(*)[2])identity, identities,
                                       err);
    if (rc == 0 && (folds.fold = malloc((size_t)identities + 1)) == NULL)
        rc = err_memory(err, "identities", (size_t)identities);
    for (int64_t i = 0; rc == 0 && i < identities; i++)
        folds.fold[i] = (int8_t)(rng_permute((uint64_t)seed, 0, (uint64_t)identities, (uint64_t)i) %
                                 CALIBRATION_FOLDS);
    for (int fold = 0; rc == 0 && fold < CALIBRATION_FOLDS; fold++)
        rc = measure_fold(cost, &folds, fold, rule, pool, err);
    free(folds.fold);
    free(identity);
    identity_pairs_release(&folds.pairs);
    return rc;
}

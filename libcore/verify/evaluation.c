#include "verify/evaluation_internal.h"

#include <math.h>
#include <stdlib.h>

#include "scores/far_rank_internal.h"
#include "scores/kept_internal.h"

static const double validation_far = 1e-3; /* InsightFace's */

static Accuracy of_one_fold(const FoldAccuracy *fold)
{
    if (isnan(fold->accuracy))
        return (Accuracy){0, NAN, NAN};
    return (Accuracy){1, fold->accuracy, NAN};
}

/* InsightFace's validation rate, of all folds or of one. */
static int measure_validation(FoldResults *results, const FoldScores *scores, int only, Err *err)
{
    FoldValidation *fold = calloc((size_t)scores->folds, sizeof *fold);
    if (fold == NULL)
        return err_memory(err, "folds", (size_t)scores->folds * sizeof *fold);
    results->validation_far = validation_far;
    results->validation = insightface_validation(fold, scores, validation_far);
    if (only > 0) {
        const FoldValidation *one = &fold[only - 1];
        results->validation = (Validation){!isnan(one->rate), one->rate, NAN, one->far};
    }
    free(fold);
    return 0;
}

static int measure_folds(FoldResults *results, const Comparison *c, Err *err)
{
    const ListedScores *listed = &c->listed;
    FoldScores scores = {.n = listed->n,
                         .score = listed->score,
                         .same = listed->same,
                         .fold = listed->fold,
                         .folds = c->list.folds};
    if (c->list_name == NULL || scores.folds < 2)
        return 0;
    results->insightface_fold = calloc((size_t)scores.folds, sizeof(FoldAccuracy));
    results->facexzoo_fold = calloc((size_t)scores.folds, sizeof(FoldAccuracy));
    if (results->insightface_fold == NULL || results->facexzoo_fold == NULL)
        return err_memory(err, "folds", 2 * (size_t)scores.folds * sizeof(FoldAccuracy));
    results->folds = scores.folds;
    results->insightface = insightface_accuracy(results->insightface_fold, &scores);
    results->facexzoo = facexzoo_accuracy(results->facexzoo_fold, &scores);
    if (c->fold > 0) {
        results->insightface = of_one_fold(&results->insightface_fold[c->fold - 1]);
        results->facexzoo = of_one_fold(&results->facexzoo_fold[c->fold - 1]);
    }
    return measure_validation(results, &scores, c->fold, err);
}

/* The impostors at the further readings are asked for again. */
static void keep_impostors(Scores *scores, const EvaluationAsk *ask)
{
    double far = 0;
    for (int i = 0; i < EVALUATION_MORE; i++)
        far = fmax(far, ask->more_far[i]);
    if (far > 0)
        scores_keep(scores, far_rank_up(far, scores_impostor(scores)));
}

static int measure_roc(Evaluation *v, const EvaluationAsk *ask, Pool *pool, Err *err)
{
    const Scores *scores = v->comparison->scores;
    int64_t rank[ROC_CURVE_MAX];
    v->reading = calloc((size_t)ask->fars + EVALUATION_MORE, sizeof *v->reading);
    v->curve = calloc(ROC_CURVE_MAX, sizeof *v->curve);
    if (v->reading == NULL || v->curve == NULL)
        return err_memory(err, "the curve", ROC_CURVE_MAX * sizeof *v->curve);
    v->readings = ask->fars;
    for (int i = 0; i < ask->fars; i++)
        v->reading[i].far = ask->far[i];
    for (int i = 0; i < EVALUATION_MORE; i++)
        v->reading[ask->fars + i].far = ask->more_far[i];
    v->vertices = ask->curve ? roc_curve_ranks(rank, scores_impostor(scores)) : 0;
    RocQuery query = {ask->rule, ask->fars + EVALUATION_MORE, v->reading, v->vertices, rank,
                      v->curve};
    keep_impostors(v->comparison->scores, ask);
    return roc_query(&v->roc, &query, scores, pool, err);
}

int evaluation_measure(Evaluation *v, const EvaluationAsk *ask, const Comparison *c, Pool *pool,
                       Err *err)
{
    *v = (Evaluation){.comparison = c, .rule = ask->rule};
    if (scores_impostor(c->scores) + scores_genuine(c->scores) == 0)
        return err_set(err, "%s: no pairs to compare", c->input);
    return measure_folds(&v->folds, c, err) == 0 ? measure_roc(v, ask, pool, err) : -1;
}

void evaluation_release(Evaluation *v)
{
    free(v->reading);
    free(v->curve);
    free(v->folds.insightface_fold);
    free(v->folds.facexzoo_fold);
    *v = (Evaluation){0};
}

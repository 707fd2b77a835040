#include "verify/uncertainty_internal.h"

#include <math.h>
#include <stdlib.h>

#include "verify/bootstrap_internal.h"

enum { RULES = 2, STREAMS = 2 };

struct Uncertainty {
    Resample resample;
    int64_t seed;
    int32_t (*identity)[2]; /* of the pairs of a list */
    int streams;
    const Evaluation *of[STREAMS];
    Bootstrap roc[STREAMS];
    double *accuracy[STREAMS]; /* [RULES,n] by InsightFace's and FaceX-Zoo's; NULL without folds */
};

Uncertainty *uncertainty_new(const Comparison *comparison, int64_t draws, int64_t seed, Err *err)
{
    int64_t identities;
    Uncertainty *u = calloc(1, sizeof *u);
    if (u == NULL) {
        err_memory(err, "resamples", sizeof *u);
        return NULL;
    }
    u->seed = seed;
    if (comparison_identities(comparison, &u->identity, &identities, err) == 0 &&
        resample_init(&u->resample, identities, draws, (uint64_t)seed, err) == 0)
        return u;
    uncertainty_free(u);
    return NULL;
}

void uncertainty_free(Uncertainty *u)
{
    if (u == NULL)
        return;
    resample_release(&u->resample);
    for (int i = 0; i < STREAMS; i++) {
        bootstrap_release(&u->roc[i]);
        free(u->accuracy[i]);
    }
    free(u->identity);
    free(u);
}

/* The accuracy of every resample. */
typedef struct AccuracyWork {
    const Uncertainty *uncertainty;
    const ListedScores *listed;
    int folds;
    double *accuracy;   /* [RULES,n] */
    uint32_t *weight;   /* [workers,listed->n] */
    FoldAccuracy *fold; /* [workers,folds] */
} AccuracyWork;

static void measure_resample(void *arg, int64_t r, int worker)
{
    const AccuracyWork *work = arg;
    const ListedScores *listed = work->listed;
    const Resample *resample = &work->uncertainty->resample;
    uint32_t *weight = work->weight + worker * listed->n;
    FoldAccuracy *fold = work->fold + (int64_t)worker * work->folds;
    for (int64_t i = 0; i < listed->n; i++) {
        const int32_t *identity = work->uncertainty->identity[i];
        uint32_t a = resample->weight[(int64_t)identity[0] * resample->lanes + r];
        uint32_t b = resample->weight[(int64_t)identity[1] * resample->lanes + r];
        weight[i] = listed->same[i] ? a : a * b;
    }
    FoldScores scores = {.n = listed->n,
                         .score = listed->score,
                         .same = listed->same,
                         .fold = listed->fold,
                         .folds = work->folds,
                         .weight = weight};
    work->accuracy[r] = insightface_accuracy(fold, &scores).mean;
    work->accuracy[resample->n + r] = facexzoo_accuracy(fold, &scores).mean;
}

static int add_accuracy(Uncertainty *u, const Evaluation *v, Pool *pool, Err *err)
{
    const ListedScores *listed = &v->comparison->listed;
    size_t workers = (size_t)pool_threads(pool), n = (size_t)listed->n;
    AccuracyWork work = {.uncertainty = u,
                         .listed = listed,
                         .folds = v->folds.folds,
                         .accuracy = malloc(RULES * (size_t)u->resample.n * sizeof(double)),
                         .weight = malloc((workers * n + 1) * sizeof(uint32_t)),
                         .fold = malloc(workers * (size_t)v->folds.folds * sizeof(FoldAccuracy))};
    int rc = work.accuracy && work.weight && work.fold
                 ? 0
                 : err_memory(err, "resamples", workers * n * sizeof(uint32_t));
    if (rc == 0)
        pool_run(pool, u->resample.n, measure_resample, &work);
    u->accuracy[u->streams] = work.accuracy;
    free(work.weight);
    free(work.fold);
    return rc;
}

int uncertainty_add(Uncertainty *u, const Evaluation *v, Pool *pool, Err *err)
{
    IdentityPairs pairs = {0};
    double *far = malloc(((size_t)v->readings + 1) * sizeof *far);
    BootstrapAsk ask = {.rule = v->rule,
                        .far = far,
                        .curve = v->curve,
                        .vertices = v->vertices,
                        .band = u->streams == 0};
    int rc = far != NULL ? 0 : err_memory(err, "FARs", (size_t)v->readings * sizeof *far);
    for (int i = 0; rc == 0 && i < v->readings; i++)
        if (v->reading[i].rank > 0)
            far[ask.fars++] = v->reading[i].far;
    if (rc == 0)
        rc = comparison_identity_pairs(&pairs, v->comparison, (const int32_t(*)[2])u->identity,
                                       u->resample.identities, err);
    if (rc == 0)
        rc = bootstrap_measure(&u->roc[u->streams], &ask, &pairs, &u->resample, pool, err);
    if (rc == 0 && v->folds.folds > 0)
        rc = add_accuracy(u, v, pool, err);
    u->of[u->streams++] = v;
    identity_pairs_release(&pairs);
    free(far);
    return rc;
}

/* The figure whose resamples are value[n] and, of the other stream, other[n]; NULL for none. The
 * 0th of each is what was measured. They are overwritten. */
static void fill(const Uncertainty *u, UncertainFigure *figure, double *value, double *other)
{
    int n = u->resample.n - 1;
    double *difference = other;
    const Interval none = {NAN, NAN, 0};
    figure->value = value != NULL ? value[0] : NAN;
    figure->other = other != NULL ? other[0] : NAN;
    for (int r = 1; difference != NULL && value != NULL && r <= n; r++)
        difference[r] = value[r] - other[r];
    figure->interval = value != NULL ? interval_of(value + 1, n) : none;
    figure->difference = difference != NULL && value ? interval_of(difference + 1, n) : none;
}

static void fill_all(const Uncertainty *u, UncertainFigure *figure)
{
    static const char *const rule[RULES] = {"insightface", "facexzoo"};
    const Evaluation *v = u->of[0];
    bool other = u->streams > 1;
    int n = u->resample.n, measured = 0;
    for (int i = 0; i < v->readings; i++, figure++) {
        bool known = v->reading[i].rank > 0;
        int64_t at = (int64_t)measured * n;
        *figure = (UncertainFigure){
            .measure = "tar", .convention = roc_rule_name(v->rule), .at = v->reading[i].far};
        fill(u, figure, known ? u->roc[0].tar + at : NULL,
             known && other ? u->roc[1].tar + at : NULL);
        measured += known;
    }
    *figure = (UncertainFigure){.measure = "eer", .convention = "interpolated", .at = NAN};
    fill(u, figure++, u->roc[0].eer, other ? u->roc[1].eer : NULL);
    for (int k = 0; v->folds.folds > 0 && k < RULES; k++, figure++) {
        *figure = (UncertainFigure){.measure = "accuracy", .convention = rule[k], .at = NAN};
        fill(u, figure, u->accuracy[0] + (int64_t)k * n,
             other ? u->accuracy[1] + (int64_t)k * n : NULL);
    }
}

int uncertainty_intervals(Intervals *intervals, Uncertainty *u, Err *err)
{
    const Evaluation *v = u->of[0];
    int n = u->resample.n;
    *intervals = (Intervals){.resamples = n - 1,
                             .identities = u->resample.identities,
                             .seed = u->seed,
                             .figures = v->readings + 1 + (v->folds.folds > 0 ? RULES : 0),
                             .versus = u->streams > 1 ? u->of[1]->comparison->input : NULL};
    intervals->figure = calloc((size_t)intervals->figures, sizeof *intervals->figure);
    if (intervals->figure == NULL)
        return err_memory(err, "intervals", (size_t)intervals->figures * sizeof *intervals->figure);
    fill_all(u, intervals->figure);
    return 0;
}

void uncertainty_band(Interval *band, Uncertainty *u)
{
    int n = u->resample.n;
    for (int i = 0; i < u->of[0]->vertices; i++)
        band[i] = interval_of(u->roc[0].band + (int64_t)i * n + 1, n - 1);
}

void intervals_release(Intervals *intervals)
{
    free(intervals->figure);
    *intervals = (Intervals){0};
}

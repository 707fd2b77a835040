#include "eval-roc/uncertain.h"

#include <math.h>
#include <stdlib.h>

enum { RULES = 2 };

int uncertain_begin(Uncertain *u, const Compared *compared, int64_t draws, int64_t seed, Err *err)
{
    int64_t identities;
    *u = (Uncertain){.intervals = {.resamples = draws, .seed = seed}};
    if (compared_identities(compared, &u->identity, &identities, err) != 0)
        return -1;
    u->intervals.identities = identities;
    return resample_init(&u->resample, identities, draws, (uint64_t)seed, err);
}

/* The accuracy of every resample. */
typedef struct Folding {
    const Uncertain *uncertain;
    const Listed *listed;
    double *accuracy;   /* [RULES,n] */
    uint32_t *weight;   /* [workers,listed->n] */
    FoldAccuracy *fold; /* [workers,folds] */
} Folding;

static void fold_resample(void *arg, int64_t r, int worker)
{
    const Folding *folding = arg;
    const Listed *listed = folding->listed;
    const Resample *resample = &folding->uncertain->resample;
    uint32_t *weight = folding->weight + worker * listed->n;
    FoldAccuracy *fold = folding->fold + (int64_t)worker * listed->list.folds;
    for (int64_t i = 0; i < listed->n; i++) {
        const int32_t *identity = folding->uncertain->identity[i];
        uint32_t a = resample->weight[(int64_t)identity[0] * resample->lanes + r];
        uint32_t b = resample->weight[(int64_t)identity[1] * resample->lanes + r];
        weight[i] = listed->same[i] ? a : a * b;
    }
    FoldScores scores = {.n = listed->n,
                         .score = listed->score,
                         .same = listed->same,
                         .fold = listed->fold,
                         .folds = listed->list.folds,
                         .weight = weight};
    folding->accuracy[r] = insightface_accuracy(fold, &scores).mean;
    folding->accuracy[resample->n + r] = facexzoo_accuracy(fold, &scores).mean;
}

static int add_accuracy(Uncertain *u, int stream, const Compared *compared, Pool *pool, Err *err)
{
    const Listed *listed = &compared->listed;
    size_t workers = (size_t)pool_threads(pool), n = (size_t)listed->n;
    u->accuracy[stream] = malloc(RULES * (size_t)u->resample.n * sizeof(double));
    Folding folding = {.uncertain = u,
                       .listed = listed,
                       .accuracy = u->accuracy[stream],
                       .weight = malloc((workers * n + 1) * sizeof(uint32_t)),
                       .fold = malloc(workers * (size_t)listed->list.folds * sizeof(FoldAccuracy))};
    int rc = folding.accuracy && folding.weight && folding.fold
                 ? 0
                 : err_memory(err, "resamples", workers * n * sizeof(uint32_t));
    if (rc == 0)
        pool_run(pool, u->resample.n, fold_resample, &folding);
    free(folding.weight);
    free(folding.fold);
    return rc;
}

int uncertain_add(Uncertain *u, int stream, const Compared *compared, const Report *report,
                  const RocVertex *vertex, int n, Pool *pool, Err *err)
{
    const Listed *listed = &compared->listed;
    IdentityPairs pairs = {
        .list = {listed->n, listed->score, listed->same, (const int32_t(*)[2])u->identity},
        .identities = u->resample.identities};
    double *far = malloc(((size_t)report->points + 1) * sizeof *far);
    BootstrapAsk ask = {
        .rule = report->rule, .far = far, .curve = vertex, .vertices = n, .band = stream == 0};
    int rc = far != NULL ? 0 : err_memory(err, "FARs", (size_t)report->points * sizeof *far);
    for (int i = 0; rc == 0 && i < report->points; i++)
        if (report->point[i].rank > 0)
            far[ask.fars++] = report->point[i].far;
    if (rc == 0 && u->identity == NULL)
        rc = identity_pairs_init(&pairs, compared->scores, err);
    if (rc == 0)
        rc = bootstrap_measure(&u->roc[stream], &ask, &pairs, &u->resample, pool, err);
    if (rc == 0 && report->folds > 0)
        rc = add_accuracy(u, stream, compared, pool, err);
    identity_pairs_release(&pairs);
    free(far);
    return rc;
}

/* The figure whose resamples are value[n] and, of the other stream, other[n]; NULL for none. The
 * 0th of each is what was measured. They are overwritten. */
static void fill(const Uncertain *u, Figure *figure, double *value, double *other)
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

int uncertain_report(Uncertain *u, Report *report, const Report *other, Err *err)
{
    static const char *const rule[RULES] = {"insightface", "facexzoo"};
    Intervals *intervals = &u->intervals;
    int n = u->resample.n, measured = 0;
    intervals->versus = other != NULL ? other->input : NULL;
    intervals->figure = calloc((size_t)report->points + 1 + RULES, sizeof(Figure));
    if (intervals->figure == NULL)
        return err_memory(err, "intervals", (size_t)report->points * sizeof(Figure));
    for (int i = 0; i < report->points; i++) {
        bool known = report->point[i].rank > 0;
        int64_t at = (int64_t)measured * n;
        intervals->figure[i] = (Figure){.measure = "tar",
                                        .convention = roc_rule_name(report->rule),
                                        .at = report->point[i].far};
        fill(u, &intervals->figure[i], known ? u->roc[0].tar + at : NULL,
             known && other ? u->roc[1].tar + at : NULL);
        measured += known;
    }
    Figure *figure = &intervals->figure[report->points];
    *figure = (Figure){.measure = "eer", .convention = "interpolated", .at = NAN};
    fill(u, figure, u->roc[0].eer, other ? u->roc[1].eer : NULL);
    for (int k = 0; report->folds > 0 && k < RULES; k++) {
        figure[1 + k] = (Figure){.measure = "accuracy", .convention = rule[k], .at = NAN};
        fill(u, &figure[1 + k], u->accuracy[0] + (int64_t)k * n,
             other ? u->accuracy[1] + (int64_t)k * n : NULL);
    }
    intervals->figures = report->points + 1 + (report->folds > 0 ? RULES : 0);
    report->intervals = intervals;
    return 0;
}

void uncertain_band(Interval *band, const Uncertain *u, int n)
{
    for (int i = 0; i < n; i++)
        band[i] = interval_of(u->roc[0].band + (int64_t)i * u->resample.n + 1, u->resample.n - 1);
}

void uncertain_free(Uncertain *u)
{
    resample_release(&u->resample);
    for (int i = 0; i < 2; i++) {
        bootstrap_release(&u->roc[i]);
        free(u->accuracy[i]);
    }
    free(u->identity);
    free(u->intervals.figure);
    *u = (Uncertain){0};
}

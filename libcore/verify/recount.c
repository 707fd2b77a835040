#include "verify/recount_internal.h"

#include <cblas.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/sort_internal.h"
#include "scores/far_rank_internal.h"

enum { MOST_NEAR = 1 << 23 }; /* impostors at one threshold that a worker keeps */

typedef struct Pair {
    float score;
    double exact;
} Pair;

/* What a worker counts at a point. */
typedef struct Near {
    int64_t at_least, above; /* impostors in float, by the vertex's threshold */
    int64_t beyond;          /* in double, above it by more than the bound */
    double *exact;           /* [n], in double, nearer to it */
    int64_t n, room;
} Near;

typedef struct Worker {
    Near near[RECOUNT_POINTS];
    double largest;
    double *exact; /* [places], scores in double */
    bool full;
} Worker;

typedef struct Work {
    const Scores *scores;
    int64_t d;
    double *unit; /* [places,d] */
    double bound;
    const RecountPoint *point;
    int points;
    Pair *genuine;
    _Atomic int64_t genuine_seen;
    Worker *worker;
} Work;

static void keep_near(Worker *worker, Near *near, double exact)
{
    if (near->n == near->room &&
        (near->n >= MOST_NEAR || !array_fit(near->exact, near->room, near->n + 1))) {
        worker->full = true;
        return;
    }
    near->exact[near->n++] = exact;
}

static void count_impostors(const Work *work, Worker *worker, int p, const float *score, int64_t n)
{
    Near *near = &worker->near[p];
    float threshold = work->point[p].vertex.threshold;
    double low = (double)threshold - work->bound, high = (double)threshold + work->bound;
    for (int64_t i = 0; i < n; i++) {
        double exact = worker->exact[i];
        near->at_least += score[i] >= threshold;
        near->above += score[i] > threshold;
        near->beyond += exact > high;
        if (exact >= low && exact <= high)
            keep_near(worker, near, exact);
    }
}

static void take_scores(void *arg, int index, int64_t place, int64_t column, const float *score,
                        int64_t n, bool genuine)
{
    Work *work = arg;
    Worker *worker = &work->worker[index];
    int64_t d = work->d;
    cblas_dgemv(CblasRowMajor, CblasNoTrans, (blasint)n, (blasint)d, 1, work->unit + column * d,
                (blasint)d, work->unit + place * d, 1, 0, worker->exact, 1);
    for (int64_t i = 0; i < n; i++)
        worker->largest = fmax(worker->largest, fabs((double)score[i] - worker->exact[i]));
    if (genuine) {
        Pair *pair = work->genuine + atomic_fetch_add(&work->genuine_seen, n);
        for (int64_t i = 0; i < n; i++)
            pair[i] = (Pair){score[i], worker->exact[i]};
    } else {
        for (int p = 0; p < work->points; p++)
            count_impostors(work, worker, p, score, n);
    }
}

/* The rows in the order of their places, of length one in double precision. */
static void make_unit(Work *work, const EmbeddingRows *rows)
{
    int64_t d = work->d;
    for (int64_t place = 0; place < scores_places(work->scores); place++) {
        const float *x = rows->embedding + scores_row(work->scores, place) * d;
        double squares = 0, *unit = work->unit + place * d;
        for (int64_t k = 0; k < d; k++)
            squares += (double)x[k] * x[k];
        for (int64_t k = 0; k < d; k++)
            unit[k] = x[k] / sqrt(squares);
    }
}

static int work_init(Work *work, const EmbeddingRows *rows, int workers, Err *err)
{
    size_t places = (size_t)scores_places(work->scores);
    size_t genuine = (size_t)scores_genuine(work->scores);
    work->unit = malloc((places * (size_t)rows->d + 1) * sizeof(double));
    work->genuine = malloc((genuine + 1) * sizeof *work->genuine);
    work->worker = calloc((size_t)workers, sizeof *work->worker);
    bool got = work->unit != NULL && work->genuine != NULL && work->worker != NULL;
    for (int i = 0; got && i < workers; i++) {
        work->worker[i].exact = malloc((places + 1) * sizeof(double));
        got = work->worker[i].exact != NULL;
    }
    if (!got)
        return err_memory(err, "embeddings in double precision",
                          places * (size_t)rows->d * sizeof(double));
    make_unit(work, rows);
    return 0;
}

static void work_release(Work *work, int workers)
{
    for (int i = 0; work->worker != NULL && i < workers; i++) {
        free(work->worker[i].exact);
        for (int p = 0; p < work->points; p++)
            free(work->worker[i].near[p].exact);
    }
    free(work->worker);
    free(work->genuine);
    free(work->unit);
}

static int compare_down(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* The workers' counts of a point in those of the first. */
static int join(Work *work, int p, int workers, Err *err)
{
    Near *all = &work->worker[0].near[p];
    int64_t n = all->n;
    for (int i = 1; i < workers; i++)
        n += work->worker[i].near[p].n;
    if (array_reserve(all->exact, all->room, n, "scores near a threshold", err) != 0)
        return -1;
    double *exact = all->exact;
    for (int i = 1; i < workers; i++) {
        const Near *near = &work->worker[i].near[p];
        if (near->n > 0)
            memcpy(exact + all->n, near->exact, (size_t)near->n * sizeof *exact);
        all->n += near->n;
        all->at_least += near->at_least;
        all->above += near->above;
        all->beyond += near->beyond;
    }
    sort_array(exact, (size_t)n, sizeof *exact, compare_down);
    return 0;
}

static void judge(RecountPoint *point, const Work *work, int p, double reach)
{
    const Near *near = &work->worker[0].near[p];
    const RocVertex *v = &point->vertex;
    int64_t place = point->rank - 1 - near->beyond, at_least = 0, above = 0;
    point->threshold = place >= 0 && place < near->n ? near->exact[place] : NAN;
    for (int64_t i = 0; i < scores_genuine(work->scores); i++) {
        Pair pair = work->genuine[i];
        bool moved = (pair.score >= v->threshold) != (pair.exact >= point->threshold);
        at_least += pair.score >= v->threshold;
        above += pair.score > v->threshold;
        point->genuine += pair.exact >= point->threshold;
        point->moved += moved;
        point->near += moved && fabs(pair.exact - point->threshold) <= reach;
    }
    point->counted = near->at_least == v->impostor_at_least && near->above == v->impostor_above &&
                     at_least == v->genuine_at_least && above == v->genuine_above;
}

static int conclude(Recount *recount, Work *work, int workers, Err *err)
{
    RecountPoint *point = recount->point;
    for (int i = 0; i < workers; i++) {
        recount->largest = fmax(recount->largest, work->worker[i].largest);
        if (work->worker[i].full)
            return err_set(err, "more scores are equal to a threshold than can be checked");
    }
    recount->agrees = recount->largest <= recount->bound;
    for (int p = 0; p < work->points; p++) {
        if (join(work, p, workers, err) != 0)
            return -1;
        judge(&point[p], work, p, 2 * recount->largest);
        double apart = fabs(point[p].threshold - (double)point[p].vertex.threshold);
        recount->agrees = recount->agrees && point[p].counted && apart <= recount->largest &&
                          point[p].near == point[p].moved;
    }
    return 0;
}

/* The measurement: a vertex for each FAR that can be measured. */
static int measure(Recount *recount, const double *far, int n, const Scores *scores, Pool *pool,
                   Err *err)
{
    RocVertex vertex[RECOUNT_POINTS];
    int64_t rank[RECOUNT_POINTS];
    for (int i = 0; i < n && recount->points < RECOUNT_POINTS; i++) {
        rank[recount->points] = far_rank(far[i], scores_impostor(scores));
        recount->point[recount->points].far = far[i];
        recount->points += rank[recount->points] > 0;
    }
    if (recount->points == 0 || scores_genuine(scores) == 0)
        return err_set(err, "nothing to check: no FAR can be measured");
    if (roc_measure(&recount->roc, vertex, rank, recount->points, scores, pool, err) != 0)
        return -1;
    for (int i = 0; i < recount->points; i++) {
        recount->point[i].rank = rank[i];
        recount->point[i].vertex = vertex[i];
    }
    return 0;
}

int recount_measure(Recount *recount, const double *far, int n, const Scores *scores,
                    const EmbeddingRows *rows, Pool *pool, Err *err)
{
    int workers = pool_threads(pool);
    /* In units of 2^-24, the most that rounding a number below 2 to float costs: rounding both
     * embeddings moves their cosine by up to 2, as the sum of |x y| is at most 1. Summing d
     * products in float costs up to d, with independent errors about sqrt(d) (Higham and Mary, SIAM
     * J. Sci. Comput. 41(5), 2019). That leaves 6 for the tail, most of it where d is small. */
    *recount = (Recount){.bound = (sqrt((double)rows->d) + 8) * 0x1p-24};
    if (measure(recount, far, n, scores, pool, err) != 0)
        return -1;
    Work work = {.scores = scores,
                 .d = rows->d,
                 .bound = recount->bound,
                 .point = recount->point,
                 .points = recount->points};
    if (scores_places(scores) > RECOUNT_ROWS)
        return err_set(err,
                       "%lld rows are more than the %d that can be checked in double precision",
                       (long long)scores_places(scores), RECOUNT_ROWS);
    int rc = work_init(&work, rows, workers, err);
    if (rc == 0)
        rc = scores_walk_pairs(scores, SCORES_ALL, pool, take_scores, &work, err);
    if (rc == 0)
        rc = conclude(recount, &work, workers, err);
    work_release(&work, workers);
    return rc;
}

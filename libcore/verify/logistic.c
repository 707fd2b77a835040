#include "verify/logistic_internal.h"

#include <math.h>
#include <stdlib.h>

#include "verify/exact_sum_internal.h"

/* Newton's method, first on scores counted in bins, whose middles stand for them, then on the
 * scores themselves, where a step or two is left to go. */
enum { BINS = 1 << 15, MOST_STEPS = 100, SUMS = 7 };
static const double enough = 1e-9; /* of a step; the next would be its square */

/* Over the scores s of a kind, from -1 for the lowest of all to 1 for the highest: the predicted p,
 * with weights h = p (1 - p), and the cross-entropy's ln(1 + exp x). */
typedef enum SumOf { P, P_S, H, H_S, H_SS, SOFTPLUS, S } SumOf;

typedef struct Sums {
    double of[2][SUMS];
} Sums;

typedef struct Fit {
    const Scores *scores;
    double middle, scale, pairs[2], target[2];
    double slope, offset;     /* of (score - middle) * scale */
    int64_t *bin;             /* [workers,2,BINS]; once they are joined [2,BINS] */
    ExactSum (*sum)[2][SUMS]; /* [workers] */
    float (*range)[2];        /* [workers] the lowest score, the highest */
    Pool *pool;
} Fit;

static double place(const Fit *f, float score)
{
    return ((double)score - f->middle) * f->scale;
}

static void terms(double term[SUMS], const Fit *f, double s)
{
    double x = f->slope * s + f->offset, e = exp(-fabs(x));
    double p = x > 0 ? 1 / (1 + e) : e / (1 + e), h = e / ((1 + e) * (1 + e));
    term[P] = p;
    term[P_S] = p * s;
    term[H] = h;
    term[H_S] = h * s;
    term[H_SS] = h * s * s;
    term[SOFTPLUS] = fmin((x > 0 ? x : 0) + log1p(e), 1 << 20);
    term[S] = s;
}

static void find_range(void *arg, int worker, const float *score, int64_t n, bool genuine)
{
    float *range = ((const Fit *)arg)->range[worker];
    (void)genuine;
    for (int64_t i = 0; i < n; i++) {
        range[0] = fminf(range[0], score[i]);
        range[1] = fmaxf(range[1], score[i]);
    }
}

/* False where all scores are equal. */
static bool spread_out(Fit *f)
{
    double low = (double)f->range[0][0], high = (double)f->range[0][1];
    for (int w = 1; w < pool_threads(f->pool); w++) {
        low = fmin(low, (double)f->range[w][0]);
        high = fmax(high, (double)f->range[w][1]);
    }
    f->middle = (low + high) / 2;
    f->scale = low < high ? 2 / (high - low) : 0;
    return low < high;
}

static void count_bins(void *arg, int worker, const float *score, int64_t n, bool genuine)
{
    const Fit *f = arg;
    int64_t *bin = f->bin + (2 * (int64_t)worker + genuine) * BINS;
    for (int64_t i = 0; i < n; i++) {
        int k = (int)((place(f, score[i]) + 1) / 2 * BINS);
        bin[k < 0 ? 0 : k < BINS ? k : BINS - 1]++;
    }
}

static int sum_bins(Sums *sums, Fit *f, Err *err)
{
    (void)err;
    *sums = (Sums){0};
    for (int kind = 0; kind < 2; kind++)
        for (int k = 0; k < BINS; k++) {
            double term[SUMS], n = (double)f->bin[kind * BINS + k];
            if (n == 0)
                continue;
            terms(term, f, (2 * (double)k + 1) / BINS - 1);
            for (int i = 0; i < SUMS; i++)
                sums->of[kind][i] += n * term[i];
        }
    return 0;
}

static void add_terms(void *arg, int worker, const float *score, int64_t n, bool genuine)
{
    const Fit *f = arg;
    double term[SUMS];
    for (int64_t i = 0; i < n; i++) {
        terms(term, f, place(f, score[i]));
        for (int k = 0; k < SUMS; k++)
            exact_sum_add_real(&f->sum[worker][genuine][k], term[k]);
    }
}

static int sum_scores(Sums *sums, Fit *f, Err *err)
{
    int workers = pool_threads(f->pool);
    for (int w = 0; w < workers; w++)
        for (int i = 0; i < 2 * SUMS; i++)
            f->sum[w][i / SUMS][i % SUMS] = (ExactSum){0};
    if (scores_walk(f->scores, SCORES_ALL, f->pool, add_terms, f, err) != 0)
        return -1;
    for (int i = 0; i < 2 * SUMS; i++) {
        ExactSum all = {0};
        for (int w = 0; w < workers; w++)
            exact_sum_join(&all, f->sum[w][i / SUMS][i % SUMS]);
        sums->of[i / SUMS][i % SUMS] = exact_sum_real(all);
    }
    return 0;
}

/* The mean cross-entropy of both kinds. */
static double loss(const Fit *f, const Sums *sums)
{
    double sum = 0;
    for (int kind = 0; kind < 2; kind++) {
        const double *of = sums->of[kind];
        double x = f->slope * of[S] + f->offset * f->pairs[kind];
        sum += (of[SOFTPLUS] - f->target[kind] * x) / f->pairs[kind];
    }
    return sum / 2;
}

/* The step to the least value of the parabola. */
static void newton(double step[2], const Fit *f, const Sums *sums)
{
    double g[2] = {0}, h[3] = {0};
    for (int kind = 0; kind < 2; kind++) {
        const double *of = sums->of[kind], n = f->pairs[kind];
        g[0] += (of[P_S] - f->target[kind] * of[S]) / n;
        g[1] += of[P] / n - f->target[kind];
        h[0] += of[H_SS] / n;
        h[1] += of[H_S] / n;
        h[2] += of[H] / n;
    }
    double det = h[0] * h[2] - h[1] * h[1];
    bool both = det > 1e-12 * h[0] * h[2];
    step[0] = both ? -(h[2] * g[0] - h[1] * g[1]) / det : 0;
    step[1] = both ? -(h[0] * g[1] - h[1] * g[0]) / det : -g[1] / h[2];
}

typedef int SumUp(Sums *sums, Fit *f, Err *err);

/* Steps are halved until they go down. */
static int descend(Fit *f, SumUp *sum_up, Err *err)
{
    Sums sums;
    double step[2], before = INFINITY;
    if (sum_up(&sums, f, err) != 0)
        return -1;
    before = loss(f, &sums);
    for (int k = 0; k < MOST_STEPS; k++) {
        newton(step, f, &sums);
        double size =
            fmax(fabs(step[0]) / (1 + fabs(f->slope)), fabs(step[1]) / (1 + fabs(f->offset)));
        f->slope += step[0];
        f->offset += step[1];
        if (size < enough)
            break;
        if (sum_up(&sums, f, err) != 0)
            return -1;
        for (double now; (now = loss(f, &sums)) > before + 1e-12 && size > enough; size /= 2) {
            step[0] /= 2;
            step[1] /= 2;
            f->slope -= step[0];
            f->offset -= step[1];
            if (sum_up(&sums, f, err) != 0)
                return -1;
        }
        before = loss(f, &sums);
    }
    return 0;
}

static int fit(Fit *f, Err *err)
{
    int workers = pool_threads(f->pool);
    for (int w = 0; w < workers; w++) {
        f->range[w][0] = INFINITY;
        f->range[w][1] = -INFINITY;
    }
    if (scores_walk(f->scores, SCORES_ALL, f->pool, find_range, f, err) != 0)
        return -1;
    if (!spread_out(f))
        return 0;
    if (scores_walk(f->scores, SCORES_ALL, f->pool, count_bins, f, err) != 0)
        return -1;
    for (int64_t i = 2 * BINS; i < 2 * BINS * (int64_t)workers; i++)
        f->bin[i % (2 * BINS)] += f->bin[i];
    return descend(f, sum_bins, err) != 0 ? -1 : descend(f, sum_scores, err);
}

int logistic_fit(double *slope, double *offset, const Scores *scores, Pool *pool, Err *err)
{
    size_t workers = (size_t)pool_threads(pool);
    double genuine = (double)scores_genuine(scores), impostor = (double)scores_impostor(scores);
    Fit f = {.scores = scores,
             .pairs = {impostor, genuine},
             .target = {1 / (impostor + 2), (genuine + 1) / (genuine + 2)},
             .bin = calloc(workers * 2 * BINS, sizeof *f.bin),
             .sum = calloc(workers, sizeof *f.sum),
             .range = malloc(workers * sizeof *f.range),
             .pool = pool};
    int rc = f.bin != NULL && f.sum != NULL && f.range != NULL
                 ? fit(&f, err)
                 : err_memory(err, "bins", workers * 2 * BINS * sizeof *f.bin);
    free(f.bin);
    free(f.sum);
    free(f.range);
    *slope = f.slope * f.scale;
    *offset = f.offset - *slope * f.middle;
    if (rc == 0 && !(*slope > 0 && isfinite(*slope) && isfinite(*offset)))
        return err_set(err, "genuine scores are not higher than those of impostors: nothing to "
                            "calibrate");
    return rc;
}

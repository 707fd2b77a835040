#include "verify/separation_internal.h"

#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "scores/score_key_internal.h"
#include "verify/exact_sum_internal.h"

typedef struct Sums {
    ExactSum score, square; /* of numbers of the bound */
} Sums;

typedef struct Gather {
    double scale;
    Sums (*sums)[2]; /* [workers] of impostors, of genuine scores */
    uint32_t *key;   /* of genuine scores; once they are sorted those of the levels */
    int64_t levels;
    _Atomic int64_t found;
    _Atomic int64_t *between; /* [levels + 1] impostors below level 0, below level 1 ... */
} Gather;

static void add_up(Gather *g, int worker, const float *score, int64_t n, bool genuine)
{
    Sums *sums = &g->sums[worker][genuine];
    for (int64_t i = 0; i < n; i++) {
        double x = (double)score[i] * g->scale;
        exact_sum_add_unit(&sums->score, x);
        exact_sum_add_unit(&sums->square, x * x);
    }
}

static void take_genuine(void *arg, int worker, const float *score, int64_t n, bool genuine)
{
    Gather *g = arg;
    int64_t at = atomic_fetch_add(&g->found, n);
    for (int64_t i = 0; i < n; i++)
        g->key[at + i] = score_key(score[i]);
    add_up(g, worker, score, n, genuine);
}

static void take_impostors(void *arg, int worker, const float *score, int64_t n, bool genuine)
{
    Gather *g = arg;
    int64_t lowest = 0; /* most impostors lie below all genuine scores */
    for (int64_t i = 0; i < n; i++) {
        uint32_t key = score_key(score[i]);
        if (g->levels == 0 || key < g->key[0])
            lowest++;
        else
            atomic_fetch_add_explicit(&g->between[score_keys_less(g->key, g->levels, key + 1)], 1,
                                      memory_order_relaxed);
    }
    atomic_fetch_add_explicit(&g->between[0], lowest, memory_order_relaxed);
    add_up(g, worker, score, n, genuine);
}

/* The levels from all genuine scores; g->key keeps those of the levels only. */
static int find_levels(Separation *s, Gather *g, Err *err)
{
    int64_t n = s->genuine;
    uint32_t *scratch = malloc(((size_t)n + 1) * sizeof *scratch);
    s->score = malloc(((size_t)n + 1) * sizeof *s->score);
    s->genuine_below = calloc((size_t)n + 1, sizeof *s->genuine_below);
    if (scratch == NULL || s->score == NULL || s->genuine_below == NULL) {
        free(scratch);
        return err_memory(err, "genuine scores", (size_t)n * sizeof(int64_t));
    }
    score_keys_sort(g->key, scratch, n);
    free(scratch);
    for (int64_t i = 0; i < n; i++)
        if (i == 0 || g->key[i] != g->key[g->levels - 1]) {
            s->score[g->levels] = score_of_key(g->key[i]);
            s->genuine_below[g->levels] = i;
            g->key[g->levels++] = g->key[i];
        }
    s->genuine_below[g->levels] = n;
    s->levels = g->levels;
    return 0;
}

static int count_impostors(Separation *s, Gather *g, const Scores *scores, Pool *pool, Err *err)
{
    size_t n = (size_t)s->levels + 1;
    s->impostor_from = calloc(n, sizeof *s->impostor_from);
    g->between = calloc(n, sizeof *g->between);
    if (s->impostor_from == NULL || g->between == NULL)
        return err_memory(err, "genuine scores", n * sizeof(int64_t));
    if (scores_walk(scores, SCORES_IMPOSTOR, pool, take_impostors, g, err) != 0)
        return -1;
    for (int64_t i = s->levels - 1; i >= 0; i--)
        s->impostor_from[i] = s->impostor_from[i + 1] + g->between[i + 1];
    return 0;
}

static void find_moments(Separation *s, Gather *g, int workers)
{
    for (int kind = 0; kind < 2; kind++) {
        double n = (double)(kind == 0 ? s->impostor : s->genuine);
        Sums all = {0};
        for (int w = 0; w < workers; w++) {
            exact_sum_join(&all.score, g->sums[w][kind].score);
            exact_sum_join(&all.square, g->sums[w][kind].square);
        }
        double mean = exact_sum_unit(all.score) / n;
        double square = exact_sum_unit(all.square) / n;
        s->mean[kind] = n > 0 ? mean / g->scale : NAN;
        s->spread[kind] = n > 0 ? sqrt(fmax(0, square - mean * mean)) / g->scale : NAN;
    }
}

int separation_measure(Separation *s, const Scores *scores, double bound, Pool *pool, Err *err)
{
    int workers = pool_threads(pool);
    *s = (Separation){.genuine = scores_genuine(scores), .impostor = scores_impostor(scores)};
    Gather g = {.scale = 1 / (bound > 0 ? bound : 1),
                .sums = calloc((size_t)workers, sizeof *g.sums),
                .key = malloc(((size_t)s->genuine + 1) * sizeof *g.key)};
    int rc = g.sums != NULL && g.key != NULL
                 ? scores_walk(scores, SCORES_GENUINE, pool, take_genuine, &g, err)
                 : err_memory(err, "genuine scores", (size_t)s->genuine * sizeof *g.key);
    if (rc == 0)
        rc = find_levels(s, &g, err);
    if (rc == 0)
        rc = count_impostors(s, &g, scores, pool, err);
    if (rc == 0)
        find_moments(s, &g, workers);
    free(g.sums);
    free(g.key);
    free(g.between);
    return rc;
}

void separation_release(Separation *s)
{
    free(s->score);
    free(s->genuine_below);
    free(s->impostor_from);
    *s = (Separation){0};
}

/* FMR and FNMR, so weighted, times the numbers of both kinds. */
static long double weigh(const Separation *s, int64_t level, int64_t fmr, int64_t fnmr)
{
    return (long double)s->impostor_from[level] * (long double)(s->genuine * fmr) +
           (long double)s->genuine_below[level] * (long double)(s->impostor * fnmr);
}

int64_t separation_least(const Separation *s, int fmr, int fnmr)
{
    int64_t best = -1;
    long double least = 0, both = 0;
    if (s->impostor == 0 || s->genuine == 0)
        return -1;
    for (int64_t i = s->levels - 1; i >= -1; i--) {
        int64_t level = i >= 0 ? i : s->levels; /* where nobody is accepted comes last */
        long double cost = weigh(s, level, fmr, fnmr), sum = weigh(s, level, 1, 1);
        if (best < 0 || cost < least || (cost == least && sum < both)) {
            best = level;
            least = cost;
            both = sum;
        }
    }
    return best;
}

int64_t separation_least_hter(const Separation *s)
{
    return separation_least(s, 1, 1);
}

int64_t separation_accepting(const Separation *s, int64_t impostors)
{
    int64_t low = 0, high = s->levels;
    while (low < high) {
        int64_t middle = low + (high - low) / 2;
        if (s->impostor_from[middle] <= impostors)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

ErrorRate separation_fmr(const Separation *s, int64_t level)
{
    return error_rate_of(s->impostor_from[level], s->impostor);
}

ErrorRate separation_fnmr(const Separation *s, int64_t level)
{
    return error_rate_of(s->genuine_below[level], s->genuine);
}

double separation_d_prime(const Separation *s)
{
    double spread = sqrt((s->spread[0] * s->spread[0] + s->spread[1] * s->spread[1]) / 2);
    return spread > 0 ? (s->mean[1] - s->mean[0]) / spread : NAN;
}

/* Not below the next one: by genuine / (genuine + impostor) */
static bool violates(const SeparationStep *a, const SeparationStep *b)
{
    return (long double)a->genuine * (long double)b->impostor >=
           (long double)b->genuine * (long double)a->impostor;
}

static int64_t add_step(SeparationStep *step, int64_t n, SeparationStep next)
{
    step[n++] = next;
    for (; n > 1 && violates(&step[n - 2], &step[n - 1]); n--) {
        step[n - 2].genuine += step[n - 1].genuine;
        step[n - 2].impostor += step[n - 1].impostor;
    }
    return n;
}

/* Pools adjacent violators. The impostors between a level and the next are no genuine scores behind
 * some, and so in the level's step from the start; those below all levels are a step of their own.
 */
int64_t separation_steps(SeparationStep *step, const Separation *s, int64_t beyond)
{
    int64_t n = 0, from = s->levels > 0 ? s->impostor_from[0] : 0;
    step[n++] = (SeparationStep){-INFINITY, beyond, s->impostor - from};
    for (int64_t i = 0; i < s->levels; i++)
        n = add_step(step, n,
                     (SeparationStep){(double)s->score[i],
                                      s->genuine_below[i + 1] - s->genuine_below[i],
                                      s->impostor_from[i] - s->impostor_from[i + 1]});
    return beyond > 0 ? add_step(step, n, (SeparationStep){INFINITY, 0, beyond}) : n;
}

int separation_min_cllr(double *cllr, const Separation *s, Err *err)
{
    double genuine = (double)s->genuine, impostor = (double)s->impostor, cost = 0;
    SeparationStep *step = malloc(((size_t)s->levels + 2) * sizeof *step);
    *cllr = NAN;
    if (step == NULL)
        return err_memory(err, "genuine scores", (size_t)s->levels * sizeof *step);
    int64_t n = separation_steps(step, s, 0);
    for (int64_t i = 0; i < n; i++) {
        double g = (double)step[i].genuine / genuine, f = (double)step[i].impostor / impostor;
        cost += (g > 0 ? g * log2(1 + f / g) : 0) + (f > 0 ? f * log2(1 + g / f) : 0);
    }
    free(step);
    if (s->genuine > 0 && s->impostor > 0)
        *cllr = cost / 2;
    return 0;
}

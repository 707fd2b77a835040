#include "verify/calibration_internal.h"

#include <math.h>
#include <stdlib.h>

#include "verify/exact_sum_internal.h"
#include "verify/logistic_internal.h"
#include "verify/separation_internal.h"

const char *calibration_name(CalibrationRule rule)
{
    static const char *const name[] = {"none", "logistic", "isotonic"};
    return name[rule];
}

/* Every other step goes into the one below until there is room for all. */
static int64_t thin(SeparationStep *step, int64_t n)
{
    while (n > CALIBRATION_STEPS) {
        int64_t kept = 0;
        for (int64_t i = 0; i < n; i += 2) {
            step[kept] = step[i];
            if (i + 1 < n) {
                step[kept].genuine += step[i + 1].genuine;
                step[kept].impostor += step[i + 1].impostor;
            }
            kept++;
        }
        n = kept;
    }
    return n;
}

static int fit_isotonic(Calibration *c, const Scores *scores, double bound, Pool *pool, Err *err)
{
    Separation s;
    SeparationStep *step = NULL;
    int rc = separation_measure(&s, scores, bound, pool, err);
    if (rc == 0 && (step = malloc(((size_t)s.levels + 2) * sizeof *step)) == NULL)
        rc = err_memory(err, "steps", (size_t)s.levels * sizeof *step);
    if (rc == 0) {
        double odds = (double)(s.impostor + 1) / (double)(s.genuine + 1);
        c->steps = (int)thin(step, separation_steps(step, &s, 1));
        for (int i = 0; i < c->steps; i++)
            c->step[i] = (CalibrationStep){
                step[i].from, log((double)step[i].genuine / (double)step[i].impostor * odds)};
    }
    free(step);
    separation_release(&s);
    return rc;
}

int calibration_fit(Calibration *c, CalibrationRule rule, const Scores *scores, double bound,
                    Pool *pool, Err *err)
{
    *c = (Calibration){.rule = rule};
    if (scores_genuine(scores) == 0 || scores_impostor(scores) == 0)
        return err_set(err,
                       "calibration needs pairs of both kinds: there are %lld genuine, %lld "
                       "impostor",
                       (long long)scores_genuine(scores), (long long)scores_impostor(scores));
    return rule == CALIBRATION_LOGISTIC ? logistic_fit(&c->slope, &c->offset, scores, pool, err)
                                        : fit_isotonic(c, scores, bound, pool, err);
}

double calibration_llr(const Calibration *c, double score)
{
    int low = 0, high = c->steps;
    if (c->rule == CALIBRATION_LOGISTIC)
        return c->slope * score + c->offset;
    while (high - low > 1) {
        int middle = low + (high - low) / 2;
        if (c->step[middle].from <= score)
            low = middle;
        else
            high = middle;
    }
    return c->step[low].llr;
}

double calibration_probability(double llr)
{
    return 1 / (1 + exp(-llr));
}

/* Of one worker, all exact. */
typedef struct Part {
    ExactSum bits[2], probability[2][CALIBRATION_BINS];
    int64_t count[2][CALIBRATION_BINS];
} Part;

typedef struct Walk {
    const Calibration *calibration;
    Part *part; /* [workers] */
} Walk;

static const double most_bits = 1 << 20; /* of a pair: what an exact sum takes */

static void add_costs(void *arg, int worker, const float *score, int64_t n, bool genuine)
{
    const Walk *walk = arg;
    Part *part = &walk->part[worker];
    for (int64_t i = 0; i < n; i++) {
        double llr = calibration_llr(walk->calibration, (double)score[i]);
        double against = genuine ? -llr : llr;
        double cost = against > 0 ? against + log1p(exp(-against)) : log1p(exp(against));
        double probability = calibration_probability(llr);
        int bin = (int)(probability * CALIBRATION_BINS);
        bin = bin < CALIBRATION_BINS ? bin : CALIBRATION_BINS - 1;
        exact_sum_add_real(&part->bits[genuine], fmin(cost * M_LOG2E, most_bits));
        exact_sum_add_real(&part->probability[genuine][bin], probability);
        part->count[genuine][bin]++;
    }
}

static void join(CalibrationCost *cost, const Part *part, int workers)
{
    for (int kind = 0; kind < 2; kind++) {
        ExactSum bits = {0};
        for (int w = 0; w < workers; w++)
            exact_sum_join(&bits, part[w].bits[kind]);
        cost->bits[kind] += exact_sum_real(bits);
        for (int bin = 0; bin < CALIBRATION_BINS; bin++) {
            ExactSum probability = {0};
            for (int w = 0; w < workers; w++) {
                exact_sum_join(&probability, part[w].probability[kind][bin]);
                cost->count[kind][bin] += part[w].count[kind][bin];
            }
            cost->probability[kind][bin] += exact_sum_real(probability);
        }
    }
}

int calibration_cost(CalibrationCost *cost, const Calibration *c, const Scores *scores, Pool *pool,
                     Err *err)
{
    int workers = pool_threads(pool);
    Walk walk = {c, calloc((size_t)workers, sizeof *walk.part)};
    if (walk.part == NULL)
        return err_memory(err, "counts", (size_t)workers * sizeof *walk.part);
    int rc = scores_walk(scores, SCORES_ALL, pool, add_costs, &walk, err);
    if (rc == 0) {
        join(cost, walk.part, workers);
        cost->pairs[0] += scores_impostor(scores);
        cost->pairs[1] += scores_genuine(scores);
    }
    free(walk.part);
    return rc;
}

double calibration_cllr(const CalibrationCost *cost)
{
    if (cost->pairs[0] == 0 || cost->pairs[1] == 0)
        return NAN;
    return (cost->bits[0] / (double)cost->pairs[0] + cost->bits[1] / (double)cost->pairs[1]) / 2;
}

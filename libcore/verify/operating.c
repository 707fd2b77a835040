#include "verify/operating_internal.h"

#include <math.h>
#include <stdlib.h>

static const ErrorRate no_rate = {0, 0, NAN, {NAN, NAN, 0}};

float operating_threshold(const RocReading *reading)
{
    return reading->above ? nextafterf(reading->threshold, INFINITY) : reading->threshold;
}

static OperatingMark mark(const char *name, const Separation *s, int64_t level, bool fmr)
{
    return (OperatingMark){name, fmr ? separation_fmr(s, level) : separation_fnmr(s, level),
                           level < s->levels ? (double)s->score[level] : NAN};
}

static void fill_marks(OperatingPoints *points, const Separation *s)
{
    static const struct {
        const char *name;
        int64_t one_in;
    } rates[] = {{"fmr100", 100}, {"fmr1000", 1000}, {"fmr10000", 10000}};
    bool both = s->genuine > 0 && s->impostor > 0;
    points->mark[0] = (OperatingMark){"zero-fmr", no_rate, NAN};
    points->mark[1] = (OperatingMark){"zero-fnmr", no_rate, NAN};
    if (both) {
        points->mark[0] = mark("zero-fmr", s, separation_accepting(s, 0), false);
        points->mark[1] = mark("zero-fnmr", s, 0, true);
    }
    for (int i = 0; i < 3; i++) {
        points->mark[2 + i] = (OperatingMark){rates[i].name, no_rate, NAN};
        int64_t most = s->impostor / rates[i].one_in;
        if (both && most > 0)
            points->mark[2 + i] = mark(rates[i].name, s, separation_accepting(s, most), false);
    }
}

static int fill_separation(OperatingPoints *points, const Comparison *c, Pool *pool, Err *err)
{
    Separation s;
    int rc = separation_measure(&s, c->scores, c->bound, pool, err);
    if (rc == 0)
        rc = separation_min_cllr(&points->min_cllr, &s, err);
    if (rc == 0) {
        int64_t best = separation_least_hter(&s);
        fill_marks(points, &s);
        points->d_prime = separation_d_prime(&s);
        points->youden = points->youden_score = NAN;
        if (best >= 0) {
            points->youden = 1 - separation_fmr(&s, best).value - separation_fnmr(&s, best).value;
            points->youden_score = (double)s.score[best];
        }
    }
    separation_release(&s);
    return rc;
}

/* The rates at every threshold there is. */
static int fill_rates(OperatingPoints *points, const Comparison *c, int64_t draws, int64_t seed,
                      Pool *pool, Err *err)
{
    size_t room = (size_t)points->n + 1;
    float *threshold = malloc(room * sizeof *threshold);
    ErrorRates *rates = malloc(room * sizeof *rates);
    int n = 0, rc = 0;
    if (threshold == NULL || rates == NULL)
        rc = err_memory(err, "operating points", room * sizeof *rates);
    for (int i = 0; rc == 0 && i < points->n; i++)
        if (points->point[i].measurable)
            threshold[n++] = points->point[i].score;
    if (rc == 0 && n > 0)
        rc = error_rates_measure_each(rates, threshold, n, c, draws, seed, pool, err);
    for (int i = points->n - 1; rc == 0 && i >= 0; i--)
        if (points->point[i].measurable)
            points->point[i].rates = rates[--n];
    free(threshold);
    free(rates);
    return rc;
}

int operating_measure(OperatingPoints *points, const Evaluation *v, int64_t draws, int64_t seed,
                      Pool *pool, Err *err)
{
    *points = (OperatingPoints){.n = v->readings, .cosines = !v->comparison->given};
    points->point = calloc((size_t)v->readings + 1, sizeof *points->point);
    if (points->point == NULL)
        return err_memory(err, "operating points", (size_t)v->readings * sizeof *points->point);
    for (int i = 0; i < v->readings; i++) {
        const RocReading *reading = &v->reading[i];
        OperatingPoint *point = &points->point[i];
        *point = (OperatingPoint){.far = reading->far,
                                  .measurable = reading->rank > 0,
                                  .few = reading->far * (double)v->roc.impostor < 30 - 1e-9};
        if (point->measurable)
            point->score = operating_threshold(reading);
    }
    if (fill_rates(points, v->comparison, draws, seed, pool, err) != 0)
        return -1;
    return fill_separation(points, v->comparison, pool, err);
}

void operating_release(OperatingPoints *points)
{
    free(points->point);
    *points = (OperatingPoints){0};
}

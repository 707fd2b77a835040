#include "verify/epc_internal.h"

#include <math.h>
#include <stdlib.h>

#include "base/counted_internal.h"
#include "verify/roc.h"
#include "verify/separation_internal.h"

/* The least score that no impostor has. */
static int above_impostors(float *score, const Comparison *dev, Pool *pool, Err *err)
{
    Roc roc;
    RocVertex highest;
    const int64_t rank = 1;
    if (roc_measure(&roc, &highest, &rank, 1, dev->scores, pool, err) != 0)
        return -1;
    *score = nextafterf(highest.threshold, INFINITY);
    return 0;
}

static int set_thresholds(EpcPoint *point, const Separation *s, const Comparison *dev, Pool *pool,
                          Err *err)
{
    float above = INFINITY;
    for (int i = 0; i < EPC_POINTS; i++) {
        int64_t level = separation_least(s, i, EPC_STEPS - i);
        if (level == s->levels && isinf(above) && above_impostors(&above, dev, pool, err) != 0)
            return -1;
        point[i] = (EpcPoint){.alpha = (double)i / EPC_STEPS,
                              .threshold = level < s->levels ? s->score[level] : above,
                              .set_fmr = separation_fmr(s, level),
                              .set_fnmr = separation_fnmr(s, level)};
    }
    return 0;
}

/* The others, in one walk; neighbours in alpha often have one threshold. */
static int apply(EpcPoint *point, const Comparison *others, Pool *pool, Err *err)
{
    float threshold[EPC_POINTS] = {0};
    int of[EPC_POINTS], n = 0;
    ErrorRates *rates = malloc(EPC_POINTS * sizeof *rates);
    if (rates == NULL)
        return err_memory(err, "a curve", EPC_POINTS * sizeof *rates);
    for (int i = 0; i < EPC_POINTS; i++) {
        if (i == 0 || point[i].threshold != threshold[n - 1])
            threshold[n++] = point[i].threshold;
        of[i] = n - 1;
    }
    int rc = error_rates_measure_each(rates, threshold, n, others, 0, 0, pool, err);
    for (int i = 0; rc == 0 && i < EPC_POINTS; i++)
        point[i].rates = rates[of[i]];
    free(rates);
    return rc;
}

int epc_measure(EpcPoint *point, const Comparison *dev, const Comparison *others, Pool *pool,
                Err *err)
{
    Separation s;
    int rc = separation_measure(&s, dev->scores, dev->bound, pool, err);
    if (rc == 0 && (s.genuine == 0 || s.impostor == 0))
        rc = err_set(err, "%s: needs pairs of both kinds: there are %lld genuine, %s", dev->input,
                     (long long)s.genuine, counted(s.impostor, "impostor", "impostors").text);
    if (rc == 0)
        rc = set_thresholds(point, &s, dev, pool, err);
    separation_release(&s);
    return rc == 0 ? apply(point, others, pool, err) : -1;
}

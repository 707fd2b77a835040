#include "eval-roc/check.h"

#include <stdio.h>
#include <string.h>

#include "scores/far_rank_internal.h"
#include "verify/recount.h"

static void print(const Recount *recount, const RecountPoint *point, const double *far, int n,
                  const Roc *roc)
{
    printf("# largest difference of %lld scores from double precision: %.3g; rounding may make "
           "%.3g\n",
           (long long)(roc->genuine + roc->impostor), recount->largest, recount->bound);
    puts("far\timpostors\tthreshold\tthreshold_double\ttar\ttar_double\tmoved\tmoved_by_rounding"
         "\tcounts");
    for (int i = 0; i < n; i++) {
        const RecountPoint *p = &point[i];
        double genuine = (double)roc->genuine;
        printf("%g\t%lld\t%.9g\t%.12g\t%.9g\t%.9g\t%lld\t%lld\t%s\n", far[i], (long long)p->rank,
               p->vertex.threshold, p->threshold, (double)p->vertex.genuine_at_least / genuine,
               (double)p->genuine / genuine, (long long)p->moved, (long long)p->near,
               p->counted ? "same" : "DIFFERENT");
    }
}

int check_report(const Compared *compared, const Report *report, Pool *pool, Err *err)
{
    const Scores *scores = compared->scores;
    RecountPoint point[RECOUNT_POINTS] = {{0}};
    RocVertex vertex[RECOUNT_POINTS];
    int64_t rank[RECOUNT_POINTS];
    double far[RECOUNT_POINTS];
    Recount recount;
    Roc roc;
    int n = 0;
    for (int i = 0; i < report->points; i++) {
        far[n] = report->point[i].far;
        rank[n] = far_rank(far[n], scores_impostor(scores));
        n += rank[n] > 0;
    }
    if (n == 0 || scores_genuine(scores) == 0)
        return err_set(err, "%s: nothing to check: no FAR can be measured", report->input);
    if (roc_measure(&roc, vertex, rank, n, scores, pool, err) != 0)
        return -1;
    for (int i = 0; i < n; i++)
        point[i] = (RecountPoint){.rank = rank[i], .vertex = vertex[i]};
    if (recount_measure(&recount, point, n, scores, &compared->e.rows, pool, err) != 0)
        return -1;
    print(&recount, point, far, n, &roc);
    if (!recount.agrees)
        return err_set(err,
                       "%s: the measurement differs from double precision by more than "
                       "rounding explains",
                       report->input);
    return 0;
}

#include "report/recount_internal.h"

#include "base/counted_internal.h"

void report_recount(FILE *out, const Recount *recount)
{
    const Roc *roc = &recount->roc;
    fprintf(out,
            "# largest difference of %s from double precision: %.3g; rounding may make "
            "%.3g\n",
            counted(roc->genuine + roc->impostor, "score", "scores").text, recount->largest,
            recount->bound);
    fputs("far\timpostors\tthreshold\tthreshold_double\ttar\ttar_double\tmoved\tmoved_by_rounding"
          "\tcounts\n",
          out);
    for (int i = 0; i < recount->points; i++) {
        const RecountPoint *p = &recount->point[i];
        double genuine = (double)roc->genuine;
        fprintf(out, "%g\t%lld\t%.9g\t%.12g\t%.9g\t%.9g\t%lld\t%lld\t%s\n", p->far,
                (long long)p->rank, p->vertex.threshold, p->threshold,
                (double)p->vertex.genuine_at_least / genuine, (double)p->genuine / genuine,
                (long long)p->moved, (long long)p->near, p->counted ? "same" : "DIFFERENT");
    }
}

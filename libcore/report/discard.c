#include "report/discard_internal.h"

#include <math.h>
#include <string.h>

#include "base/escape_internal.h"
#include "report/rate_internal.h"
#include "report/value_internal.h"

/* The quality that is put aside; of all pairs none. */
static double quality(const DiscardPoint *p)
{
    return isinf(p->above) ? (double)NAN : p->above;
}

static double reset_threshold(const DiscardPoint *p)
{
    return isnan(p->reset_fnmr) ? (double)NAN : (double)p->reset_threshold;
}

void report_discard_table(FILE *out, const Discard *d, const Comparison *c, const char *column,
                          float threshold)
{
    rate_table_compared(out, c);
    fprintf(out, "\n%-12s", "quality");
    escape_put(out, column, strlen(column));
    fprintf(out, ", of a pair the lower one\n%-12s%.6f\n\n%-12s%-14s%-12s%-12s%-16s%s\n",
            "threshold", (double)threshold, "discarded", "up to", "pairs", "FNMR", "threshold set",
            "FNMR at it");
    for (int i = 0; i < d->points; i++) {
        const DiscardPoint *p = &d->point[i];
        fprintf(out, "%-12.4f", p->share);
        value_table(out, quality(p), 14);
        fprintf(out, "%-12lld", (long long)p->pairs);
        value_table(out, p->fnmr, 12);
        value_table(out, reset_threshold(p), 16);
        value_table(out, p->reset_fnmr, 0);
        fputc('\n', out);
    }
    fprintf(out,
            "\n%-12s%.6g up to 20 %%; %.6g of a quality that knows the errors\n"
            "Discarded are genuine pairs, those of one quality together.\n",
            "mean FNMR", d->area, d->ideal);
}

void report_discard_tsv(FILE *out, const Discard *d)
{
    fputs("discarded\tquality\tpairs\tfnmr\tthreshold_reset\tfnmr_reset\n", out);
    for (int i = 0; i < d->points; i++) {
        const DiscardPoint *p = &d->point[i];
        fprintf(out, "%.9g", p->share);
        value_tsv_digits(out, quality(p), 17);
        fprintf(out, "\t%lld", (long long)p->pairs);
        value_tsv_digits(out, p->fnmr, 17);
        value_tsv(out, reset_threshold(p));
        value_tsv_digits(out, p->reset_fnmr, 17);
        fputc('\n', out);
    }
}

#include "report/trials_internal.h"

#include <math.h>
#include <stdbool.h>

#include "report/value_internal.h"

void trials_begin(Trials *trials)
{
    trials->next = 0;
}

void trials_add(Trials *trials, const char *measure, double at, double value,
                const char *convention)
{
    if (trials->next == TRIALS_FIGURES)
        return;
    TrialFigure *f = &trials->figure[trials->next++];
    if (trials->next > trials->n) {
        trials->n = trials->next;
        *f = (TrialFigure){.at = at, .convention = convention};
        snprintf(f->measure, sizeof f->measure, "%s", measure);
    }
    if (f->n < TRIALS_MAX)
        f->value[f->n++] = value;
}

/* Over the trials; the deviation of one is NaN. */
static double mean_of(const TrialFigure *f, double *deviation)
{
    double mean = 0, squares = 0;
    for (int k = 0; k < f->n; k++)
        mean += f->value[k] / f->n;
    for (int k = 0; k < f->n; k++)
        squares += pow(f->value[k] - mean, 2);
    *deviation = f->n > 1 ? sqrt(squares / (f->n - 1)) : (double)NAN;
    return mean;
}

void report_trials_tsv(FILE *out, const Trials *trials)
{
    fputs("measure\tat\tmean\tdeviation\tmean_less_deviation\tconvention\n", out);
    for (int i = 0; i < trials->n; i++) {
        const TrialFigure *f = &trials->figure[i];
        double deviation, mean = mean_of(f, &deviation);
        fputs(f->measure, out);
        value_tsv(out, f->at);
        value_tsv(out, mean);
        value_tsv(out, deviation);
        value_tsv(out, mean - deviation);
        if (f->convention != NULL)
            fprintf(out, "\t%s", f->convention);
        else
            value_tsv_none(out, 1);
        fputc('\n', out);
    }
}

void report_trials_table(FILE *out, const Trials *trials)
{
    bool several = false;
    for (int i = 0; i < trials->n; i++)
        several |= trials->figure[i].n > 1;
    fprintf(out, "%-22s%-10s%-14s", "measure", "at", several ? "mean" : "value");
    if (several)
        fprintf(out, "%-14s%-14s", "deviation", "mean - dev.");
    fputs("convention\n", out);
    for (int i = 0; i < trials->n; i++) {
        const TrialFigure *f = &trials->figure[i];
        double deviation, mean = mean_of(f, &deviation);
        fprintf(out, "%-22s", f->measure);
        value_table(out, f->at, 10);
        value_table(out, mean, 14);
        if (several) {
            value_table(out, deviation, 14);
            value_table(out, mean - deviation, 14);
        }
        fprintf(out, "%s\n", f->convention != NULL ? f->convention : "-");
    }
}

void report_cmc_header(FILE *out)
{
    fputs("compared\trank\trate\n", out);
}

void report_cmc(FILE *out, double compared, const double *rate, int ranks)
{
    for (int r = 0; r < ranks; r++)
        fprintf(out, "%.10g\t%d\t%.9g\n", compared, r + 1, rate[r]);
}

#include "report/trials_internal.h"

#include <math.h>

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

void report_trials(FILE *out, const Trials *trials)
{
    fputs("measure\tat\tmean\tdeviation\tmean_less_deviation\tconvention\n", out);
    for (int i = 0; i < trials->n; i++) {
        const TrialFigure *f = &trials->figure[i];
        double mean = 0, squares = 0, deviation = NAN;
        for (int k = 0; k < f->n; k++)
            mean += f->value[k] / f->n;
        for (int k = 0; k < f->n; k++)
            squares += pow(f->value[k] - mean, 2);
        if (f->n > 1)
            deviation = sqrt(squares / (f->n - 1));
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

void report_cmc_header(FILE *out)
{
    fputs("compared\trank\trate\n", out);
}

void report_cmc(FILE *out, double compared, const double *rate, int ranks)
{
    for (int r = 0; r < ranks; r++)
        fprintf(out, "%.10g\t%d\t%.9g\n", compared, r + 1, rate[r]);
}

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/out.h"
#include "eval-id/run.h"
#include "report/value_internal.h"

void figures_trial(Figures *figures)
{
    figures->next = 0;
}

void figures_add(Figures *figures, const char *measure, double at, double value,
                 const char *convention)
{
    if (figures->next == MAX_FIGURES)
        return;
    Figure *f = &figures->figure[figures->next++];
    if (figures->next > figures->n) {
        figures->n = figures->next;
        *f = (Figure){.at = at, .convention = convention};
        snprintf(f->measure, sizeof f->measure, "%s", measure);
    }
    if (f->n < MAX_TRIALS)
        f->value[f->n++] = value;
}

void figures_print(const Figures *figures)
{
    puts("measure\tat\tmean\tdeviation\tmean_less_deviation\tconvention");
    for (int i = 0; i < figures->n; i++) {
        const Figure *f = &figures->figure[i];
        double mean = 0, squares = 0, deviation = NAN;
        for (int k = 0; k < f->n; k++)
            mean += f->value[k] / f->n;
        for (int k = 0; k < f->n; k++)
            squares += pow(f->value[k] - mean, 2);
        if (f->n > 1)
            deviation = sqrt(squares / (f->n - 1));
        printf("%s", f->measure);
        value_tsv(stdout, f->at);
        value_tsv(stdout, mean);
        value_tsv(stdout, deviation);
        value_tsv(stdout, mean - deviation);
        printf("\t%s\n", f->convention);
    }
}

int cmc_write(const char *path, const Cmc *cmc, int n, Err *err)
{
    Out out;
    if (out_open(&out, path, err) != 0)
        return -1;
    fputs("compared\trank\trate\n", out.f);
    for (int i = 0; i < n; i++)
        for (int r = 0; r < cmc[i].ranks; r++)
            fprintf(out.f, "%.10g\t%d\t%.9g\n", cmc[i].compared / cmc[i].trials, r + 1,
                    cmc[i].rate[r] / cmc[i].trials);
    return out_commit(&out, err);
}

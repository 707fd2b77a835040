#include "report/paper_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"

static PaperCell cell(double value, const Intervals *intervals, int figure)
{
    return (PaperCell){value, intervals != NULL ? intervals->figure[figure].interval
                                                : (Interval){NAN, NAN, 0}};
}

int paper_add(Paper *p, const char *name, size_t length, const Evaluation *v,
              const Intervals *intervals, Err *err)
{
    int columns = v->readings + 1 + (v->folds.folds > 0);
    if (p->rows == 0) {
        p->columns = columns;
        p->folds = v->folds.folds > 0;
        p->rule = v->rule;
        p->resamples = intervals != NULL ? intervals->resamples : 0;
    }
    if (array_reserve(p->name, p->room, (int64_t)p->rows + 1, "a table", err) != 0 ||
        array_reserve(p->cell, p->cells, ((int64_t)p->rows + 1) * p->columns, "a table", err) != 0)
        return -1;
    p->name[p->rows] = strndup(name, length);
    if (p->name[p->rows] == NULL)
        return err_memory(err, "a name", length);
    PaperCell *row = p->cell + (size_t)p->rows * (size_t)p->columns;
    for (int i = 0; i < v->readings; i++) {
        bool known = v->reading[i].rank > 0 && v->roc.genuine > 0;
        row[i] = cell(known ? v->reading[i].tar : (double)NAN, intervals, i);
    }
    row[v->readings] = cell(v->roc.eer, intervals, v->readings);
    if (p->folds)
        row[v->readings + 1] = cell(v->folds.insightface.mean, intervals, v->readings + 1);
    p->rows++;
    return 0;
}

void paper_release(Paper *p)
{
    for (int i = 0; i < p->rows; i++)
        free(p->name[i]);
    free(p->name);
    free(p->cell);
    *p = (Paper){0};
}

/* What is printed, in hundredths of a percent. */
static long long shown(double value)
{
    return llround(10000 * value);
}

static bool is_best(const Paper *p, int row, int column)
{
    bool lower = column == p->fars; /* the EER */
    double own = p->cell[row * p->columns + column].value;
    for (int i = 0; i < p->rows; i++) {
        double other = p->cell[i * p->columns + column].value;
        if (!isnan(other) && (lower ? shown(other) < shown(own) : shown(other) > shown(own)))
            return false;
    }
    return p->rows > 1 && !isnan(own);
}

/* A name as text of the language. */
static void put_name(FILE *out, const char *name, bool latex)
{
    static const char *const long_one[] = {"\\textbackslash{}", "\\textasciitilde{}",
                                           "\\textasciicircum{}"};
    for (const char *c = name; *c != '\0'; c++) {
        const char *at = strchr("\\~^", *c);
        if (latex && at != NULL)
            fputs(long_one[at - "\\~^"], out);
        else if ((unsigned char)*c < ' ' || *c == 127)
            fputc(' ', out);
        else
            fprintf(out, strchr(latex ? "&%$#_{}" : "\\|*_`<>[]~", *c) != NULL ? "\\%c" : "%c", *c);
    }
}

static void put_far(FILE *out, double far, bool latex)
{
    double power = round(log10(far));
    if (far < 1e-2 && fabs(far / pow(10, power) - 1) < 1e-12)
        fprintf(out, latex ? "$10^{%.0f}$" : "1e%.0f", power);
    else
        fprintf(out, "%g", far);
}

static void put_cell(FILE *out, const Paper *p, int row, int column, bool latex)
{
    const PaperCell *c = &p->cell[row * p->columns + column];
    bool best = is_best(p, row, column);
    if (isnan(c->value)) {
        fputs(latex ? "--" : "\u2013", out);
        return;
    }
    fprintf(out, best ? (latex ? "\\textbf{%.2f}" : "**%.2f**") : "%.2f",
            (double)shown(c->value) / 100);
    if (!isnan(c->interval.low))
        fprintf(out, latex ? " {\\footnotesize [%.2f, %.2f]}" : " [%.2f, %.2f]",
                100 * c->interval.low, 100 * c->interval.high);
}

static void put_heading(FILE *out, const Paper *p, bool latex)
{
    const char *between = latex ? " & " : " | ";
    fputs(latex ? "" : "| model", out);
    for (int i = 0; i < p->fars; i++) {
        fprintf(out, "%sTAR at FAR ", between);
        put_far(out, p->far[i], latex);
    }
    fprintf(out, "%sEER", between);
    if (p->folds)
        fprintf(out, "%saccuracy", between);
    fputs(latex ? " \\\\\n\\hline\n" : " |\n|:--", out);
    for (int i = 0; i < p->columns && !latex; i++)
        fputs("|--:", out);
    fputs(latex ? "" : "|\n", out);
}

static void put_note(FILE *out, const Paper *p, bool latex)
{
    const char *percent = latex ? "percent" : "%";
    fprintf(out, "%sIn %s; TAR (1 - FNMR) by the convention %s, EER interpolated",
            latex ? "% " : "\n", percent, roc_rule_name(p->rule));
    if (p->folds)
        fputs(", accuracy by InsightFace's rule", out);
    if (p->resamples > 0)
        fprintf(out, "; in brackets 95 %s intervals of %lld resamples of identities", percent,
                (long long)p->resamples);
    fputs(".\n", out);
}

void report_paper(FILE *out, const Paper *p, bool latex)
{
    if (latex) {
        put_note(out, p, true);
        fputs("\\begin{tabular}{l", out);
        for (int i = 0; i < p->columns; i++)
            fputc('r', out);
        fputs("}\n\\hline\n", out);
    }
    put_heading(out, p, latex);
    for (int row = 0; row < p->rows; row++) {
        fputs(latex ? "" : "| ", out);
        put_name(out, p->name[row], latex);
        for (int column = 0; column < p->columns; column++) {
            fputs(latex ? " & " : " | ", out);
            put_cell(out, p, row, column, latex);
        }
        fputs(latex ? " \\\\\n" : " |\n", out);
    }
    if (latex)
        fputs("\\hline\n\\end{tabular}\n", out);
    else
        put_note(out, p, false);
}

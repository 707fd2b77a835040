#include "roc-plot/script.h"

#include <math.h>
#include <string.h>

#include "roc-plot/groups.h"
#include "roc-plot/quote.h"

/* Okabe and Ito's colours, which most colour-blind people can tell apart; black is the axes'. */
enum { COLOURS = 7 };
static const char *const colour[COLOURS] = {"#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                            "#e69f00", "#56b4e9", "#999933"};

static void write_terminal(FILE *out, const Plot *plot)
{
    static const char *const name[] = {"",    "roc",      "det",    "rates",       "histogram",
                                       "cmc", "training", "groups", "reliability", "edc",
                                       "epc", "size"};
    int w = (int)plot->width, h = (int)plot->height;
    if (plot->format == PLOT_SVG)
        fprintf(out,
                "set terminal svg size %d,%d dynamic background rgb 'white' "
                "font 'sans-serif,14' name '%s'\n",
                w, h, name[plot->kind]);
    else if (plot->format == PLOT_PNG)
        fprintf(out, "set terminal pngcairo size %d,%d font 'sans-serif,12'\n", w, h);
    else
        fprintf(out, "set terminal dumb size %d,%d noenhanced mono\n", w, h);
    fputs("set encoding utf8\nset border 3\nset tics nomirror\n"
          "set style fill transparent solid 0.2 noborder\n",
          out);
    if (plot->format != PLOT_TEXT)
        fputs("set grid xtics ytics linetype 1 linecolor rgb '#d0d0d0'\n", out);
    if (plot->title != NULL) {
        fputs("set title ", out);
        quote(out, plot->title);
        fputs(" noenhanced\n", out);
    }
}

/* Of a DET curve both axes are normal deviates, which error rates of 0 and 1 do not have. */
static bool drawable(const Plot *plot, const double row[TABLE_COLUMNS])
{
    if (isnan(row[0]) || isnan(row[1]))
        return false;
    if (plot->kind == PLOT_DET)
        return row[0] > 0 && row[0] < 1 && row[1] > 0 && row[1] < 1;
    if (plot->kind == PLOT_RATES)
        return !isnan(row[TABLE_THRESHOLD]);
    if (plot->kind == PLOT_SIZE)
        return row[1] > 0; /* the axis is logarithmic */
    return plot->kind == PLOT_HISTOGRAM || plot->kind == PLOT_EDC || plot->kind == PLOT_EPC ||
           row[0] > 0;
}

/* Where intervals are cut when they reach rates that have no normal deviate. */
static double inside(const Plot *plot, double rate)
{
    return plot->kind == PLOT_DET ? fmin(fmax(rate, 1e-9), 1 - 1e-9) : rate;
}

static void write_curve(FILE *out, const Plot *plot, const Table *table)
{
    for (int64_t i = 0; i < table->rows; i++) {
        const double *row = table->row[i];
        if (table->grouped && i > 0 && row[2] != table->row[i - 1][2])
            fputc('\n', out); /* which interrupts the line */
        if (!drawable(plot, row))
            continue;
        fprintf(out, "%.9g %.9g ", row[0], row[1]);
        if (plot->kind == PLOT_RATES)
            fprintf(out, "%.9g\n", row[TABLE_THRESHOLD]);
        else if (table->band && !isnan(row[2]) && !isnan(row[3]))
            fprintf(out, "%.9g %.9g\n", inside(plot, row[2]), inside(plot, row[3]));
        else
            fputs("? ?\n", out);
    }
}

/* Densities, so that the areas of both kinds are 1: middle, genuine, impostor. */
static void write_histogram(FILE *out, const Table *table)
{
    double genuine = 0, impostor = 0;
    for (int64_t i = 0; i < table->rows; i++) {
        genuine += table->row[i][2];
        impostor += table->row[i][3];
    }
    for (int64_t i = 0; i < table->rows; i++) {
        const double *row = table->row[i];
        double width = row[1] - row[0];
        fprintf(out, "%.9g %.9g %.9g\n", (row[0] + row[1]) / 2,
                genuine > 0 ? row[2] / genuine / width : 0,
                impostor > 0 ? row[3] / impostor / width : 0);
    }
}

/* What is drawn of a training, NaN as the missing. */
static void write_steps(FILE *out, const Table *table)
{
    for (int64_t i = 0; i < table->rows; i++)
        for (int k = 0; k < 4; k++) {
            double value = table->row[i][k];
            if (isnan(value))
                fputs("?", out);
            else
                fprintf(out, "%.9g", value);
            fputc(k < 3 ? ' ' : '\n', out);
        }
}

static void write_data(FILE *out, const Plot *plot)
{
    fputs("set datafile missing '?'\n", out);
    for (int i = 0; i < plot->tables; i++) {
        fprintf(out, "$run%d << end_of_data\n", i);
        if (plot->kind == PLOT_HISTOGRAM)
            write_histogram(out, &plot->table[i]);
        else if (plot->kind == PLOT_TRAINING)
            write_steps(out, &plot->table[i]);
        else
            write_curve(out, plot, &plot->table[i]);
        fputs("end_of_data\n", out);
    }
}

/* The least and the largest of a column over all that is drawn. */
static void range(double *least, double *largest, const Plot *plot, int column)
{
    *least = INFINITY;
    *largest = -INFINITY;
    for (int i = 0; i < plot->tables; i++)
        for (int64_t k = 0; k < plot->table[i].rows; k++) {
            const double *row = plot->table[i].row[k];
            if (!drawable(plot, row) || isnan(row[column]))
                continue;
            *least = fmin(*least, row[column]);
            *largest = fmax(*largest, row[column]);
        }
}

static void write_rates(FILE *out, const Plot *plot)
{
    double least, largest;
    range(&least, &largest, plot, 1);
    double from = floor(10 * least + 1e-9) / 10;
    fprintf(out, "set yrange [%g:1]\nset ytics %g\n", from < 1 ? from : 0.9,
            from < 0.5 ? 0.1 : 0.05);
}

/* Tics of an axis of normal deviates; in small pictures every other one. */
static void write_deviates(FILE *out, const Plot *plot, const char *axis, double least,
                           double largest)
{
    static const char *const rate[] = {"1e-9",  "1e-8", "1e-7", "1e-6", "1e-5", "1e-4",
                                       "0.001", "0.01", "0.05", "0.1",  "0.2",  "0.4",
                                       "0.6",   "0.8",  "0.9",  "0.95", "0.99"};
    static const char *const few[] = {"1e-8", "1e-6", "1e-4", "0.001", "0.01",
                                      "0.1",  "0.4",  "0.8",  "0.95"};
    bool small = plot->width < 600;
    fprintf(out, "set %stics (", axis);
    for (int i = 0; i < (small ? 9 : 17); i++) {
        const char *at = small ? few[i] : rate[i];
        fprintf(out, "%s'%s' invnorm(%s)", i > 0 ? ", " : "", at, at);
    }
    fprintf(out, ")\nset %srange [invnorm(%.9g):invnorm(%.9g)]\n", axis, fmax(least, 1e-9),
            fmin(largest, 1 - 1e-9));
}

/* The least of both error rates above 0, a power of ten. */
static double least_rate(const Plot *plot)
{
    double least = 0.1;
    for (int i = 0; i < plot->tables; i++)
        for (int64_t k = 0; k < plot->table[i].rows; k++) {
            const double *row = plot->table[i].row[k];
            if (drawable(plot, row) && row[0] > 0)
                least = fmin(least, row[0]);
            if (drawable(plot, row) && row[1] < 1)
                least = fmin(least, 1 - row[1]);
        }
    return pow(10, floor(log10(least) + 1e-9));
}

static void write_axes(FILE *out, const Plot *plot)
{
    double least, largest;
    range(&least, &largest, plot, 0);
    if (plot->kind == PLOT_ROC) {
        fprintf(out,
                "set logscale x\nset format x '%s'\nset xlabel 'false accept rate'\n"
                "set ylabel 'true accept rate'\nset xrange [%.9g:1]\nset key bottom right\n",
                plot->format == PLOT_TEXT ? "1e%T" : "10^{%T}", isinf(least) ? 1e-6 : least);
        write_rates(out, plot);
    } else if (plot->kind == PLOT_DET) {
        double tar[2];
        range(&tar[0], &tar[1], plot, 1);
        fputs("set xlabel 'false accept rate'\nset ylabel 'false reject rate'\n"
              "set key top right\n",
              out);
        write_deviates(out, plot, "x", isinf(least) ? 1e-6 : least, 0.6);
        write_deviates(out, plot, "y", isinf(tar[0]) ? 1e-3 : fmin(1 - tar[1], 0.3), 0.99);
    } else if (plot->kind == PLOT_RATES) {
        fprintf(out,
                "set xlabel 'threshold (cosine)'\nset ylabel 'error rate'\nset logscale y\n"
                "set format y '%s'\nset yrange [%.9g:1]\nset key bottom left\n",
                plot->format == PLOT_TEXT ? "1e%T" : "10^{%T}", least_rate(plot));
    } else if (plot->kind == PLOT_HISTOGRAM) {
        fputs("set xlabel 'cosine'\nset ylabel 'density'\nset yrange [0:*]\nset key above\n", out);
    } else if (plot->kind == PLOT_EDC) {
        fputs("set xlabel 'share of genuine pairs discarded'\nset ylabel 'FNMR'\n"
              "set xrange [0:*]\nset yrange [0:*]\nset key bottom left\n",
              out);
    } else if (plot->kind == PLOT_EPC) {
        fputs("set xlabel 'alpha, the weight of FMR'\nset ylabel 'HTER'\n"
              "set xrange [0:1]\nset yrange [0:*]\nset key top left\n",
              out);
    } else if (plot->kind == PLOT_SIZE) {
        fprintf(out,
                "set logscale xy\nset format xy '%s'\nset xlabel 'people in the gallery'\n"
                "set ylabel 'FNIR'\nset yrange [*:1]\nset key bottom right\n",
                plot->format == PLOT_TEXT ? "1e%T" : "10^{%T}");
    } else if (plot->kind == PLOT_RELIABILITY) {
        fputs("set xlabel 'predicted probability'\nset ylabel 'share of genuine pairs'\n"
              "set xrange [0:1]\nset yrange [0:1]\nset key above\n"
              "set arrow from 0,0 to 1,1 nohead dashtype '-'\n",
              out);
    } else {
        fprintf(out,
                "set logscale x\nset xlabel 'rank'\nset ylabel 'identification rate'\n"
                "set xtics (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 1e4, 1e5, 1e6)\n"
                "set xrange [0.9:%.9g]\nset key bottom right\n",
                1.1 * fmax(largest, 2));
        write_rates(out, plot);
    }
    fputs("set key reverse Left samplen 2\n", out);
}

static void begin_item(FILE *out, int *items)
{
    fputs((*items)++ == 0 ? "plot " : ", \\\n    ", out);
}

static void end_item(FILE *out, const Plot *plot, int i, const char *with, const char *name,
                     const char *of)
{
    if (plot->format != PLOT_TEXT)
        fprintf(out, " %s linecolor rgb '%s'", with, colour[i % COLOURS]);
    else
        fprintf(out, " with points pointtype '%c'", "*o+x#@%"[i % COLOURS]);
    fputs(" title ", out);
    char title[512];
    snprintf(title, sizeof title, "%s%s%s", name, *name != '\0' && *of != '\0' ? ", " : "", of);
    quote(out, title);
    fputs(" noenhanced", out);
}

/* Two lines a table: what is drawn of each, and how where there is one table and where there are
 * several. */
typedef struct Pair {
    const char *columns[2], *of[2], *alone, *several[2];
} Pair;

static void write_pairs(FILE *out, const Plot *plot, const Pair *pair)
{
    bool alone = plot->tables == 1;
    int items = 0;
    for (int i = 0; i < plot->tables; i++)
        for (int k = 0; k < 2; k++) {
            begin_item(out, &items);
            fprintf(out, "$run%d using %s", i, pair->columns[k]);
            end_item(out, plot, alone ? k : i, alone ? pair->alone : pair->several[k],
                     alone ? "" : plot->table[i].name, pair->of[k]);
        }
}

static const Pair histograms = {
    {"1:2", "1:3"},
    {"genuine", "impostor"},
    "with fillsteps fillstyle transparent solid 0.5",
    {"with histeps linewidth 2", "with histeps linewidth 2 dashtype '-'"},
};

static const Pair both_rates = {
    {"3:1", "3:(1-$2)"},
    {"FMR", "FNMR"},
    "with lines linewidth 2",
    {"with lines linewidth 2", "with lines linewidth 2 dashtype '-'"},
};

static void write_curves(FILE *out, const Plot *plot)
{
    bool det = plot->kind == PLOT_DET;
    int items = 0;
    for (int i = 0; i < plot->tables && plot->format != PLOT_TEXT; i++)
        if (plot->table[i].band) {
            begin_item(out, &items);
            fprintf(out, "$run%d using %s with filledcurves fillcolor rgb '%s' notitle", i,
                    det ? "(invnorm($1)):(invnorm(1-$3)):(invnorm(1-$4))" : "1:3:4",
                    colour[i % COLOURS]);
        }
    for (int i = 0; i < plot->tables; i++) {
        begin_item(out, &items);
        fprintf(out, "$run%d using %s", i, det ? "(invnorm($1)):(invnorm(1-$2))" : "1:2");
        bool points =
            plot->kind == PLOT_CMC || plot->kind == PLOT_RELIABILITY || plot->kind == PLOT_SIZE;
        end_item(out, plot, i,
                 points                   ? "with linespoints linewidth 2 pointtype 7 pointsize 0.6"
                 : plot->kind == PLOT_EDC ? "with steps linewidth 2"
                                          : "with lines linewidth 2",
                 plot->table[i].name, "");
    }
}

/* Of column `column` of the tables of a kind: a line each, or each measure of a validation. */
static void write_panel(FILE *out, const Plot *plot, TableKind kind, int column)
{
    int items = 0, lines = 0;
    for (int i = 0; i < plot->tables; i++) {
        const Table *table = &plot->table[i];
        int last = kind == TABLE_STEPS ? column : 3;
        for (int k = column; table->kind == kind && k <= last; k++) {
            const char *measure = kind == TABLE_STEPS ? "" : table->measure[k - 1];
            if (measure == NULL)
                break;
            begin_item(out, &items);
            fprintf(out, "$run%d using 1:%d", i, k + 1);
            end_item(out, plot, lines++, "with lines linewidth 2", table->name, measure);
        }
    }
    fputc('\n', out);
}

static bool has_kind(const Plot *plot, TableKind kind)
{
    for (int i = 0; i < plot->tables; i++)
        if (plot->table[i].kind == kind)
            return true;
    return false;
}

/* Loss, rate and validation against steps, one above the other. */
static void write_training(FILE *out, const Plot *plot)
{
    bool steps = has_kind(plot, TABLE_STEPS), validation = has_kind(plot, TABLE_VALIDATION);
    fprintf(out, "set multiplot layout %d,1\nset xlabel 'step'\nset lmargin 10\n",
            2 * steps + validation);
    fprintf(out, "set key %s reverse Left samplen 2\n",
            plot->format == PLOT_TEXT ? "top right" : "above");
    if (steps) {
        fputs("set ylabel 'loss'\n", out);
        write_panel(out, plot, TABLE_STEPS, 1);
        fputs("unset title\nset ylabel 'rate'\n", out);
        write_panel(out, plot, TABLE_STEPS, 2);
    }
    if (validation) {
        fputs("set ylabel 'validation'\nset yrange [*:1]\n", out);
        write_panel(out, plot, TABLE_VALIDATION, 1);
    }
    fputs("unset multiplot\n", out);
}

void script_write(FILE *out, const Plot *plot)
{
    write_terminal(out, plot);
    if (plot->kind == PLOT_GROUPS) {
        groups_write(out, plot);
        return;
    }
    write_data(out, plot);
    if (plot->kind == PLOT_TRAINING) {
        write_training(out, plot);
        return;
    }
    write_axes(out, plot);
    if (plot->kind == PLOT_HISTOGRAM)
        write_pairs(out, plot, &histograms);
    else if (plot->kind == PLOT_RATES)
        write_pairs(out, plot, &both_rates);
    else
        write_curves(out, plot);
    fputc('\n', out);
}

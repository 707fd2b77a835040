/* roc-plot: tables of eval-roc, eval-id and npc-train in, a picture of curves or histograms out */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/num_internal.h"
#include "base/out.h"
#include "cli/cli.h"
#include "roc-plot/gnuplot.h"
#include "roc-plot/script.h"

enum { MOST_PIXELS = 10000 };

static Cli cli = {
    .name = "roc-plot",
    .operands = "[NAME=]FILE ...",
    .summary =
        "Draws ROC and DET curves, histograms, CMC curves, trainings, reliability, and FMR across "
        "groups."};

typedef struct Options {
    const char *output, *size;
    int kind, format;
    Plot plot;
} Options;

static bool ends_in(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n > m && strcmp(text + n - m, end) == 0;
}

/* By the name of the output; on a terminal text, into a pipe SVG. */
static void choose_format(Options *o)
{
    if (cli_given("format"))
        o->plot.format = (PlotFormat)o->format;
    else if (ends_in(o->output, ".png"))
        o->plot.format = PLOT_PNG;
    else if (ends_in(o->output, ".txt") || out_is_terminal(o->output))
        o->plot.format = PLOT_TEXT;
    if (o->plot.format == PLOT_PNG && out_is_terminal(o->output))
        cli_misuse("will not write a PNG to a terminal: use -o FILE or a pipe");
}

/* "800x600", width first as screens have it */
static void choose_size(Options *o)
{
    bool text = o->plot.format == PLOT_TEXT;
    o->plot.width = text ? 79 : 800;
    o->plot.height = text ? 24 : 600;
    if (o->size == NULL)
        return;
    char wide[16];
    size_t cut = strcspn(o->size, "x");
    int64_t least = text ? 20 : 100;
    snprintf(wide, sizeof wide, "%.*s", (int)(cut < 15 ? cut : 15), o->size);
    if (o->size[cut] == '\0' || !num_int(wide, least, MOST_PIXELS, &o->plot.width) ||
        !num_int(o->size + cut + 1, text ? 10 : 100, MOST_PIXELS, &o->plot.height))
        cli_misuse("--geometry %s: not WIDTHxHEIGHT, up to %d", o->size, MOST_PIXELS);
}

static bool has_thresholds(const Table *table)
{
    for (int64_t i = 0; i < table->rows; i++)
        if (!isnan(table->row[i][TABLE_THRESHOLD]))
            return true;
    return false;
}

/* All tables are of one kind, which goes with that of the plot. */
static int choose_kind(Options *o, Table *table, int n, char **operand, Err *err)
{
    static const PlotKind usual[] = {PLOT_ROC,      PLOT_HISTOGRAM, PLOT_CMC,         PLOT_TRAINING,
                                     PLOT_TRAINING, PLOT_GROUPS,    PLOT_RELIABILITY, PLOT_EDC,
                                     PLOT_EPC,      PLOT_SIZE};
    o->plot.kind = (PlotKind)o->kind;
    for (int i = 0; i < n; i++) {
        PlotKind kind = usual[table[i].kind];
        if (o->plot.kind == PLOT_AUTO)
            o->plot.kind = kind;
        if (o->plot.kind != kind &&
            !(kind == PLOT_ROC && (o->plot.kind == PLOT_DET || o->plot.kind == PLOT_RATES)))
            return err_set(err, "%s: %s", operand[i],
                           o->kind == PLOT_AUTO ? "a different kind of table from the first"
                                                : "not a table for this kind of plot");
        if (o->plot.kind == PLOT_RATES && !has_thresholds(&table[i]))
            return err_set(err, "%s: no thresholds, which error rates are drawn against",
                           operand[i]);
    }
    if (o->plot.kind == PLOT_GROUPS && n > 1)
        return err_set(err, "%s: a second table of groups: one makes a picture", operand[1]);
    return 0;
}

static int draw(const Options *o, Err *err)
{
    Out out;
    FILE *script = tmpfile();
    if (script == NULL)
        return err_errno(err, "a temporary file");
    script_write(script, &o->plot);
    int rc = out_open(&out, o->output, err);
    if (rc == 0) {
        rc = gnuplot_run(out.f, script, err);
        if (rc == 0)
            rc = out_commit(&out, err);
        out_abort(&out);
    }
    fclose(script);
    return rc;
}

int main(int argc, char **argv)
{
    Err err = {0};
    Options o = {.output = "-"};
    CliOption table[] = {
        CLI_WAS('k', "", "kind"),
        CLI_CHOICE(0, "kind",
                   "auto|roc|det|rates|histogram|cmc|training|groups|reliability|edc|epc|size",
                   &o.kind, "what to draw"),
        CLI_CHOICE(0, "format", "svg|png|text", &o.format,
                   "format of the picture; by default by its name"),
        CLI_WAS(0, "size", "geometry"),
        CLI_TEXT(0, "geometry", "WxH", &o.size, "width and height, in pixels or characters"),
        CLI_WAS('t', "", "title"),
        CLI_TEXT(0, "title", "TEXT", &o.plot.title, "title of the plot"),
        CLI_OUTPUT(&o.output),
        CLI_END,
    };
    int first = cli_start(&cli, table, argc, argv);
    if (first == argc)
        cli_misuse("no table to draw");
    choose_format(&o);
    choose_size(&o);
    Table *tables = calloc((size_t)(argc - first), sizeof *tables);
    int rc = tables != NULL ? 0 : err_memory(&err, "tables", (size_t)argc * sizeof *tables);
    o.plot.table = tables;
    for (; rc == 0 && o.plot.tables < argc - first; o.plot.tables++)
        rc = table_read(&tables[o.plot.tables], argv[first + o.plot.tables], &err);
    if (rc == 0)
        rc = choose_kind(&o, tables, o.plot.tables, argv + first, &err);
    if (rc == 0)
        rc = draw(&o, &err);
    for (int i = 0; i < o.plot.tables; i++)
        table_free(&tables[i]);
    free(tables);
    return rc == 0 ? cli_done() : cli_fail(&err);
}

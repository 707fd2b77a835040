#include "roc-plot/groups.h"

#include <math.h>

#include "roc-plot/quote.h"

static void write_tics(FILE *out, const Plot *plot, const char *axis, const char *how)
{
    const Names *group = &plot->table->group;
    fprintf(out, "set %stics %s(", axis, how);
    for (int64_t i = 0; i < group->n; i++) {
        fputs(i > 0 ? ", " : "", out);
        quote(out, names_at(group, i));
        fprintf(out, " %lld", (long long)i);
    }
    fputs(") noenhanced\n", out);
}

/* x, y, log10 FMR and its text; "none" of a pair of groups without a false match. */
static void write_data(FILE *out, const Table *table)
{
    fputs("set datafile missing '?'\n$run0 << end_of_data\n", out);
    for (int64_t i = 0; i < table->rows; i++) {
        const double *row = table->row[i];
        fprintf(out, "%g %g ", row[1], row[0]);
        if (row[2] > 0)
            fprintf(out, "%.9g %.2f\n", log10(row[2]), log10(row[2]));
        else
            fprintf(out, "? %s\n", isnan(row[2]) ? "-" : "none");
    }
    fputs("end_of_data\n", out);
}

void groups_write(FILE *out, const Plot *plot)
{
    bool text = plot->format == PLOT_TEXT;
    long long n = (long long)plot->table->group.n;
    write_data(out, plot->table);
    fprintf(out,
            "set xrange [-0.5:%lld.5]\nset yrange [%lld.5:-0.5]\nunset grid\nunset key\n"
            "set style fill solid 1 noborder\n"
            "set border 0\nset tics scale 0\n",
            n - 1, n - 1);
    write_tics(out, plot, "x", n > 4 && !text ? "rotate by 30 right " : "");
    write_tics(out, plot, "y", "");
    fputs("set palette defined (0 '#f7fbff', 0.5 '#fdbf6f', 1 '#b2182b')\n"
          "set cblabel 'log_{10} false match rate'\nset cbtics nomirror\n",
          out);
    fputs("plot ", out);
    if (!text)
        fputs("$run0 using 1:2:(0.5):(0.5):3 with boxxyerror linecolor palette, "
              "\\\n    ",
              out);
    fputs("$run0 using 1:2:4 with labels\n", out);
}

/* The script for gnuplot. */
#ifndef CMD_ROC_PLOT_SCRIPT_H
#define CMD_ROC_PLOT_SCRIPT_H

#include <stdio.h>

#include "roc-plot/table.h"

typedef enum PlotKind {
    PLOT_AUTO,
    PLOT_ROC,
    PLOT_DET,
    PLOT_RATES,
    PLOT_HISTOGRAM,
    PLOT_CMC,
    PLOT_TRAINING,
    PLOT_GROUPS,
    PLOT_RELIABILITY,
    PLOT_EDC,
    PLOT_EPC,
    PLOT_SIZE
} PlotKind;
typedef enum PlotFormat { PLOT_SVG, PLOT_PNG, PLOT_TEXT } PlotFormat;

typedef struct Plot {
    PlotKind kind; /* not PLOT_AUTO */
    PlotFormat format;
    int64_t width, height; /* pixels or characters */
    const char *title;     /* or NULL */
    const Table *table;    /* [tables], all of the kind that the plot is of */
    int tables;
} Plot;

/* The script, data included; what it draws goes to gnuplot's standard output. */
void script_write(FILE *out, const Plot *plot);

#endif

/* Runs gnuplot. */
#ifndef CMD_ROC_PLOT_GNUPLOT_H
#define CMD_ROC_PLOT_GNUPLOT_H

#include <stdio.h>

#include "base/err.h"

/* Runs the script, from its beginning; what gnuplot draws is written to out. */
int gnuplot_run(FILE *out, FILE *script, Err *err);

#endif

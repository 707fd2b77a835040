/* FMR across groups of people as a heat map. */
#ifndef CMD_ROC_PLOT_GROUPS_H
#define CMD_ROC_PLOT_GROUPS_H

#include "roc-plot/script.h"

/* All of the script behind the terminal's lines, of a plot with one table. */
void groups_write(FILE *out, const Plot *plot);

#endif

/* A string of gnuplot's that its text cannot end: between single quotes only the quote is special,
 * and the end of the line, which is escaped like everything that is not plain text. */
#ifndef CMD_ROC_PLOT_QUOTE_H
#define CMD_ROC_PLOT_QUOTE_H

#include <stdio.h>

void quote(FILE *out, const char *text);

#endif

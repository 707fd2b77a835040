/* How figures are written that may not be known, NaN. */
#ifndef REPORT_VALUE_INTERNAL_H
#define REPORT_VALUE_INTERNAL_H

#include <jansson.h>
#include <stdio.h>

#include "base/err.h"

/* A tab and nine digits, or NA */
void value_tsv(FILE *out, double value);
void value_tsv_digits(FILE *out, double value, int digits);

/* Six digits and blanks up to the width, or a dash */
void value_table(FILE *out, double value, int width);

/* That many columns without a value */
void value_tsv_none(FILE *out, int columns);

/* A number, or null */
json_t *value_json(double value);

/* Writes the root, which it takes, with so many digits, and a line end; `what` is for the message.
 * jansson_watch() comes before the root is made. */
int value_json_write(FILE *out, json_t *root, int digits, const char *what, Err *err);

#endif

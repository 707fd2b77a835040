/* How figures are written that may not be known: NaN is never a number. */
#ifndef EVAL_NUMBER_H
#define EVAL_NUMBER_H

#include <jansson.h>
#include <stdio.h>

/* A tab and nine digits, or NA */
void number_tsv(FILE *out, double value);

/* A number, or null */
json_t *number_json(double value);

#endif

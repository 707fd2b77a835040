/* Figures of several trials, as a table with their means, and CMCs. */
#ifndef REPORT_TRIALS_INTERNAL_H
#define REPORT_TRIALS_INTERNAL_H

#include <stdio.h>

#include "identify/identification_internal.h"

enum { TRIALS_MAX = 64, TRIALS_FIGURES = 1024 };

/* A line of the table: a value for each trial. */
typedef struct TrialFigure {
    char measure[32];
    double at;
    const char *convention; /* NULL where none applies */
    double value[TRIALS_MAX];
    int n;
} TrialFigure;

/* Trials add the same figures in the same order. Zeroed is empty. */
typedef struct Trials {
    TrialFigure figure[TRIALS_FIGURES];
    int n, next;
} Trials;

void trials_begin(Trials *trials); /* a trial begins */
void trials_add(Trials *trials, const char *measure, double at, double value,
                const char *convention);

/* TSV: mean and sample standard deviation over the trials, and their difference. */
void report_trials_tsv(FILE *out, const Trials *trials);

/* The same for people: what is not there is a dash, and one trial has no deviation. */
void report_trials_table(FILE *out, const Trials *trials);

/* TSV: the share of probes of each rank or better, by the number of faces that they were compared
 * with. */
void report_cmc_header(FILE *out);
void report_cmc(FILE *out, double compared, const double *rate, int ranks);

#endif

/* Several evaluations as a table for a paper: a line each, a column for each figure. */
#ifndef REPORT_PAPER_INTERNAL_H
#define REPORT_PAPER_INTERNAL_H

#include <stdbool.h>
#include <stdio.h>

#include "verify/uncertainty_internal.h"

typedef struct PaperCell {
    double value; /* NaN: not measurable */
    Interval interval;
} PaperCell;

typedef struct Paper {
    int rows, columns; /* columns: TAR at each FAR, EER, and accuracy where there are folds */
    const double *far; /* [fars], borrowed */
    int fars;
    bool folds;
    RocRule rule;
    int64_t resamples;   /* 0: no intervals */
    char **name;         /* [rows] */
    PaperCell *cell;     /* [rows,columns] */
    int64_t room, cells; /* there is memory for */
} Paper;

/* Copies the figures; intervals may be NULL. */
int paper_add(Paper *paper, const char *name, size_t length, const Evaluation *evaluation,
              const Intervals *intervals, Err *err);
void paper_release(Paper *paper); /* safe on a zeroed one */

/* In percent; the best of each column, to the two digits that are printed, is bold. */
void report_paper(FILE *out, const Paper *paper, bool latex);

#endif

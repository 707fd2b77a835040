/* What an evaluation found, and how it is written: for people, as TSV, as JSON. Every figure comes
 * with the convention it follows; one that cannot be measured is never written as a number. */
#ifndef REPORT_VERIFICATION_H
#define REPORT_VERIFICATION_H

#include <stdio.h>

#include "base/err.h"
#include "report/intervals.h"
#include "verify/facexzoo.h"
#include "verify/insightface.h"
#include "verify/roc.h"

typedef struct ReportPoint {
    double far;
    int64_t rank; /* 0: not measurable */
    RocReading at;
} ReportPoint;

typedef struct Report {
    const char *input, *by; /* where the embeddings came from, and their provenance */
    const char *pairs;      /* the list of pairs, or NULL: all pairs by label */
    int64_t rows, d;
    int64_t unlabelled;             /* rows left out of all pairs */
    int64_t missing, skipped_pairs; /* images of the list that are not there, pairs with one */
    int fold;                       /* only this one was evaluated; 0: all */
    RocRule rule;
    Roc roc;
    ReportPoint *point; /* [points], as asked for with --far */
    int points;
    int folds; /* 0: no accuracy */
    FoldAccuracy *insightface_fold, *facexzoo_fold;
    Accuracy insightface, facexzoo;
    double val_far;             /* that of val */
    Validation val;             /* InsightFace's VAL@FAR, over the same folds */
    const Intervals *intervals; /* or NULL */
} Report;

void report_table(FILE *out, const Report *report);

/* A header line, then a line a figure: measure, at, value, spread, threshold, impostors accepted,
 * convention; with intervals low and high. NA where there is nothing to say or to measure. */
void report_tsv(FILE *out, const Report *report);

int report_json(FILE *out, const Report *report, Err *err);

/* The curve as TSV, from (0, ...) to (1, 1): FAR, TAR, threshold, and how many impostors and
 * genuine pairs it accepts; with band[n] also low and high of each TAR. vertex[n] are those of
 * roc_curve_ranks(). */
void report_curve(FILE *out, const Report *report, const RocVertex *vertex, const Interval *band,
                  int n);

#endif

/* Failures to acquire and the rates of transactions, for people and as JSON. */
#ifndef REPORT_FAILURES_INTERNAL_H
#define REPORT_FAILURES_INTERNAL_H

#include <jansson.h>
#include <stdio.h>

#include "verify/evaluation_internal.h"
#include "verify/failures_internal.h"

/* FAR and FRR at a reading: NaN where it is not measurable. */
TransactionRates report_failures_at(const Evaluation *evaluation, const RocReading *reading);

/* How many failed and what became of their pairs: two lines. */
void report_failures_counts(FILE *out, const Failures *failures);

/* A line for each reading, under a heading. */
void report_failures_table(FILE *out, const Evaluation *evaluation);

/* The counts and FTA; others add what they measured. */
json_t *report_failures_json(const Failures *failures);
/* The same with FAR and FRR at each reading. */
json_t *report_failures_readings_json(const Evaluation *evaluation);

#endif

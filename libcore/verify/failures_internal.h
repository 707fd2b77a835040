/* Failures to acquire: faces of which there is no template, and the rates of transactions that
 * count them (ISO/IEC 19795-1). The policy is NIST's: a comparison with such a face has no score
 * and is a non-match, so that of a genuine pair is an error and that of an impostor pair is not. */
#ifndef VERIFY_FAILURES_INTERNAL_H
#define VERIFY_FAILURES_INTERNAL_H

#include "verify/error_rates_internal.h"

/* Reads the list into c->failures, before the pairs are scored. Of a list of pairs its images are
 * what can fail; they are no longer missing, and without them nothing else is known of labels. Of
 * all pairs by label every face of the file takes part whose label is known. A face that has an
 * embedding as well is an error. */
int failures_read(Comparison *c, const char *file, Err *err);

/* The share of faces without a template; no interval. */
ErrorRate failures_to_acquire(const Failures *failures);

/* FAR and FRR: those of the pairs that were compared, and of failures. No intervals. */
typedef struct TransactionRates {
    ErrorRate far, frr;
} TransactionRates;

TransactionRates failures_rates(const Failures *failures, ErrorRate fmr, ErrorRate fnmr);

#endif

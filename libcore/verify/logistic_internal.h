/* Logistic regression of what is genuine on one score, at even odds of both kinds. */
#ifndef VERIFY_LOGISTIC_INTERNAL_H
#define VERIFY_LOGISTIC_INTERNAL_H

#include "base/pool.h"
#include "scores/scores.h"

/* Least is the mean over both kinds of their mean cross-entropy with Platt's targets (Platt, 1999):
 * (n + 1) / (n + 2) for n genuine scores, 1 / (n + 2) for n impostors. Scores of both kinds are
 * needed. Fails where a higher score does not mean one person. */
int logistic_fit(double *slope, double *offset, const Scores *scores, Pool *pool, Err *err);

#endif

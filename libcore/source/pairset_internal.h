/* The pairs of InsightFace's verification sets as a list. */
#ifndef SOURCE_PAIRSET_INTERNAL_H
#define SOURCE_PAIRSET_INTERNAL_H

#include <stdint.h>

#include "base/err.h"

/* Writes the pairs of a verification set as a list of the paths that its items have, in LFW's form
 * of *folds folds or, where that does not fit, 0, as two paths and 1 or 0 a line. Returns how many
 * pairs there are, or -1. */
int64_t pairset_write_pairs(const char *operand, const char *file, int64_t *folds, Err *err);

#endif

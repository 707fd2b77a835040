/* What is decided wrongly, as a list of pairs. */
#ifndef REPORT_HARDEST_INTERNAL_H
#define REPORT_HARDEST_INTERNAL_H

#include <stdio.h>

#include "scores/hardest_internal.h"
#include "stream/embeddings.h"

/* The pairs of an ended `hardest`, a line each: both keys, 1 for one person or 0, the score,
 * false-accept or false-reject, far from the threshold or near it, separated by tabs. face-sheet
 * takes it as a list. A key that cannot stand in a list is an error. */
int report_hardest(FILE *out, const Hardest *hardest, const EmbeddingRows *rows, Err *err);

#endif

/* eval-roc --check: the measurement beside one in double precision. */
#ifndef CMD_EVAL_ROC_CHECK_H
#define CMD_EVAL_ROC_CHECK_H

#include "eval-roc/compared.h"

/* Writes a table of the thresholds at the report's FARs to standard output. Fails when they differ
 * by more than rounding explains. `compared` still holds the embeddings. */
int check_report(const Compared *compared, const Report *report, Pool *pool, Err *err);

#endif

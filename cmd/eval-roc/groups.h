/* eval-roc --groups */
#ifndef CMD_EVAL_ROC_GROUPS_H
#define CMD_EVAL_ROC_GROUPS_H

#include "eval-roc/options.h"
#include "verify/comparison_internal.h"

/* The rates of each group at a threshold; `at` is the FMR that was asked for, or NaN. */
int print_groups(const Comparison *comparison, float score, double at, const Options *o, Pool *pool,
                 Err *err);

#endif

/* eval-roc at a threshold that was set elsewhere: --threshold, --dev */
#ifndef CMD_EVAL_ROC_FIXED_H
#define CMD_EVAL_ROC_FIXED_H

#include "eval-roc/options.h"
#include "verify/comparison_internal.h"

/* Reads the stream, and prints its rates at the threshold, or those of its groups. */
int fixed_run(Comparison *comparison, const Options *o, Pool *pool, Err *err);

#endif

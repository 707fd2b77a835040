/* eval-roc --groups */
#ifndef CMD_EVAL_ROC_GROUPS_H
#define CMD_EVAL_ROC_GROUPS_H

#include "eval-roc/stream.h"

/* The rates of each group, instead of the figures. */
int print_groups(const Stream *stream, const Options *o, Pool *pool, Err *err);

#endif

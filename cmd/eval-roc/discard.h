/* eval-roc --edc */
#ifndef CMD_EVAL_ROC_DISCARD_H
#define CMD_EVAL_ROC_DISCARD_H

#include "eval-roc/stream.h"

/* FNMR against the share of pairs that are put aside for their quality. */
int print_discard(const Stream *stream, const Options *o, Pool *pool, Err *err);

#endif

/* eval-roc --operating-points */
#ifndef CMD_EVAL_ROC_OPERATING_H
#define CMD_EVAL_ROC_OPERATING_H

#include "eval-roc/stream.h"

int print_operating(const Stream *stream, const Options *o, Pool *pool, Err *err);

#endif

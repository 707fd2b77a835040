/* --at: the score that a stream says. */
#ifndef CMD_EVAL_ROC_AT_H
#define CMD_EVAL_ROC_AT_H

#include "eval-roc/stream.h"

/* The threshold that the convention finds at the rate of --at: at or above it, it is a match. */
int threshold_at(float *score, const Stream *stream, const Options *o, Err *err);

#endif

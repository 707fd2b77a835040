/* --at: the score that a stream says. */
#ifndef CMD_EVAL_ROC_AT_H
#define CMD_EVAL_ROC_AT_H

#include "eval-roc/stream.h"

/* Of a measured stream: at or above it, it is a match. An FMR is read by the convention. */
int threshold_at(float *score, const Stream *stream, const Options *o, Pool *pool, Err *err);

/* How it was set, for reports: "an FMR of 0.0001" */
enum { AT_TEXT = 64 };
const char *threshold_at_text(char text[AT_TEXT], const Options *o);

#endif

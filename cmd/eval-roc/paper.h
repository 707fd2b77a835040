/* eval-roc --markdown, --latex: several streams as a table for a paper. */
#ifndef CMD_EVAL_ROC_PAPER_H
#define CMD_EVAL_ROC_PAPER_H

#include "eval-roc/stream.h"

/* Of all o->operand, [NAME=]FILE. */
int print_paper(const Options *o, Pool *pool, Err *err);

#endif

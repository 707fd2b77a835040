/* eval-roc as one of several processes. */
#ifndef CMD_EVAL_ROC_PROCESSES_H
#define CMD_EVAL_ROC_PROCESSES_H

#include "eval-roc/options.h"

/* Files and figures come from the first process. */
int begin_processes(Options *o, Err *err);

#endif

/* What eval-roc writes beside its figures. */
#ifndef CMD_EVAL_ROC_FILES_H
#define CMD_EVAL_ROC_FILES_H

#include "eval-roc/stream.h"
#include "verify/calibration_internal.h"
#include "verify/uncertainty_internal.h"

int write_histogram(const Comparison *comparison, const char *path, Pool *pool, Err *err);

/* The pairs of a list: key, key, label, score */
int write_scores(const Comparison *comparison, const char *path, Err *err);
int write_hardest(const Stream *stream, const Options *o, Pool *pool, Err *err);
/* What a threshold calls its data, "lfw.emb, pairs.txt", unless --data does. */
void name_data(char *name, size_t room, const Comparison *comparison, const Options *o);
/* calibration may be NULL */
int write_threshold(const Stream *stream, const char *path, const Calibration *calibration,
                    const Options *o, Pool *pool, Err *err);

/* --epc: thresholds set on dev, applied to the other. */
int write_epc(const Comparison *dev, const Comparison *other, const char *path, Pool *pool,
              Err *err);

/* uncertainty may be NULL: no band. */
int write_curve(const Evaluation *evaluation, Uncertainty *uncertainty, const char *path, Err *err);

#endif

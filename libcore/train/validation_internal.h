/* A training measured on faces that it does not train on. */
#ifndef TRAIN_VALIDATION_INTERNAL_H
#define TRAIN_VALIDATION_INTERNAL_H

#include "train/training.h"

enum { VALIDATION_FARS = 16 };

typedef struct ValidationAsk {
    const char *faces; /* a stream, read each time */
    const char *pairs; /* a list of its faces; NULL: all pairs by label */
    const double *far; /* [fars] */
    int fars;
} ValidationAsk;

/* What is not known is NaN: a TAR whose FAR is less than one of the impostors, the accuracy where
 * there are no folds. */
typedef struct ValidationResult {
    double tar[VALIDATION_FARS];
    double accuracy, spread; /* InsightFace's, over the folds of the list */
    int64_t genuine, impostor;
} ValidationResult;

/* The embeddings are those that `embed` would make with the model as it would be written now, the
 * figures those that `eval-roc` would then print. Nothing of the training changes. */
int training_validate(ValidationResult *result, const Training *training, const ValidationAsk *ask,
                      Err *err);

#endif

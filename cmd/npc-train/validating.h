/* What a run keeps of its validations. */
#ifndef CMD_NPC_TRAIN_VALIDATING_H
#define CMD_NPC_TRAIN_VALIDATING_H

#include "train/log_internal.h"
#include "train/validation_internal.h"

enum { VALIDATING_HEADING = 1024, BEST_BY_ACCURACY = -1 };

typedef struct Validating {
    TrainLog log;
    char heading[VALIDATING_HEADING];
    char *best;   /* the file of the best model, or NULL */
    int measure;  /* by which it is the best: the number of a FAR, or BEST_BY_ACCURACY */
    double value; /* of the best so far, -INFINITY while there is none */
    int64_t last; /* the step of the last validation, -1 before the first */
} Validating;

#endif

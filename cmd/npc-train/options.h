/* What a run of npc-train was asked for. */
#ifndef CMD_NPC_TRAIN_OPTIONS_H
#define CMD_NPC_TRAIN_OPTIONS_H

#include "batch/batcher_internal.h"
#include "cli.h"
#include "train/schedule_internal.h"
#include "train/training.h"
#include "train/validation_internal.h"

enum { CENTRES_DRAWN, CENTRES_MEAN };
enum { DIVERGENCE_STOP, DIVERGENCE_REWIND };

typedef struct Options {
    const Cli *cli;
    TrainingConfig training; /* what is not given comes from a model or from the data */
    Descent descent;
    double clip;
    Schedule schedule;
    BatcherOptions batching;
    const char *pack, *batches; /* one of them is NULL */
    ValidationAsk validation;   /* faces NULL: none */
    const char *keep_best, *best;
    int64_t validate_every; /* 0: as `every` */
    const char *teacher;    /* NULL: none */
    int distil;             /* a DistilKind */
    double distil_weight;
    CliList freeze, lr_scale;
    int centres;       /* CENTRES_ */
    int on_divergence; /* DIVERGENCE_ */
    int kernels;       /* the choice, for cli_kernels() */
    const char *resume, *init, *checkpoint, *log, *output;
    int64_t every, keep, log_every, threads;
    uint64_t max_memory; /* 0: what the machine has */
    bool profile;
} Options;

#endif

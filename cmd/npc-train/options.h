/* The command line of npc-train: what a run was asked for. */
#ifndef CMD_NPC_TRAIN_OPTIONS_H
#define CMD_NPC_TRAIN_OPTIONS_H

#include "batch/batcher_internal.h"
#include "cli/cli.h"
#include "train/schedule_internal.h"
#include "train/training.h"
#include "train/validation_internal.h"

enum { CENTRES_DRAWN, CENTRES_MEAN };
enum { DIVERGENCE_STOP, DIVERGENCE_REWIND };

/* Values as they were given. A model that is resumed, or a net to start from, may say others: what
 * becomes of them is in Options.training and the like after config_take(). */
typedef struct Asked {
    const char *arch, *head, *preset, *milestones;
    CliList head_options;
    int pixels, schedule, spare, optimizer; /* a choice's number each */
    int64_t embedding, identities, seed, accumulate, slices, norm_group;
    double sample_rate;
    bool in_order; /* --no-shuffle */
} Asked;

typedef struct Options {
    const Cli *cli;
    Asked asked;
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
    int precision;     /* Precision, for cli_set_precision() */
    bool precision_required;
    const char *resume, *init, *checkpoint, *log, *output;
    int64_t every, keep, log_every, threads, stall;
    uint64_t max_memory; /* 0: what the machine has */
    bool changed;        /* go on although data, seed, batch size or order differ */
    bool profile;
} Options;

/* Parses the command line and checks what needs no file; exits where it is misused. There is one of
 * them, which lasts as long as the process. */
Options *train_options(int argc, char **argv);

#endif

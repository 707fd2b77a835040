/* The command line of eval-roc: what is asked for. */
#ifndef CMD_EVAL_ROC_OPTIONS_H
#define CMD_EVAL_ROC_OPTIONS_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/cli.h"
#include "comm/comm_internal.h"

enum { MAX_FARS = 64, DRAWS = 1000 };

/* What is read. */
enum { FROM_EMBEDDINGS, FROM_SCORES };

/* How --at sets a threshold. */
typedef enum AtKind { AT_NONE, AT_FMR, AT_EER, AT_LEAST_HTER, AT_SCORE } AtKind;

typedef struct Options {
    const char *input, *pairs, *roc, *versus, *hardest_out, *histogram, *threshold_out, *data,
        *groups, *calibration_out, *reliability, *edc, *failures, *epc;
    int64_t threads, fold, draws, seed, hardest; /* draws 0: no intervals */
    double hardest_at;                           /* 0: the last of --far that can be measured */
    const char *at;                              /* as it was given; NULL: not */
    AtKind at_kind;
    double at_value;                         /* an FMR or a score */
    const char *threshold, *dev, *dev_pairs; /* a threshold from elsewhere */
    double far[MAX_FARS];
    int rule, fars;
    int64_t gallery_size, probes_per_day; /* 0: not said */
    int from;
    const char *scores; /* where those of a list are written; NULL: nowhere */
    bool operating, isotonic, markdown, latex;
    char **operand; /* [operands], for a table of several */
    int operands;
    bool skip_missing, any_model, tsv, json, check;
    Comm *comm; /* of several processes, or NULL */
} Options;

/* Exits where they are wrong. */
void options_take(Options *options, int argc, char **argv);

/* Resamples for the rates at a threshold, which always have intervals. */
static inline int64_t options_draws(const Options *o)
{
    return o->draws > 0 ? o->draws : DRAWS;
}

/* Are the figures of the evaluation to have intervals? Others may be printed instead. */
static inline bool options_intervals(const Options *o)
{
    return o->draws > 0 && o->groups == NULL && !o->operating && o->calibration_out == NULL &&
           o->edc == NULL && o->threshold == NULL && o->dev == NULL;
}

/* NAN where the threshold is set in another way. */
static inline double options_asked_fmr(const Options *o)
{
    return o->at_kind == AT_FMR ? o->at_value : NAN;
}

#endif

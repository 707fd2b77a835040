/* What the protocols of eval-id share: the embeddings, the options, the figures they find. */
#ifndef CMD_EVAL_ID_RUN_H
#define CMD_EVAL_ID_RUN_H

#include "base/out.h"
#include "base/pool.h"
#include "cli/cli.h"
#include "identify/identification_internal.h"
#include "lists/lookup_internal.h"
#include "report/trials_internal.h"

typedef struct Points {
    double at[IDENTIFICATION_MAX];
    int n;
} Points;

typedef struct Options {
    const char *gallery, *probe, *images, *distractors, *noise, *distractor_noise, *groups, *cmc,
        *by_size;
    CliList trials;
    Points ranks, far, fpir;
    int64_t components, threads, seed;
    bool skip_missing, any_model, tsv;
    Comm *comm; /* of several processes, or NULL */
} Options;

typedef struct Run {
    const Options *options;
    Embeddings e;
    Lookup lookup; /* of the embeddings, where names are looked up */
    float *unit;
    Pool *pool;
    int64_t missing;
    Trials figures;
} Run;

int run_trials(Run *run, Err *err);
int run_split(Run *run, Err *err);
int run_megaface(Run *run, Err *err);
int run_groups(Run *run, Err *err);

#endif

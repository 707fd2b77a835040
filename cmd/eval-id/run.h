/* What the protocols of eval-id share: the embeddings, the options, the figures they find. */
#ifndef CMD_EVAL_ID_RUN_H
#define CMD_EVAL_ID_RUN_H

#include "base/pool.h"
#include "cli.h"
#include "lists/lookup.h"
#include "stream/embeddings.h"

enum { MAX_TRIALS = 64, MAX_POINTS = 32, MAX_FIGURES = 1024, MAX_CMC = 1000 };

typedef struct Points {
    double at[MAX_POINTS];
    int n;
} Points;

typedef struct Options {
    const char *gallery, *probe, *images, *distractors, *noise, *distractor_noise, *cmc;
    CliList trials;
    Points ranks, far, fpir;
    int64_t components, threads;
    bool skip_missing;
} Options;

/* A line of the output: a value for each trial. */
typedef struct Figure {
    char measure[32];
    double at;
    const char *convention;
    double value[MAX_TRIALS];
    int n;
} Figure;

/* Trials add the same figures in the same order. */
typedef struct Figures {
    Figure figure[MAX_FIGURES];
    int n, next;
} Figures;

void figures_trial(Figures *figures); /* a trial begins */
void figures_add(Figures *figures, const char *measure, double at, double value,
                 const char *convention);
void figures_print(const Figures *figures);

/* The file of --cmc: the share of probes of each rank or better, by the number of faces that
 * they were compared with. Trials are averaged. */
typedef struct Cmc {
    double compared, rate[MAX_CMC];
    int ranks, trials;
} Cmc;

int cmc_write(const char *path, const Cmc *cmc, int n, Err *err);

typedef struct Run {
    const Options *options;
    Embeddings e;
    Lookup lookup; /* of the embeddings, where names are looked up */
    float *unit;
    Pool *pool;
    int64_t missing;
    Figures figures;
} Run;

int run_trials(Run *run, Err *err);
int run_split(Run *run, Err *err);
int run_megaface(Run *run, Err *err);

#endif

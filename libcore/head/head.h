/* The classification head: a centre for each of C identities in D dimensions, and a loss.
 *
 * A head compares an embedding with every centre, turns the cosines into logits z by the rule of
 * its loss (the margins of heads(7)), takes the softmax cross-entropy, and sends the gradient back
 * to the embeddings while it updates the centres itself:
 *
 *     L = mean over i of  -log( exp z[i,y_i] / sum over j of exp z[i,j] )
 *
 * Neither the logits z[B,C] nor the gradient of the centres ever exists as a whole: the identities
 * are walked twice in tiles (tiles.c), so working memory does not grow with B x C. The identities
 * are cut into a fixed number of groups, each walked by one thread, and what these sum is added by
 * a binary tree, ((0+1)+(2+3))+...: the same bytes for any number of threads and processes. Of
 * several processes each has the centres of an aligned run of groups, and all see the whole batch.
 * OpenBLAS should be set to one thread (openblas_set_num_threads); the pool brings the others. */
#ifndef HEAD_HEAD_H
#define HEAD_HEAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/err.h"
#include "base/pool.h"
#include "base/real.h"
#include "optim/optimiser.h"
#include "product/kernels.h"

API_BEGIN

/* A constant of a loss. A switch is 0 or 1. */
typedef struct HeadOption {
    const char *name;
    double value; /* unless set or preset */
    double min, max;
    const char *help;
} HeadOption;

/* Constants that belong together, as "key=value" with spaces between. */
typedef struct HeadPreset {
    const char *name, *settings, *help;
} HeadPreset;

/* What a command line needs to know about a head. */
typedef struct HeadInfo {
    const char *name, *help;
    const HeadOption *options; /* ends with a name of NULL */
    const HeadPreset *presets; /* the same; NULL where there are none */
} HeadInfo;

/* The i-th head, or NULL past the last. */
const HeadInfo *head_info(int i);

enum { HEAD_OPTIONS = 16, HEAD_GROUPS = 32, HEAD_GROUPS_MAX = 256 };

typedef struct HeadOptions {
    const HeadInfo *info;
    double value[HEAD_OPTIONS]; /* in the order of info->options */
} HeadOptions;

/* The head of that name with its defaults; the others change an option by name, or several by
 * "key=value" separated by spaces or commas, or by the name of a preset. Unknown names and values
 * out of range are errors that say what there is. */
int head_options_init(HeadOptions *options, const char *head, Err *err);
int head_options_set(HeadOptions *options, const char *key, const char *value, Err *err);
int head_options_parse(HeadOptions *options, const char *settings, Err *err);
int head_options_preset(HeadOptions *options, const char *preset, Err *err);

/* Writes every option as head_options_parse reads it, so that the value comes back exactly; at
 * most size bytes with the NUL. false when they do not fit. */
bool head_options_text(const HeadOptions *options, char *text, size_t size);

/* Does the head have a margin that can warm up? */
bool head_has_margin(const HeadInfo *info);

/* What its statistics mean. */
typedef struct HeadTraits {
    bool margin; /* there is one */
    double
        angle; /* 1 or -1: it is added to, or taken from, the angle of the positive; 0: neither */
    bool hard; /* some negatives are hard */
    bool softmax; /* its labels can be smoothed */
    bool pairs;   /* it has no centres, and compares the rows of a batch */
} HeadTraits;

HeadTraits head_traits(const HeadInfo *info);

typedef struct HeadConfig {
    HeadOptions options;
    int64_t identities;    /* C, at least 2 */
    int64_t dim;           /* D */
    uint64_t seed;         /* of the centres: each is drawn from (seed, its number) */
    size_t max_memory;     /* the cosines are kept between the two walks if all working memory stays
                              within this many bytes; 0 never keeps them */
    double sample_rate;    /* the share of the identities a step compares with (Partial FC); 0 or 1:
                              all */
    bool rough;            /* identities are drawn as early versions did: rng_permute_rough() */
    int64_t margin_warmup; /* steps in which margins grow linearly, from none in the first step */
    double label_smoothing;  /* e: the target is 1 - e on the own identity, and e / C on each */
    OptimiserKind optimiser; /* what updates the centres: it decides what is kept of them */
    int64_t tile;            /* identities walked at a time; 0 chooses by C and B */
    int groups;        /* of identities: a power of two up to HEAD_GROUPS_MAX; 0: HEAD_GROUPS */
    struct Comm *comm; /* the processes that share the centres; NULL: this one has all */
} HeadConfig;

typedef struct Head Head;

/* Pool and kernels (NULL: OpenBLAS) are borrowed and must outlive the head. NULL on failure. */
Head *head_new(const HeadConfig *config, Pool *pool, Kernels *kernels, Err *err);
void head_free(Head *head); /* NULL is fine */

/* What a head of this configuration takes, in bytes, for batches of that many rows. */
typedef struct HeadMemory {
    size_t centres, momentum; /* and what else is kept for each identity */
    size_t working;           /* with this many threads, without the cosines */
    size_t cosines;           /* where they are kept, else 0 */
} HeadMemory;

int head_memory(HeadMemory *memory, const HeadConfig *config, int64_t rows, int threads, Err *err);

/* Sums over rows, of the cosine of the positive, g, and of the hardness of its negatives, h. */
typedef struct HeadPairing {
    double rows, g, h, gg, hh, gh;
} HeadPairing;

/* Pearson's correlation of g and h; NaN where there are fewer than two rows, or either is
 * constant. NPCFace sets out from it being above 0 (arXiv 2007.10172, section 3.1). */
double head_correlation(const HeadPairing *pairing);

/* Means are over the rows of the batch. */
typedef struct HeadStats {
    double loss;       /* with the penalty of the heads that have one */
    double own_cosine; /* cos of the embedding and its identity's centre, or, without centres, the
                          mean of the cosines with the other rows of its identity */
    double hard;       /* hard negatives of a row (0 where the loss knows none) */
    double margin;     /* the margin that was applied */
    double norm;       /* of the embedding */
    double own_probability; /* that the softmax gives to the own identity */
    double top1;    /* share of the rows whose own centre is nearer than any that was compared with;
                       NaN without centres */
    double past_pi; /* share whose angle with the margin is past pi; NaN where it is no angle */
    HeadPairing pairing; /* of the rows that have hard negatives; h: the mean cosine of these */
    HeadPairing nearest; /* of all rows; h: the cosine of the nearest negative. No row of heads
                            without centres, or that compare products instead of cosines */
    double updates;      /* done before this step */
    bool cosines_kept;
} HeadStats;

/* One step on a batch: dx[B,D] = dL/dx for the embeddings x[B,D] with labels label[B], and the
 * centres and the head's state updated by the optimiser, of the kind the head was made for, or left
 * alone when it is NULL. A label outside 0 .. C-1, or a loss that is not finite, is an error that
 * names the row, and nothing has been updated then; stats (which may be NULL) has that loss. */
int head_step(Head *head, real *dx, const real *x, const int64_t *label, int64_t rows,
              const Optimiser *optimiser, HeadStats *stats, Err *err);

/* Where identities are sampled, centres without a gradient are updated lazily
 * (sample_internal.h); this brings all up to date, for whoever reads the centres. head_step() does
 * not need it, and a head that is saved without it resumes to the same bytes. */
int head_settle(Head *head, Err *err);

/* How many identities the last step compared with, and which: NULL for all, else ascending, valid
 * until the next step. */
int64_t head_sampled(const Head *head, const int64_t **identities);

/* For tests and analysis: head_step without an update that also writes dw[C,D] = dL/dw. */
int head_gradient(Head *head, real *dx, real *dw, const real *x, const int64_t *label, int64_t rows,
                  HeadStats *stats, Err *err);

/* Per row of the last step: its loss, margin, own cosine and number of hard negatives, the length
 * of the embedding and the largest cosine of a negative (the largest logit where the loss has
 * none). */
typedef struct HeadRowStats {
    double loss, margin, own_cosine, hard, norm, nearest;
} HeadRowStats;

HeadRowStats head_row_stats(const Head *head, int64_t row);

/* All that must be saved to go on exactly: "weight" [C,D], "weight.momentum" [C,D] and, by AdamW,
 * "weight.square" (but of the heads without centres, see heads(7)), the number of "step"s [1], what
 * the loss keeps, and where identities are sampled how far each centre is. data points into the
 * head: copy it out to save, write it to load. Returns how many there are, at most HEAD_TENSORS. */
enum { HEAD_TENSORS = 12 };

typedef struct HeadTensor {
    const char *name;
    int dims;
    int64_t shape[2];
    real *data;
    int64_t first, rows; /* which rows of it are there: those of this process, */
    bool shared;         /* where processes have different ones */
} HeadTensor;

/* Where of several processes only one knows an identity's number, brings it to all: to be called
 * before tensors of one dimension are saved. */
void head_gather(Head *head);

int head_tensors(Head *head, HeadTensor tensor[HEAD_TENSORS]);

API_END

#endif

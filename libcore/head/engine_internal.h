/* Inside the head: what head.c, work.c, step.c and tiles.c share. */
#ifndef HEAD_ENGINE_INTERNAL_H
#define HEAD_ENGINE_INTERNAL_H

#include "base/real_internal.h"
#include "head/head.h"
#include "head/rule_internal.h"
#include "head/sample_internal.h"
#include "product/product_internal.h"

/* What a row has summed over the negatives of one group of tiles: log-sum-exp as a maximum and a
 * sum relative to it, hard negatives, and later sum over j of dL/dc_j c_j. */
typedef struct GroupRow {
    double max, sum;
    double nearest; /* the largest cosine */
    double logits;  /* their sum, where labels are smoothed */
    HeadHard hard;
    double pull;
} GroupRow;

/* The factor on the softmax's part of the loss, 1 for most heads. */
static inline double head_weight(const HeadRule *rule, const HeadState *state)
{
    return rule->weight != NULL ? rule->weight(state) : 1;
}

static inline int64_t head_sub(const HeadOptions *options)
{
    double sub = head_option(options, "sub");
    return sub > 1 ? (int64_t)sub : 1;
}

/* Does the rule need the batch as a whole? */
static inline bool head_rule_batches(const HeadRule *rule)
{
    return rule->prepare != NULL || rule->embeddings != NULL || rule->centres != NULL ||
           rule->update != NULL;
}

static inline bool head_samples(const HeadConfig *config)
{
    return config->sample_rate > 0 && config->sample_rate < 1;
}

/* One for each thread. */
typedef struct Scratch {
    real *cosine;   /* [B, tile], unless they are kept */
    real *gradient; /* [tile, D] of the centres */
    real *pull;     /* [tile]: sum over the rows of dL/dc_j c_j */
    real *z, *d;    /* [tile] */
    real *centres;  /* [tile, sub, D]: the tile's, gathered or leaning, where they are */
    real *aux;      /* [tile]: the same of their parameter */
    real *nearest;  /* [tile]: a row's cosines with the nearest of each identity's centres */
    real *shown;    /* [tile]: the same as the rule sees them, 0 where they are filtered */
} Scratch;

/* Working memory of a step: one block, cut up by work_reserve(). The geometry follows from the
 * rows of this batch alone and not from those before, so that a resumed run repeats it. */
typedef struct Work {
    void *block, *kept;
    size_t block_bytes, kept_bytes;
    int64_t identities; /* of this step: all, or the sampled ones */
    int64_t rows, threads;
    bool sampled;
    bool leans;  /* centres lean to vectors: HeadRule.lean */
    bool bends;  /* the rule does not see the cosines as they are: sub-centres, or a filter */
    int64_t sub; /* centres of each identity */
    int64_t tile, tiles, groups; /* tiles are gathered in groups, the unit of work of a thread */
    HeadRow *row;                /* [B] */
    real *unit;                  /* [B, D]: the embeddings, of length 1 */
    real *inverse;               /* [C, sub]: 1 / ||w_j|| */
    GroupRow *group_row;         /* [groups, B] */
    real *group_dx;              /* [groups, B, D] */
    Scratch *scratch;            /* [threads] */
    real *cosines;               /* [tiles][B, tile, sub] in `kept`, or NULL: not kept */
    HeadBatch batch;             /* of rules that have parts of the loss beside the softmax */
    int64_t *order, *first;      /* batch's */
    const HeadRow **sorted;      /* [B]: the same rows as order */
} Work;

struct Head {
    HeadConfig config;
    const HeadRule *rule;
    Pool *pool;
    Kernels *kernels; /* NULL: OpenBLAS */
    HeadState state;
    double value[HEAD_OPTIONS]; /* the options as this step has them: margins may be growing */
    real *weight, *momentum;    /* [C, sub, D] */
    real *square;               /* the same, or NULL where the optimiser keeps none */
    int64_t sub;                /* centres of each identity */
    real filter;                /* negatives above it count as 0; 0: none are */
    real *aux_momentum;         /* [C], or NULL */
    real *aux_square;           /* the same */
    Sample *sample;             /* or NULL: every step compares with all identities */
    real step;                  /* updates done: state.step as it is saved */
    Work work;
};

/* Adds exp(z) sum, for z = max, to a sum held in the same way; associative but for rounding. */
static inline void log_sum_add(double *max, double *sum, double other_max, double other_sum)
{
    if (other_sum == 0)
        return;
    double top = fmax(*max, other_max);
    *sum = *sum * exp(*max - top) + other_sum * exp(other_max - top);
    *max = top;
}

/* One step under way. */
typedef struct Step {
    Head *head;
    real *dx;
    real *dw; /* or NULL */
    const real *x;
    const int64_t *label;
    int64_t rows;
    const Optimiser *optimiser; /* or NULL */
    HeadNegatives *negatives;   /* of this walk */
    bool have_cosines;          /* a walk before this one has kept them */
} Step;

/* The centre of an identity as the loss sees it, leaning to its vector. Returns how far. */
double tiles_lean(const Head *head, real *centre, int64_t identity);

/* Makes work fit for a step on that many rows; memory is reused from step to step. */
int work_reserve(Work *work, const HeadConfig *config, int64_t identities, int64_t rows,
                 int threads, Err *err);
void work_release(Work *work);

/* The sizes alone: bytes of the block and of the cosines, whether or not they are kept. */
int work_measure(size_t *block, size_t *cosines, const HeadConfig *config, int64_t identities,
                 int64_t rows, int threads, Err *err);

/* The tasks of a step for pool_run(): i is a group of tiles. */
void tiles_first_walk(void *step, int64_t i, int worker);
void tiles_second_walk(void *step, int64_t i, int worker);

/* An update of the parameters w[n], with momentum v[n] and squares s[n], by the gradient g[n]. */
void tiles_update_vector(real *w, real *v, real *s, const real *g, const Optimiser *optimiser,
                         double updates, int64_t n);

#endif

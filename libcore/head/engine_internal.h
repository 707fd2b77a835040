/* Inside the head: what head.c, work.c, step.c, sums.c and tiles.c share. */
#ifndef HEAD_ENGINE_INTERNAL_H
#define HEAD_ENGINE_INTERNAL_H

#include "base/real_internal.h"
#include "comm/comm_internal.h"
#include "head/head.h"
#include "head/rule_internal.h"
#include "head/sample_internal.h"
#include "product/product_internal.h"

enum { HEAD_GROUP_LEAST = 64 }; /* identities of a group */

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

/* What the process that has a row's own centre tells the others. */
typedef struct OwnCosine {
    double cosine, aux;
    int64_t sub, known;
} OwnCosine;

/* Working memory of a step: one block, cut up by work_reserve(). The geometry follows from the
 * rows of this batch alone and not from those before, so that a resumed run repeats it. */
typedef struct Work {
    void *block, *kept;
    size_t block_bytes, kept_bytes;
    int64_t identities; /* of this step: all, or the sampled ones */
    int64_t rows, threads;
    Leaves own;                         /* groups of this process, */
    int64_t every;                      /* of which only every so many-th can have identities */
    int64_t place[HEAD_GROUPS_MAX + 1]; /* where these begin among the identities of this step, and
                                           where the last one ends */
    bool sampled;
    bool leans;  /* centres lean to vectors: HeadRule.lean */
    bool bends;  /* the rule does not see the cosines as they are: sub-centres, or a filter */
    int64_t sub; /* centres of each identity */
    int64_t tile, widest;   /* identities of a tile, about and at most */
    HeadRow *row;           /* [B] */
    OwnCosine *found;       /* [B] */
    real *unit;             /* [B, D]: the embeddings, of length 1 */
    real *inverse;          /* [own identities, sub]: 1 / ||w_j|| */
    GroupRow *group_row;    /* [own groups, B] */
    double *pull;           /* [B]: of all groups */
    real *group_dx;         /* [own groups, B, D] */
    Scratch *scratch;       /* [threads] */
    real *cosines;          /* [tiles][B, tile, sub] in `kept`, or NULL: not kept */
    HeadBatch batch;        /* of rules that have parts of the loss beside the softmax */
    int64_t *order, *first; /* batch's */
    const HeadRow **sorted; /* [B]: the same rows as order */
} Work;

struct Head {
    HeadConfig config;
    const HeadRule *rule;
    Pool *pool;
    Kernels *kernels; /* NULL: OpenBLAS */
    HeadState state;
    double value[HEAD_OPTIONS]; /* the options as this step has them: margins may be growing */
    int groups;                 /* of identities, */
    Leaves own;                 /* those of this process, */
    int64_t begin, end;         /* and their identities */
    real *weight, *momentum;    /* [end - begin, sub, D] */
    real *square;               /* the same, or NULL where the optimiser keeps none */
    int64_t sub;                /* centres of each identity */
    real filter;                /* negatives above it count as 0; 0: none are */
    real *aux_momentum;         /* [C], or NULL */
    real *aux_square;           /* the same */
    Sample *sample;             /* or NULL: every step compares with all identities */
    real step;                  /* updates done: state.step as it is saved */
    Work work;
};

/* Of few identities only every 2nd, 4th ... group has any, so that each is worth a product. */
static inline int head_group_every(const HeadConfig *config, int groups)
{
    int64_t least = config->tile > 0 ? config->tile : HEAD_GROUP_LEAST;
    int used = groups;
    while (used > 1 && config->identities / used < least)
        used /= 2;
    return groups / used;
}

/* Where group g begins: by the number of identities alone, at a good place for products. */
static inline int64_t head_group_begin(const HeadConfig *config, int groups, int g)
{
    int64_t c = config->identities, every = head_group_every(config, groups);
    int64_t begin = c * ((g + every - 1) / every) / (groups / every);
    return c >= 4096 && g < groups ? begin / 16 * 16 : begin;
}

/* The part of weight, momentum or square that is an identity's, which must be of this process. */
static inline real *head_centre(const Head *head, real *block, int64_t identity)
{
    return block + (identity - head->begin) * head->sub * head->config.dim;
}

static inline bool head_owns(const Head *head, int64_t identity)
{
    return identity >= head->begin && identity < head->end;
}

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
typedef struct HeadStep {
    Head *head;
    real *dx;
    real *dw; /* or NULL */
    const real *x;
    const int64_t *label;
    int64_t rows;
    const Optimiser *optimiser; /* or NULL */
    HeadNegatives *negatives;   /* of this walk */
    bool have_cosines;          /* a walk before this one has kept them */
} HeadStep;

enum { STEP_ROWS = 16 }; /* of the batch, a task for a thread */

static inline int64_t step_chunks(const HeadStep *step)
{
    return (step->rows + STEP_ROWS - 1) / STEP_ROWS;
}

static inline int64_t step_chunk_end(const HeadStep *step, int64_t chunk)
{
    int64_t end = (chunk + 1) * STEP_ROWS;
    return end < step->rows ? end : step->rows;
}

/* Own cosines, and the numbers of the own identities, from the processes that have their centres.
 */
void sums_own_cosines(HeadStep *step);

/* The rows as the first walk found them, from all groups of tiles. */
void sums_rows(HeadStep *step);

/* After the second walk: the gradient of the embeddings, in the first group, and the rows' pull. */
void sums_gradients(HeadStep *step);

/* The centre of an identity as the loss sees it, leaning to its vector. Returns how far. */
double tiles_lean(const Head *head, real *centre, int64_t identity);

/* How many tiles own group g has, from 0, and where among its n identities tile t begins: evenly,
 * and at a good place for products. */
static inline int64_t work_tiles(const Work *work, int64_t g)
{
    int64_t n = work->place[g + 1] - work->place[g], tiles = (n + work->tile / 2) / work->tile;
    return n > 0 && tiles == 0 ? 1 : tiles;
}

static inline int64_t work_tile_begin(const Work *work, int64_t n, int64_t tiles, int64_t t)
{
    int64_t begin = n * t / tiles;
    return work->tile >= 64 && t < tiles ? begin / 16 * 16 : begin;
}

/* The groups of a configuration, checked. */
int work_groups(int *groups, const HeadConfig *config, Err *err);

/* Makes work fit for a step of the head on that many rows; memory is reused from step to step. */
int work_reserve(Head *head, int64_t identities, int64_t rows, Err *err);
void work_release(Work *work);

/* The sizes alone: bytes of the block and of the cosines, whether or not they are kept. */
int work_measure(size_t *block, size_t *cosines, const HeadConfig *config, int64_t identities,
                 int64_t rows, int threads, Err *err);

/* [B, D] of group_dx: that of own group g, which is a multiple of `every`. */
static inline real *work_dx(const Work *work, int64_t g, int64_t dim)
{
    return work->group_dx + g / work->every * work->rows * dim;
}

/* The tasks of a step for pool_run(): i is an own group of tiles, from 0. */
void tiles_first_walk(void *step, int64_t i, int worker);
void tiles_second_walk(void *step, int64_t i, int worker);

/* An update of the parameters w[n], with momentum v[n] and squares s[n], by the gradient g[n]. */
void tiles_update_vector(real *w, real *v, real *s, const real *g, const Optimiser *optimiser,
                         double updates, int64_t n);

#endif

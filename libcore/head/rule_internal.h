/* The rule of a loss: what makes one head differ from another.
 *
 * For a row with own cosine g the engine asks the rule for the logit z_j of every negative and its
 * slope d_j = dz_j/dc_j, and for z_y and d_y of the positive; softmax, gradients and updates are
 * the same for all. A head is one file with its HeadRule and a line in the table of heads.c. */
#ifndef HEAD_RULE_INTERNAL_H
#define HEAD_RULE_INTERNAL_H

#include "base/real_internal.h"
#include "base/rng_internal.h"
#include "head/head.h"

/* Vectors shorter than this are divided by it instead of their length, as in the authors' code. */
#define HEAD_TINY 1e-12

enum { HEAD_STATE = 4 };

/* What a rule sees of its head. */
typedef struct HeadState {
    const double *value; /* the options as of this step, in the order of the rule's table */
    int64_t identities;
    double step;             /* updates done so far */
    real now[HEAD_STATE];    /* the numbers the loss keeps, after the last update */
    double next[HEAD_STATE]; /* the same as this step sees them; they become `now` on update */
    double penalty;          /* added to the mean loss, by rules whose loss has a part of its own */
    real *aux;               /* the rule's parameter of each identity, [C], or NULL */
    real *aux_gradient;      /* [C]: dL/daux */
    real *vector;            /* the rule's vector of each identity, [C, D], or NULL */
    real *seen;    /* the rule's number of each identity, [C], or NULL: it is for update() alone */
    uint64_t seed; /* of the head, for what a rule draws */
    double rate;   /* the share of the identities that a step compares with */
} HeadState;

typedef struct HeadRow {
    int64_t label;
    int64_t place; /* of the label among the identities of this step */
    int64_t sub;   /* which of the identity's centres is the nearest */
    /* known before the first walk */
    double norm;   /* ||x|| */
    double cosine; /* g = cos of x and the centre of its identity */
    double limit;  /* the rule's own: above it a negative is hard */
    double margin; /* the rule's own */
    /* after the first walk */
    double hard, hard_sum;  /* number of hard negatives and sum of their cosines */
    double negatives;       /* log of the sum of exp z_j over the negatives */
    double positive, slope; /* z_y and dz_y/dg, from the rule */
    double all;             /* log of the sum over all */
    double logits;          /* the sum of z_j over the negatives, where labels are smoothed */
    double miss;            /* 1 - p_y, less what smoothing takes off */
    double push;            /* of the loss by z_y */
    double term;            /* of the loss, from the rule's embeddings() */
    double nearest;         /* the largest cosine of a negative */
    double loss;
    /* after the second */
    double pull; /* sum over j of dL/dc_j c_j */
} HeadRow;

/* Sums over the hard negatives of a row. */
typedef struct HeadHard {
    double count, sum;
} HeadHard;

/* z[n] and d[n] of n negatives of a row with cosines c[n] and, where the head has one, the
 * parameter aux[n] of each; adds to hard. */
typedef void HeadNegatives(const HeadState *state, const HeadRow *row, HeadHard *hard, real *z,
                           real *d, const real *c, const real *aux, int64_t n);

/* What a rule sees of a batch where a part of its loss compares the embeddings with each other, or
 * with what it keeps of identities. */
typedef struct HeadBatch {
    int64_t rows, dim;
    const real *x, *unit; /* [rows, dim]: the embeddings, and of length 1 */
    const int64_t *order; /* [rows]: the rows by label, then number */
    int64_t present;      /* how many identities the rows have; */
    const int64_t *first; /* [present + 1]: where in order the rows of each begin */
    real *dx;             /* [rows, dim] */
    real *dw;             /* [present, dim] */
    real *present_weight; /* [present, dim]: their centres before the step, for centres() */
    real *weight;         /* [end - begin, dim]: the centres of the identities begin .. end - 1, */
    int64_t begin, end;   /* those that this process has */
    void *memory;         /* row_bytes for each row and pair_bytes for each two */
    Pool *pool;
} HeadBatch;

typedef struct HeadRule {
    HeadInfo info;
    const char *state[HEAD_STATE + 1]; /* names of the numbers it keeps, then NULL */
    unsigned squares; /* 1 << k for each number k that only an optimiser with squares keeps */
    /* names of the parameter of each identity and what optimisers keep of it, or NULL */
    const char *aux, *aux_momentum, *aux_square;
    const char *vector; /* the name of a vector of each identity, or NULL */
    const char *seen;   /* the name of a number of each identity, or NULL */
    bool raw;  /* c_j is the product x.w_j, not the cosine, and aux is a bias added to z_j */
    bool sums; /* no softmax: the loss is the sum of all z, terms that are each of one cosine; the
                * rule's positive() sets miss too */
    bool bare; /* there are no centres and no softmax: all the loss is that of embeddings() */
    HeadNegatives *negatives;

    unsigned margins; /* 1 << k for each option k that is a margin, which may warm up */
    unsigned factors; /* the same of margins that are factors: from 1, where those grow from 0 */
    double angle;     /* the row's margin times this is added to the angle of the positive; 0: no */
    bool mines;       /* negatives() finds hard ones */

    /* After the first walk, when hard and hard_sum are known: sets positive, slope, margin. */
    void (*positive)(const HeadState *state, HeadRow *row);

    /* The others may be NULL. */

    /* A factor on the softmax's part of the loss; not for rules with radial() or finish(). */
    double (*weight)(const HeadState *state);

    /* A new head: sets now. */
    void (*start)(HeadState *state);

    /* A new identity: the value of its aux, 0 without this. */
    double (*draw_aux)(const HeadState *state, Rng *rng);

    /* Before the first walk, with norm and cosine of all rows: sets limit and margin, next and the
     * penalty. */
    void (*batch)(HeadState *state, HeadRow *row, int64_t rows);

    /* A walk before the first with the logits of `scan`; then scanned() finds their log-sum-exp in
     * the rows' `negatives` and may set next. */
    HeadNegatives *scan;
    void (*scanned)(HeadState *state, const HeadRow *row, int64_t rows);

    /* After the second walk, dL/d||x|| of a row of a batch of `rows`, where z depends on ||x||. */
    double (*radial)(const HeadState *state, const HeadRow *row, int64_t rows);

    /* After the second walk: adds to aux_gradient. */
    void (*finish)(HeadState *state, const HeadRow *row, int64_t rows);

    /* Like batch(), where it takes memory: sets margin and limit. */
    void (*prepare)(const HeadState *state, HeadRow *row, const HeadBatch *batch);

    /* The part of the loss that is of the embeddings as such: sets the rows' term, whose mean is
     * added to the loss, and its gradient batch->dx, which is 0 before. Called before the walks;
     * changes nothing that is kept. */
    void (*embeddings)(const HeadState *state, HeadRow *row, const HeadBatch *batch);

    /* The part that is of the centres of the batch's identities as such: adds to the penalty, and
     * sets its gradient batch->dw, which is 0 before. Called before the walks. */
    void (*centres)(HeadState *state, const HeadRow *row, const HeadBatch *batch);

    size_t row_bytes, pair_bytes; /* of batch->memory, for any of these: B and B x B of them */

    /* How far the centre of an identity leans to its `vector`: with l above 0, its place is taken
     * by (1 - l) w / |w| + l v, where v has no gradient. */
    double (*lean)(const HeadState *state, int64_t identity);

    /* With an update, after the centres': changes what is kept in a way of its own. */
    void (*update)(HeadState *state, const HeadRow *row, const HeadBatch *batch,
                   const Optimiser *optimiser);

    double aux_min, aux_max; /* limits of aux after an update, where they differ */
} HeadRule;

/* Options that many heads have. The engine reads "init" and "start" by their names. */
#define HEAD_SCALE(value)                                                                          \
    {                                                                                              \
        "s", value, 1e-3, 1e4, "scale of the logits"                                               \
    }
#define HEAD_INIT(value)                                                                           \
    {                                                                                              \
        "init", value, 0, 100,                                                                     \
            "standard deviation of the initial centres; 0: uniform, of length 1"                   \
    }

/* How centres start where init is 0, of the heads whose authors let them start in a way of their
 * own: see heads(7). */
#define HEAD_START(value)                                                                          \
    {                                                                                              \
        "start", value, 0, 5, "how centres start if init is 0: see heads(7)"                       \
    }

/* What heads of cosines have. The engine reads them by their names. */
#define HEAD_FILTER                                                                                \
    {                                                                                              \
        "filter", 0, 0, 1, "negatives with a cosine above this count as one of 0; 0: off"          \
    }
#define HEAD_SUB                                                                                   \
    {                                                                                              \
        "sub", 1, 1, 16, "centres of each identity, of which the nearest counts"                   \
    }
#define HEAD_COSINES HEAD_FILTER, HEAD_SUB

/* The negatives of most heads: z = s c, where s is the first option. */
HeadNegatives head_plain_negatives;

/* The logits of softmax: the inner product and a bias. */
HeadNegatives head_softmax_negatives;
void head_softmax_positive(const HeadState *state, HeadRow *row);

/* ArcFace's, of heads whose options begin with s, m, past and straight. */
void head_arcface_positive(const HeadState *state, HeadRow *row);

/* Moves the vectors v[end - begin,D] of those of the identities begin .. end - 1 that the batch has
 * towards its embeddings, as center loss does:
 * v_j += rate sum over the n rows of j of (x - v_j) / (1 + n). */
void head_move_towards(real *v, int64_t begin, int64_t end, double rate, const HeadRow *row,
                       const HeadBatch *batch);

/* z = s (t c + a) and d = s t where c is above limit, else s c and s. */
void head_hard_negatives(HeadHard *hard, real *z, real *d, const real *c, int64_t n, double limit,
                         double s, double t, double a);

/* NULL past the last. */
const HeadRule *head_rule(int i);
const HeadRule *head_rule_of(const HeadInfo *info);

/* The option of that name, 0 where the head has none. */
double head_option(const HeadOptions *options, const char *name);

/* sin of the angle whose cosine is g */
static inline double head_sine(double g)
{
    return sqrt(fmax(0, 1 - g * g));
}

/* cos(theta + m) for cos(theta) = g, and its slope sin(theta + m) / sin(theta). Where sin(theta)^2
 * is below the rounding of a number, 1 / sin(theta) becomes sin(theta) over that rounding: 0 at
 * g = +-1, where the reference divides by 0. There all directions are equal, and the pair pulls at
 * neither vector. */
static inline double head_add_angle(double g, double m, double *slope)
{
    double sine = head_sine(g);
    *slope = cos(m) + g * sin(m) * sine / fmax(sine * sine, (double)REAL_EPSILON);
    return cos(m) * g - sin(m) * sine;
}

#endif

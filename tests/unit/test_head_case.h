/* A head with a batch, filled and run: what the tests of the head start from. */
#ifndef TEST_HEAD_CASE_H
#define TEST_HEAD_CASE_H

#include "base/rng_internal.h"
#include "head/head.h"
#include "test_head_reference.h"
#include "unit.h"

#ifdef REAL_DOUBLE
static const double golden_bound = 1e-12, reference_bound = 1e-9, rounding = 1e-12;
#else
static const double golden_bound = 1e-5, reference_bound = 1e-4, rounding = 1e-5;
#endif

/* A head with its batch and results. */
typedef struct Case {
    Pool *pool;
    Head *head;
    HeadOptions options;
    const char *settings; /* other than the defaults */
    int b, c, d;
    int w_rows; /* centres: C, times those of each identity */
    double smoothing;
    real *x, *dx, *dw;
    real *w, *aux, *aux_momentum; /* the head's own; aux: biases or margins, or NULL */
    real *vector, *seen;          /* the head's own, or NULL */
    real *no_centres;             /* w, of a head that has none */
    int64_t *label;
    HeadStats stats;
    Err err;
} Case;

typedef struct Shape {
    int b, c, d, tile, threads, margin_warmup;
    size_t max_memory;
    double rate, smoothing;
    OptimiserKind optimiser;
} Shape;

static inline real *tensor_named(Head *head, const char *name)
{
    HeadTensor tensor[HEAD_TENSORS];
    int n = head_tensors(head, tensor);
    for (int k = 0; k < n; k++)
        if (strcmp(tensor[k].name, name) == 0)
            return tensor[k].data;
    return NULL;
}

static inline Case case_new(const char *name, const char *settings, Shape shape)
{
    Case t = {.settings = settings,
              .b = shape.b,
              .c = shape.c,
              .d = shape.d,
              .smoothing = shape.smoothing};
    int threads = shape.threads > 0 ? shape.threads : 1;
    t.pool = pool_new(threads, &t.err);
    if (head_options_init(&t.options, name, &t.err) == 0)
        head_options_parse(&t.options, settings, &t.err);
    HeadConfig config = {.options = t.options,
                         .identities = t.c,
                         .dim = t.d,
                         .seed = REFERENCE_SEED,
                         .tile = shape.tile,
                         .max_memory = shape.max_memory,
                         .sample_rate = shape.rate,
                         .label_smoothing = shape.smoothing,
                         .margin_warmup = shape.margin_warmup,
                         .optimiser = shape.optimiser};
    t.head = head_new(&config, t.pool, NULL, &t.err);
    if (t.head == NULL) {
        fprintf(stderr, "%s\n", t.err.text);
        exit(1);
    }
    t.x = calloc((size_t)(t.b * t.d), sizeof(real));
    t.dx = calloc((size_t)(t.b * t.d), sizeof(real));
    t.label = calloc((size_t)t.b, sizeof *t.label);
    t.w_rows = t.c;
    for (int k = 0; t.options.info->options[k].name != NULL; k++)
        if (strcmp(t.options.info->options[k].name, "sub") == 0)
            t.w_rows = t.c * (int)t.options.value[k];
    t.dw = calloc((size_t)(t.w_rows * t.d), sizeof(real));
    t.w = tensor_named(t.head, "weight");
    t.vector = tensor_named(t.head, "class_mean");
    if (t.vector == NULL)
        t.vector = tensor_named(t.head, "feature");
    t.seen = tensor_named(t.head, "seen");
    if (t.w == NULL)
        t.w = t.no_centres = calloc((size_t)(t.c * t.d), sizeof(real));
    t.aux = tensor_named(t.head, "bias");
    t.aux_momentum = tensor_named(t.head, "bias.momentum");
    if (t.aux == NULL) {
        t.aux = tensor_named(t.head, "margin");
        t.aux_momentum = tensor_named(t.head, "margin.momentum");
    }
    return t;
}

static inline void case_free(Case *t)
{
    head_free(t->head);
    pool_free(t->pool);
    free(t->no_centres);
    free(t->x);
    free(t->dx);
    free(t->dw);
    free(t->label);
}

/* Embeddings that lean by `pull` towards the centre of their identity (away from it when negative),
 * and centres of any length. The last row has the last identity. */
static inline void case_fill(Case *t, double pull)
{
    Rng rng = rng_at(11, (uint64_t)t->b, (uint64_t)t->c, 0);
    int sub = t->w_rows / t->c;
    for (int k = 0; k < t->w_rows * t->d; k++)
        t->w[k] = (real)(rng_normal(&rng) * 0.4 + 0.1);
    for (int i = 0; i < t->b; i++) {
        t->label[i] = i == t->b - 1 ? t->c - 1 : (int64_t)rng_below(&rng, (uint64_t)t->c);
        for (int k = 0; k < t->d; k++)
            t->x[i * t->d + k] =
                (real)(rng_normal(&rng) + pull * (1 - i % 3) * t->w[t->label[i] * sub * t->d + k]);
    }
    for (int k = 0; k < t->c * t->d && t->vector != NULL; k++)
        t->vector[k] = (real)rng_normal(&rng);
    for (int j = 0; j < t->c && t->seen != NULL; j++)
        t->seen[j] = j % 3 != 1;
}

/* The case as the reference has it. */
static inline Reference case_reference(const Case *t)
{
    Reference r = reference_new(&t->options, t->b, t->c, t->d, t->x, t->w, t->aux, t->label);
    for (int k = 0; k < t->c * t->d && t->vector != NULL; k++)
        r.vector[k] = (double)t->vector[k];
    for (int j = 0; j < t->c && t->seen != NULL; j++)
        r.seen[j] = (double)t->seen[j];
    real *b = tensor_named(t->head, "b");
    if (b != NULL)
        r.before[0] = (double)*b;
    return r;
}

/* Has the head no centres, but compares the rows of a batch? */
static inline bool without_centres(const char *name)
{
    return strcmp(name, "triplet") == 0 || strcmp(name, "contrastive") == 0;
}

static inline bool case_run(Case *t)
{
    return head_gradient(t->head, t->dx, t->dw, t->x, t->label, t->b, &t->stats, &t->err) == 0;
}

/* The largest difference of got[n] and want[n], relative to the largest of want, or to floor where
 * that is smaller. NaN is kept. */
static inline double distance_above(double floor, const real *got, const double *want, int n)
{
    double scale = floor, worst = 0;
    for (int k = 0; k < n; k++)
        scale = fmax(scale, fabs(want[k]));
    for (int k = 0; k < n; k++) {
        double e = fabs((double)got[k] - want[k]) / scale;
        worst = e <= worst ? worst : e;
    }
    return worst;
}

static inline double distance(const real *got, const double *want, int n)
{
    return distance_above(1e-300, got, want, n);
}

#endif

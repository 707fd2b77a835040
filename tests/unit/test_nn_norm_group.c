/* Batch norm over groups of a batch: each group is embedded as if it were a batch of its own, the
 * gradient is the sum of theirs, and running statistics move to the mean of them. */
#include <cblas.h>

#include "base/rng_internal.h"
#include "nn/arch_internal.h"
#include "nn/trainer_internal.h"
#include "unit.h"

enum { SIZE = 32, DIM = 16, N = 12, IMAGE = SIZE * SIZE * 3 };

static uint8_t images[N * IMAGE];
static real slope[N * DIM];

typedef struct Pass {
    Graph *graph;
    real embedding[N * DIM];
    real *gradient;
    size_t length;
} Pass;

static Pass pass(int first, int n, TrainerShape shape)
{
    Err err = {0};
    Pass p = {.graph = arch_new("mobilefacenet", DIM, SIZE, &err)};
    Pool *pool = pool_new(2, &err);
    graph_init(p.graph, 4);
    Trainer *trainer = trainer_new(p.graph, &shape, pool, NULL, &err);
    memcpy(p.embedding, trainer_forward(trainer, images + first * IMAGE, n),
           (size_t)(n * DIM) * sizeof(real));
    trainer_backward(trainer, slope + first * DIM);
    p.length = p.graph->length;
    p.gradient = calloc(p.length, sizeof(real));
    memcpy(p.gradient, trainer_gradients(trainer), p.length * sizeof(real));
    trainer_free(trainer);
    pool_free(pool);
    return p;
}

static void pass_free(Pass *p)
{
    graph_free(p->graph);
    free(p->gradient);
}

/* The distance of a from (b + c) / by, relative to it, over numbers that one of them has. */
static double distance(const real *a, const real *b, const real *c, double by, size_t n)
{
    double apart = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        double want = ((double)b[i] + (double)c[i]) / by, d = (double)a[i] - want;
        apart += d * d;
        all += want * want;
    }
    return sqrt(apart / all);
}

int main(void)
{
    Err err = {0};
    Rng rng = rng_at(1, 0, 0, 0);
    openblas_set_num_threads(1);
    for (size_t i = 0; i < sizeof images; i++)
        images[i] = (uint8_t)rng_below(&rng, 256);
    for (int i = 0; i < N * DIM; i++)
        slope[i] = (real)rng_normal(&rng);
    Pass both = pass(0, N, (TrainerShape){.batch = N, .slices = 4, .group = 2});
    Pass low = pass(0, N / 2, (TrainerShape){.batch = N / 2, .slices = 2});
    Pass high = pass(N / 2, N / 2, (TrainerShape){.batch = N / 2, .slices = 2});
    Pass whole = pass(0, N, (TrainerShape){.batch = N, .slices = 4});
    size_t half = (size_t)(N / 2 * DIM), bytes = half * sizeof(real);
    CHECK(memcmp(both.embedding, low.embedding, bytes) == 0 &&
              memcmp(both.embedding + half, high.embedding, bytes) == 0,
          "two groups are embedded as two batches");
    CHECK(memcmp(both.embedding, whole.embedding, bytes) != 0, "and not as one");
    double g = distance(both.gradient, low.gradient, high.gradient, 1, both.length);
    CHECK(g < 1e-5, "the gradient is the sum of those of the two: off by %.1e", g);
    double v = distance(both.graph->values, low.graph->values, high.graph->values, 2, both.length);
    CHECK(v < 1e-6, "running statistics are the mean of those of the two: off by %.1e", v);
    CHECK(both.graph->counts[0] == 1, "and have moved once");
    TrainerShape odd = {.batch = N, .slices = 4, .group = 3};
    CHECK(trainer_new(both.graph, &odd, NULL, NULL, &err) == NULL && err_is_set(&err), "%s",
          err.text);
    pass_free(&both);
    pass_free(&low);
    pass_free(&high);
    pass_free(&whole);
    return END_TESTS();
}

/* Nets and heads that processes train together: the bytes of one process, for any number of them.
 */
#include <cblas.h>

#include "base/rng_internal.h"
#include "crew.h"
#include "head/head.h"
#include "nn/arch_internal.h"
#include "nn/trainer_internal.h"
#include "unit.h"

enum { SIZE = 32, DIM = 16, MOST = 21, IMAGE = SIZE * SIZE * 3 };

static uint8_t images[MOST * IMAGE];
static real slope[MOST * DIM];

/* What a process of a crew has in the end, next to that of a process alone. */
typedef struct Learning {
    const char *name, *settings;
    int rows, slices, group;
    double rate; /* of sampling */
    pthread_mutex_t lock;
    real *alone;
    size_t length, differs; /* the first number that is another one in any process, from 1 */
    int64_t held;           /* centres, in all processes */
} Learning;

static void compare(Learning *l, const real *found, size_t first, size_t n)
{
    pthread_mutex_lock(&l->lock);
    for (size_t i = 0; i < n; i++)
        if (memcmp(found + i, l->alone + first + i, sizeof *found) != 0 && l->differs == 0)
            l->differs = first + i + 1;
    pthread_mutex_unlock(&l->lock);
}

/* Embeddings, gradients and values after a step. Images of other processes are not there. */
static void net_step(Comm *comm, void *arg)
{
    Learning *l = arg;
    Err err = {0};
    Pool *pool = pool_new(comm_rank(comm) % 2 + 1, &err);
    Graph *graph = arch_new(l->name, DIM, SIZE, &err);
    graph_init(graph, 4);
    TrainerShape shape = {l->rows, l->slices, comm, l->group};
    Trainer *trainer = trainer_new(graph, &shape, pool, NULL, &err);
    if (trainer == NULL)
        abort();
    uint8_t *own = calloc(l->rows, IMAGE);
    int first, end;
    trainer_rows(&first, &end, &shape, l->rows);
    memcpy(own + first * IMAGE, images + first * IMAGE, (size_t)(end - first) * IMAGE);
    size_t e = (size_t)l->rows * DIM, g = graph->length;
    real *found = calloc(e + 2 * g, sizeof *found);
    memcpy(found, trainer_forward(trainer, own, l->rows), e * sizeof *found);
    trainer_backward(trainer, slope);
    memcpy(found + e, trainer_gradients(trainer), g * sizeof *found);
    memcpy(found + e + g, graph->values, g * sizeof *found);
    if (comm == NULL) {
        l->alone = found;
        l->length = e + 2 * g;
    } else {
        compare(l, found, 0, l->length);
        free(found);
    }
    free(own);
    trainer_free(trainer);
    graph_free(graph);
    pool_free(pool);
}

static void test_crews(Learning l, void (*work)(Comm *comm, void *arg), int most)
{
    pthread_mutex_init(&l.lock, NULL);
    work(NULL, &l);
    for (int size = 2; size <= most; size *= 2) {
        l.differs = 0;
        crew_run(size, work, &l);
        CHECK(l.differs == 0,
              "%s %s, %d rows, %d slices, rate %g: %d processes as one (%zu of %zu)", l.name,
              l.settings, l.rows, l.slices, l.rate, size, l.differs, l.length);
    }
    free(l.alone);
    pthread_mutex_destroy(&l.lock);
}

static void test_nets(void)
{
    test_crews((Learning){"mobilefacenet", "", .rows = 21, .slices = 16}, net_step, 16);
    test_crews((Learning){"mobilefacenet", "", .rows = 3, .slices = 8}, net_step, 8);
    test_crews((Learning){"mobilefacenet", "", .rows = 21, .slices = 8, .group = 2}, net_step, 8);
    test_crews((Learning){"iresnet18", "", .rows = 7, .slices = 4}, net_step, 4);
}

enum { C = 70, D = 12, STEPS = 3 };

static Head *new_head(const Learning *l, Comm *comm, Pool *pool)
{
    Err err = {0};
    HeadConfig config = {.identities = C,
                         .dim = D,
                         .seed = 3,
                         .tile = 5,
                         .sample_rate = l->rate,
                         .label_smoothing = strcmp(l->name, "arcface") == 0 ? 0.1 : 0,
                         .comm = comm};
    head_options_init(&config.options, l->name, &err);
    head_options_parse(&config.options, l->settings, &err);
    Head *head = head_new(&config, pool, NULL, &err);
    if (head == NULL) {
        printf("# %s\n", err.text);
        abort();
    }
    return head;
}

/* All that a head keeps, of which each process has its part, and the gradient of the last step. */
static void compare_head(Learning *l, Head *head, Comm *comm, const real *dx)
{
    HeadTensor tensor[HEAD_TENSORS];
    size_t n = (size_t)(l->rows * D), at = n;
    int tensors = head_tensors(head, tensor);
    for (int k = 0; k < tensors && comm == NULL; k++)
        n += (size_t)(tensor[k].shape[0] * (tensor[k].dims == 2 ? tensor[k].shape[1] : 1));
    if (comm == NULL) {
        l->alone = calloc(n, sizeof *l->alone);
        memcpy(l->alone, dx, at * sizeof *dx);
        l->length = n;
    }
    head_gather(head);
    compare(l, dx, 0, at);
    for (int k = 0; k < tensors; k++) {
        size_t width = tensor[k].dims == 2 ? (size_t)tensor[k].shape[1] : 1;
        size_t first = at + (size_t)tensor[k].first * width;
        size_t rows = (size_t)tensor[k].rows * width;
        if (comm == NULL)
            memcpy(l->alone + first, tensor[k].data, rows * sizeof(real));
        compare(l, tensor[k].data, first, rows);
        at += (size_t)tensor[k].shape[0] * width;
    }
}

static void head_steps(Comm *comm, void *arg)
{
    Learning *l = arg;
    Err err = {0};
    Pool *pool = pool_new(comm_rank(comm) % 2 + 1, &err);
    Head *head = new_head(l, comm, pool);
    real x[MOST * D], dx[MOST * D];
    int64_t label[MOST];
    for (int step = 0; step < STEPS; step++) {
        Rng rng = rng_at(7, (uint64_t)step, 0, 0);
        Optimiser sgd = {.lr = 0.1, .momentum = 0.9, .weight_decay = 5e-4};
        for (int i = 0; i < MOST * D; i++)
            x[i] = (real)rng_normal(&rng);
        for (int i = 0; i < MOST; i++)
            label[i] = (int64_t)rng_below(&rng, C);
        if (head_step(head, dx, x, label, l->rows - step, &sgd, NULL, &err) != 0) {
            printf("# %s\n", err.text);
            abort();
        }
    }
    head_settle(head, &err);
    compare_head(l, head, comm, dx);
    head_free(head);
    pool_free(pool);
}

static void test_heads(void)
{
    const HeadInfo *info;
    for (int k = 0; (info = head_info(k)) != NULL; k++) {
        test_crews((Learning){info->name, "", .rows = 20}, head_steps, 8);
        if (!head_traits(info).pairs)
            test_crews((Learning){info->name, "", .rows = 20, .rate = 0.4}, head_steps, 4);
    }
    test_crews((Learning){"npcface", "sub=3 filter=0.3", .rows = 9}, head_steps, 4);
    test_crews((Learning){"uniformface", "alpha=50 beta=0.3", .rows = 20}, head_steps, 16);
    test_crews((Learning){"vpl", "from=0", .rows = 9, .rate = 0.4}, head_steps, 4);
}

int main(void)
{
    openblas_set_num_threads(1);
    Rng rng = rng_at(1, 0, 0, 0);
    for (size_t i = 0; i < sizeof images; i++)
        images[i] = (uint8_t)rng_below(&rng, 256);
    for (int i = 0; i < MOST * DIM; i++)
        slope[i] = (real)rng_normal(&rng);
    test_nets();
    test_heads();
    return END_TESTS();
}

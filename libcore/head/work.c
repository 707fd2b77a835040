#include <stdlib.h>

#include "base/large_internal.h"
#include "base/num_internal.h"
#include "head/engine_internal.h"

enum {
    TILE_BYTES =
        1 << 20, /* of the cosines of a tile, so that they stay in the second-level cache */
    TILE_MIN = 64,
    TILE_MAX = 1024,
};

static int64_t min64(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* Large enough to be good for GEMM, small enough for the cache and to occupy many threads. */
static int64_t choose_tile(const HeadConfig *config, int64_t rows)
{
    if (config->tile > 0)
        return config->tile;
    int64_t tile = TILE_BYTES / (int64_t)sizeof(real) / rows / head_sub(&config->options);
    tile = min64(tile, TILE_MAX) / TILE_MIN * TILE_MIN;
    return tile > 0 ? tile : TILE_MIN;
}

/* Hands out pieces of a block, or only counts them when there is no block yet. */
typedef struct Carve {
    char *block;
    size_t used;
    bool overflow;
} Carve;

static void *carve(Carve *c, int64_t count, size_t size)
{
    size_t bytes, at = c->used;
    if (!size_mul((size_t)count, size, &bytes) || !size_add(bytes, 63, &bytes) ||
        !size_add(at, bytes / 64 * 64, &c->used))
        c->overflow = true;
    return c->block == NULL || c->overflow ? NULL : c->block + at;
}

static void carve_scratch(Carve *c, Scratch *scratch, const Work *work, int64_t dim)
{
    int64_t tile = work->widest * work->sub;
    *scratch = (Scratch){
        .cosine = carve(c, work->rows * tile, sizeof(real)),
        .gradient = carve(c, tile * dim, sizeof(real)),
        .pull = carve(c, tile, sizeof(real)),
        .z = carve(c, work->widest, sizeof(real)),
        .d = carve(c, work->widest, sizeof(real)),
    };
    if (work->sampled || work->leans)
        scratch->centres = carve(c, tile * dim, sizeof(real));
    if (work->sampled)
        scratch->aux = carve(c, work->widest, sizeof(real));
    if (work->bends) {
        scratch->nearest = carve(c, work->widest, sizeof(real));
        scratch->shown = carve(c, work->widest, sizeof(real));
    }
}

/* What the rule needs beside the softmax. */
static void carve_batch(Carve *c, Work *work, const HeadConfig *config)
{
    const HeadRule *rule = head_rule_of(config->options.info);
    work->batch = (HeadBatch){0};
    if (!head_rule_batches(rule))
        return;
    work->sorted = carve(c, work->rows, sizeof *work->sorted);
    work->order = carve(c, work->rows, sizeof *work->order);
    work->first = carve(c, work->rows + 1, sizeof *work->first);
    if (rule->embeddings != NULL)
        work->batch.dx = carve(c, work->rows * config->dim, sizeof(real));
    if (rule->centres != NULL) {
        work->batch.dw = carve(c, work->rows * config->dim, sizeof(real));
        work->batch.present_weight = carve(c, work->rows * config->dim, sizeof(real));
    }
    work->batch.memory =
        carve(c, work->rows, rule->row_bytes + (size_t)work->rows * rule->pair_bytes);
}

static int64_t own_places(const Work *work)
{
    return work->place[work->own.count] - work->place[0];
}

/* Cuts block into what work needs; with a NULL block only counts. false when the sizes overflow. */
static bool lay_out(Work *work, void *block, const HeadConfig *config, size_t *bytes)
{
    Carve c = {.block = block};
    int64_t groups = work->own.count;
    work->row = carve(&c, work->rows, sizeof(HeadRow));
    work->found = carve(&c, work->rows, sizeof(OwnCosine));
    work->pull = carve(&c, work->rows, sizeof(double));
    work->unit = carve(&c, work->rows * config->dim, sizeof(real));
    work->inverse = carve(&c, own_places(work) * work->sub, sizeof(real));
    work->group_row = carve(&c, groups * work->rows, sizeof(GroupRow));
    work->group_dx = carve(&c, groups / work->every * work->rows * config->dim, sizeof(real));
    work->scratch = carve(&c, work->threads, sizeof(Scratch));
    for (int64_t i = 0; i < work->threads; i++) {
        Scratch unused;
        carve_scratch(&c, work->scratch != NULL ? &work->scratch[i] : &unused, work, config->dim);
    }
    carve_batch(&c, work, config);
    *bytes = c.used;
    return !c.overflow;
}

int work_groups(int *groups, const HeadConfig *config, Err *err)
{
    int n = config->groups > 0 ? config->groups : HEAD_GROUPS;
    *groups = n;
    if (n > HEAD_GROUPS_MAX || (n & (n - 1)) != 0)
        return err_set(err, "%d groups of identities: it must be a power of two, up to %d", n,
                       HEAD_GROUPS_MAX);
    if (comm_size(config->comm) > n)
        return err_set(err, "%d groups of identities cannot be shared out to %d processes", n,
                       comm_size(config->comm));
    return 0;
}

/* Sets the geometry, but for the places of the groups, which are there. */
static int begin_plan(Work *work, const HeadConfig *config, int64_t identities, int64_t rows,
                      int threads, Err *err)
{
    if (rows < 1 || rows > 1 << 20)
        return err_set(err, "a batch of %lld rows: the head takes from 1 to %d", (long long)rows,
                       1 << 20);
    work->identities = identities;
    work->rows = rows;
    work->threads = threads;
    work->sampled = head_samples(config);
    work->leans = head_rule_of(config->options.info)->lean != NULL;
    work->sub = head_sub(&config->options);
    work->tile = choose_tile(config, rows);
    work->bends = work->sub > 1 || head_option(&config->options, "filter") > 0;
    return 0;
}

/* The widest tile of any group, and all sizes. Rows are limited so that no product here passes
 * 2^63. */
static int plan(Work *work, size_t *block, size_t *cosines, const HeadConfig *config, int groups,
                Err *err)
{
    work->widest = 1;
    work->every = head_group_every(config, groups);
    if (work->every > work->own.count) /* which may be 0, without centres */
        work->every = work->own.count > 0 ? work->own.count : 1;
    for (int g = 0; g < work->own.count; g++) {
        int64_t n = work->place[g + 1] - work->place[g], tiles = work_tiles(work, g);
        for (int64_t t = 0; t < tiles; t++) {
            int64_t width =
                work_tile_begin(work, n, tiles, t + 1) - work_tile_begin(work, n, tiles, t);
            work->widest = width > work->widest ? width : work->widest;
        }
    }
    if (!lay_out(work, NULL, config, block) ||
        !size_mul((size_t)(work->rows * work->sub) * sizeof(real), (size_t)own_places(work),
                  cosines))
        return err_set(err, "a head of %lld identities and a batch of %lld rows is too large",
                       (long long)work->identities, (long long)work->rows);
    return 0;
}

/* Of that many identities, as evenly as they are drawn. */
int work_measure(size_t *block, size_t *cosines, const HeadConfig *config, int64_t identities,
                 int64_t rows, int threads, Err *err)
{
    Work work = {0};
    int groups;
    if (work_groups(&groups, config, err) != 0 ||
        begin_plan(&work, config, identities, rows, threads, err) != 0)
        return -1;
    if (identities > 0)
        work.own = comm_leaves(config->comm, groups);
    for (int g = 0; g <= work.own.count; g++)
        work.place[g] =
            head_group_begin(config, groups, work.own.first + g) * identities / config->identities;
    return plan(&work, block, cosines, config, groups, err);
}

/* Makes *memory at least that large; what was in it is lost. false when there is no memory. */
static bool grow(void **memory, size_t *have, size_t want)
{
    if (want <= *have)
        return true;
    free(*memory);
    *have = 0;
    *memory = large_alloc(want);
    if (*memory != NULL)
        *have = want;
    return *memory != NULL;
}

/* Where the own groups begin among the identities of the step. */
static void find_places(Work *work, const Head *head)
{
    work->own = head->rule->bare ? (Leaves){0, 0} : head->own;
    for (int g = 0; g <= work->own.count; g++) {
        int64_t begin = head_group_begin(&head->config, head->groups, work->own.first + g);
        work->place[g] = head->sample != NULL ? sample_place(head->sample, begin) : begin;
    }
}

int work_reserve(Head *head, int64_t identities, int64_t rows, Err *err)
{
    const HeadConfig *config = &head->config;
    Work *work = &head->work, next = {0};
    size_t block = 0, cosines = 0;
    find_places(&next, head);
    if (begin_plan(&next, config, identities, rows, pool_threads(head->pool), err) != 0 ||
        plan(&next, &block, &cosines, config, head->groups, err) != 0)
        return -1;
    next.block = work->block;
    next.block_bytes = work->block_bytes;
    next.kept = work->kept;
    next.kept_bytes = work->kept_bytes;
    *work = next;
    if (!grow(&work->block, &work->block_bytes, block))
        return err_memory(err, "the working memory of the head", block);
    lay_out(work, work->block, config, &block);
    /* Keeping the cosines is only a matter of speed, so no memory for them is no failure. */
    if (block <= config->max_memory && cosines <= config->max_memory - block &&
        grow(&work->kept, &work->kept_bytes, cosines))
        work->cosines = work->kept;
    return 0;
}

void work_release(Work *work)
{
    free(work->kept);
    free(work->block);
    *work = (Work){0};
}

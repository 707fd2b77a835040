#include <stdlib.h>

#include "base/large_internal.h"
#include "base/num_internal.h"
#include "head/engine_internal.h"

enum {
    GROUPS = 32, /* of tiles: each needs room for dx[B,D] */
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
static int64_t choose_tile(const HeadConfig *config, int64_t identities, int64_t rows)
{
    if (config->tile > 0)
        return min64(config->tile, identities);
    int64_t tile = TILE_BYTES / (int64_t)sizeof(real) / rows / head_sub(&config->options);
    tile = min64(tile, identities / GROUPS);
    tile = min64(tile, TILE_MAX) / TILE_MIN * TILE_MIN;
    return min64(tile > 0 ? tile : TILE_MIN, identities);
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
    int64_t tile = work->tile * work->sub;
    *scratch = (Scratch){
        .cosine = carve(c, work->rows * tile, sizeof(real)),
        .gradient = carve(c, tile * dim, sizeof(real)),
        .pull = carve(c, tile, sizeof(real)),
        .z = carve(c, work->tile, sizeof(real)),
        .d = carve(c, work->tile, sizeof(real)),
    };
    if (work->sampled || work->leans)
        scratch->centres = carve(c, tile * dim, sizeof(real));
    if (work->sampled)
        scratch->aux = carve(c, work->tile, sizeof(real));
    if (work->bends) {
        scratch->nearest = carve(c, work->tile, sizeof(real));
        scratch->shown = carve(c, work->tile, sizeof(real));
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
    if (rule->centres != NULL)
        work->batch.dw = carve(c, work->rows * config->dim, sizeof(real));
    work->batch.memory =
        carve(c, work->rows, rule->row_bytes + (size_t)work->rows * rule->pair_bytes);
}

/* Cuts block into what work needs; with a NULL block only counts. false when the sizes overflow. */
static bool lay_out(Work *work, void *block, const HeadConfig *config, size_t *bytes)
{
    Carve c = {.block = block};
    work->row = carve(&c, work->rows, sizeof(HeadRow));
    work->unit = carve(&c, work->rows * config->dim, sizeof(real));
    work->inverse = carve(&c, work->identities * work->sub, sizeof(real));
    work->group_row = carve(&c, work->groups * work->rows, sizeof(GroupRow));
    work->group_dx = carve(&c, work->groups * work->rows * config->dim, sizeof(real));
    work->scratch = carve(&c, work->threads, sizeof(Scratch));
    for (int64_t i = 0; i < work->threads; i++) {
        Scratch unused;
        carve_scratch(&c, work->scratch != NULL ? &work->scratch[i] : &unused, work, config->dim);
    }
    carve_batch(&c, work, config);
    *bytes = c.used;
    return !c.overflow;
}

/* Sets the geometry and counts. Rows are limited so that no product here passes 2^63. */
static int plan(Work *work, size_t *block, size_t *cosines, const HeadConfig *config,
                int64_t identities, int64_t rows, int threads, Err *err)
{
    if (rows < 1 || rows > 1 << 20)
        return err_set(err, "a batch of %lld rows: the head takes from 1 to %d", (long long)rows,
                       1 << 20);
    *work = (Work){.identities = identities,
                   .rows = rows,
                   .threads = threads,
                   .sampled = head_samples(config),
                   .leans = head_rule_of(config->options.info)->lean != NULL,
                   .sub = head_sub(&config->options),
                   .tile = identities > 0 ? choose_tile(config, identities, rows) : 1};
    work->bends = work->sub > 1 || head_option(&config->options, "filter") > 0;
    work->tiles = (identities + work->tile - 1) / work->tile;
    work->groups = min64(work->tiles, GROUPS);
    if (!lay_out(work, NULL, config, block) ||
        !size_mul((size_t)(rows * work->sub) * sizeof(real), (size_t)identities, cosines))
        return err_set(err, "a head of %lld identities and a batch of %lld rows is too large",
                       (long long)identities, (long long)rows);
    return 0;
}

int work_measure(size_t *block, size_t *cosines, const HeadConfig *config, int64_t identities,
                 int64_t rows, int threads, Err *err)
{
    Work work;
    return plan(&work, block, cosines, config, identities, rows, threads, err);
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

int work_reserve(Work *work, const HeadConfig *config, int64_t identities, int64_t rows,
                 int threads, Err *err)
{
    Work next;
    size_t block = 0, cosines = 0;
    if (plan(&next, &block, &cosines, config, identities, rows, threads, err) != 0)
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

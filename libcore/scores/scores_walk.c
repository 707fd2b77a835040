/* The walk over all scores, tile by tile or along a list. */
#include <cblas.h>
#include <math.h>
#include <stdlib.h>

#include "scores/scores_parts_internal.h"

enum { LISTED_CHUNK = 8192 }; /* scores of a list handed on at a time */

typedef struct Walk {
    const Scores *scores;
    ScoreKinds kinds;
    ScoreSink *sink;
    PairSink *pair_sink; /* instead of sink, if not NULL */
    void *arg;
    float *tiles;   /* [workers,SCORES_TILE,SCORES_TILE] */
    int rank, of;   /* only every `of`-th tile or chunk */
    KeptPart *keep; /* [workers], or NULL */
} Walk;

static int64_t smaller(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static void give(const Walk *walk, int worker, int64_t place, int64_t column, const float *score,
                 int64_t n, bool genuine)
{
    if (n <= 0 || !(walk->kinds & (genuine ? SCORES_GENUINE : SCORES_IMPOSTOR)))
        return;
    if (walk->keep != NULL && !genuine)
        kept_part_add(&walk->keep[worker], place, column, score, n);
    if (walk->pair_sink != NULL)
        walk->pair_sink(walk->arg, worker, place, column, score, n, genuine);
    else
        walk->sink(walk->arg, worker, score, n, genuine);
}

/* The genuine scores and the impostors behind them, if they are wanted. */
static void hand_on(const Walk *walk, int worker, int64_t place, int64_t column, const float *score,
                    int64_t genuine, int64_t impostors)
{
    int64_t behind = larger(genuine, 0);
    give(walk, worker, place, column, score, genuine, true);
    give(walk, worker, place, column + behind, score + behind, impostors, false);
}

/* Sides are rounded up to this, for the kernels' sake; the rows behind the last are zero. */
static blasint side(int64_t rows)
{
    return (blasint)smaller((rows + 63) / 64 * 64, SCORES_TILE);
}

/* The cosines of so many rows from `top` with those from `left`; on the diagonal only the upper
 * triangle. */
static void make_tile(float *tile, const Scores *scores, int64_t top, int64_t rows, int64_t left,
                      int64_t columns)
{
    blasint d = (blasint)scores->d;
    const float *down = scores->unit + top * d, *across = scores->unit + left * d;
    if (top == left)
        cblas_ssyrk(CblasRowMajor, CblasUpper, CblasNoTrans, side(rows), d, 1, down, d, 0, tile,
                    SCORES_TILE);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, side(rows), side(columns), d, 1, down,
                    d, across, d, 0, tile, SCORES_TILE);
}

/* One tile of the matrix of all cosines, i counting the tiles row by row. Of each row what is right
 * of the diagonal is handed on: first the scores with rows of the same label, then the others. */
static void walk_tile(void *arg, int64_t i, int worker)
{
    const Walk *walk = arg;
    const Scores *scores = walk->scores;
    const int64_t *down = scores->start + i / scores->tiles;
    const int64_t *across = scores->start + i % scores->tiles;
    if (walk->of > 1 && (i / scores->tiles + i % scores->tiles) % walk->of != walk->rank)
        return;
    int64_t top = down[0], bottom = down[1] - 1, left = across[0], right = across[1];
    if (left < top || (!(walk->kinds & SCORES_IMPOSTOR) && scores->group_end[bottom] <= left))
        return;
    float *tile = walk->tiles + (size_t)worker * SCORES_TILE * SCORES_TILE;
    make_tile(tile, scores, top, bottom + 1 - top, left, right - left);
    for (int64_t row = top; row <= bottom; row++) {
        const float *score = tile + (row - top) * SCORES_TILE;
        int64_t begin = larger(left, row + 1), end = larger(begin, right);
        int64_t split = larger(begin, smaller(scores->group_end[row], end));
        hand_on(walk, worker, row, begin, score + (begin - left), split - begin, end - split);
    }
}

static void walk_chunk(void *arg, int64_t i, int worker)
{
    const Walk *walk = arg;
    const Scores *scores = walk->scores;
    int64_t n = scores->genuine + scores->impostor;
    if (walk->of > 1 && i % walk->of != walk->rank)
        return;
    int64_t begin = i * LISTED_CHUNK, end = smaller(begin + LISTED_CHUNK, n);
    int64_t split = larger(begin, smaller(scores->genuine, end));
    hand_on(walk, worker, 0, begin, scores->listed + begin, split - begin, end - split);
}

static int walk_tiles(Walk *walk, Pool *pool, Err *err)
{
    size_t bytes = (size_t)pool_threads(pool) * SCORES_TILE * SCORES_TILE * sizeof(float);
    walk->tiles = malloc(bytes);
    if (walk->tiles == NULL)
        return err_memory(err, "tiles of scores", bytes);
    pool_run(pool, walk->scores->tiles * walk->scores->tiles, walk_tile, walk);
    free(walk->tiles);
    return 0;
}

static int walk_any(Walk *walk, Pool *pool, Err *err)
{
    const Scores *scores = walk->scores;
    if (scores->listed == NULL)
        return walk_tiles(walk, pool, err);
    int64_t n = scores->genuine + scores->impostor;
    pool_run(pool, (n + LISTED_CHUNK - 1) / LISTED_CHUNK, walk_chunk, walk);
    return 0;
}

int scores_walk(const Scores *scores, ScoreKinds kinds, Pool *pool, ScoreSink *sink, void *arg,
                Err *err)
{
    Walk walk = {.scores = scores, .kinds = kinds, .sink = sink, .arg = arg};
    return walk_any(&walk, pool, err);
}

static Walk walk_of_share(const Scores *scores, ScoreKinds kinds, ScoreSink *sink, void *arg)
{
    return (Walk){.scores = scores,
                  .kinds = kinds,
                  .sink = sink,
                  .arg = arg,
                  .rank = comm_rank(scores->comm),
                  .of = comm_size(scores->comm)};
}

int scores_walk_share(const Scores *scores, ScoreKinds kinds, Pool *pool, ScoreSink *sink,
                      void *arg, Err *err)
{
    Walk walk = walk_of_share(scores, kinds, sink, arg);
    return walk_any(&walk, pool, err);
}

int scores_walk_keeping(const Scores *scores, float from, Pool *pool, ScoreSink *sink, void *arg,
                        Err *err)
{
    Walk walk = walk_of_share(scores, SCORES_IMPOSTOR, sink, arg);
    int workers = pool_threads(pool);
    if (isinf(from) || scores->kept == NULL || scores->n > INT32_MAX || walk.of > 1)
        return walk_any(&walk, pool, err);
    walk.keep = calloc((size_t)workers, sizeof *walk.keep);
    if (walk.keep == NULL)
        return err_memory(err, "pairs to be kept", (size_t)workers * sizeof *walk.keep);
    for (int i = 0; i < workers; i++)
        walk.keep[i].from = from;
    int rc = walk_any(&walk, pool, err);
    walk.keep[0].full = walk.keep[0].full || rc != 0;
    kept_join(scores->kept, walk.keep, workers);
    free(walk.keep);
    return rc;
}

int scores_walk_pairs(const Scores *scores, ScoreKinds kinds, Pool *pool, PairSink *sink, void *arg,
                      Err *err)
{
    Walk walk = {.scores = scores, .kinds = kinds, .pair_sink = sink, .arg = arg};
    return walk_tiles(&walk, pool, err);
}

int scores_walk_from(const Scores *scores, ScoreKinds kinds, float from, Pool *pool, PairSink *sink,
                     void *arg, Err *err)
{
    if (scores->kept == NULL || from < scores->kept->from)
        return scores_walk_pairs(scores, kinds, pool, sink, arg, err);
    if ((kinds & SCORES_GENUINE) &&
        scores_walk_pairs(scores, SCORES_GENUINE, pool, sink, arg, err) != 0)
        return -1;
    if (kinds & SCORES_IMPOSTOR)
        kept_walk(scores->kept, from, pool, sink, arg);
    return 0;
}

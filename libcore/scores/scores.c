#include "scores/scores_internal.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num_internal.h"
#include "base/sort_internal.h"
#include "scores/kept_internal.h"

enum {
    TILE = 512,          /* rows and columns of a tile of scores: 1 MiB, stays in a core's cache */
    LISTED_CHUNK = 8192, /* scores of a list handed on at a time */
    WASTE = TILE / 32,   /* rows that a tile may have less, 3 %, to end with a group */
    BLOCK = 256,         /* rows and columns of a block of the sample */
    BLOCKS = SCORES_SAMPLE / (BLOCK * BLOCK)
};

struct Scores {
    int64_t genuine, impostor;
    float *listed; /* the genuine scores, then the impostors; NULL for all pairs */
    /* all pairs: the rows sorted by label */
    int64_t n, d, tiles;
    float *unit;        /* [n + TILE, d], the last TILE rows zero */
    int64_t *start;     /* [tiles + 1], the first row of a tile, which has TILE rows at most */
    int64_t *group_end; /* [n], where the rows of the same label end */
    int64_t *row;       /* [n], whose rows they are */
    int64_t keep_rank;  /* see scores_keep() */
    Kept *kept;         /* filled by walks; NULL unless some are to be kept */
    Comm *comm;         /* or NULL */
};

typedef struct Walk {
    const Scores *scores;
    ScoreKinds kinds;
    ScoreSink *sink;
    PairSink *pair_sink; /* instead of sink, if not NULL */
    void *arg;
    float *tiles;   /* [workers,TILE,TILE] */
    int rank, of;   /* only every `of`-th tile or chunk */
    KeptPart *keep; /* [workers], or NULL */
} Walk;

typedef struct Row {
    int64_t label, index;
    const float *embedding;
    size_t bytes;
} Row;

static int compare_rows(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    if (x->label != y->label)
        return x->label < y->label ? -1 : 1;
    return memcmp(x->embedding, y->embedding, x->bytes);
}

static Row *sorted_rows(const EmbeddingRows *rows, int64_t *labelled, Err *err)
{
    Row *order = malloc(((size_t)rows->n + 1) * sizeof *order);
    if (order == NULL) {
        err_memory(err, "the order of the rows", (size_t)rows->n * sizeof *order);
        return NULL;
    }
    int64_t n = 0;
    for (int64_t i = 0; i < rows->n; i++)
        if (rows->label[i] >= 0)
            order[n++] = (Row){rows->label[i], i, rows->embedding + i * rows->d,
                               (size_t)rows->d * sizeof(float)};
    sort_array(order, (size_t)n, sizeof *order, compare_rows);
    *labelled = n;
    return order;
}

static void find_groups(Scores *scores, const Row *order)
{
    int64_t n = scores->n;
    for (int64_t begin = 0, end; begin < n; begin = end) {
        for (end = begin; end < n && order[end].label == order[begin].label; end++)
            ;
        for (int64_t i = begin; i < end; i++)
            scores->group_end[i] = end;
        scores->genuine += (end - begin) * (end - begin - 1) / 2;
    }
    scores->impostor = n * (n - 1) / 2 - scores->genuine;
}

/* Where the tile that starts here ends: before a group that does not fit whole, if little of the
 * tile is wasted by that. So genuine pairs are mostly in the tiles on the diagonal. */
static int64_t tile_end(const Scores *scores, int64_t start)
{
    if (scores->n - start <= TILE)
        return scores->n;
    int64_t end = start + TILE, whole = end;
    while (whole > end - WASTE && scores->group_end[whole - 1] > end)
        whole--;
    return scores->group_end[whole - 1] > end ? end : whole;
}

static int find_tiles(Scores *scores, Err *err)
{
    size_t bytes = ((size_t)scores->n / (TILE - WASTE) + 2) * sizeof(int64_t);
    scores->start = calloc(1, bytes);
    if (scores->start == NULL)
        return err_memory(err, "the tiles", bytes);
    for (int64_t end = 0; end < scores->n;)
        scores->start[++scores->tiles] = end = tile_end(scores, end);
    return 0;
}

/* Copies the rows in that order. */
static int copy_rows(Scores *scores, const EmbeddingRows *rows, const Row *order, Err *err)
{
    size_t floats = 0;
    bool fits = size_mul((size_t)scores->n + TILE, (size_t)scores->d, &floats) &&
                size_mul(floats, sizeof(float), &(size_t){0});
    scores->unit = fits ? calloc(floats, sizeof(float)) : NULL;
    scores->group_end = malloc(((size_t)scores->n + 1) * sizeof(int64_t));
    scores->row = malloc(((size_t)scores->n + 1) * sizeof(int64_t));
    if (scores->unit == NULL || scores->group_end == NULL || scores->row == NULL)
        return err_memory(err, "the embeddings", floats * sizeof(float));
    for (int64_t i = 0; i < scores->n; i++)
        scores->row[i] = order[i].index;
    for (int64_t i = 0; i < scores->n; i++)
        if (cosine_unit(scores->unit + i * scores->d, rows, order[i].index, err) != 0)
            return -1;
    return 0;
}

Scores *scores_all_pairs(const EmbeddingRows *rows, Err *err)
{
    int64_t n;
    Row *order = sorted_rows(rows, &n, err);
    Scores *scores = calloc(1, sizeof *scores);
    if (order == NULL || scores == NULL) {
        err_memory(err, "scores", sizeof *scores);
        goto fail;
    }
    scores->n = n;
    scores->d = rows->d;
    if (copy_rows(scores, rows, order, err) != 0)
        goto fail;
    find_groups(scores, order);
    if (find_tiles(scores, err) != 0)
        goto fail;
    free(order);
    return scores;
fail:
    free(order);
    scores_free(scores);
    return NULL;
}

Scores *scores_pairs_among(const EmbeddingRows *rows, const int64_t *row, int64_t n, Err *err)
{
    size_t d = (size_t)rows->d;
    float *x = malloc(((size_t)n * d + 1) * sizeof(float));
    int64_t *label = malloc(((size_t)n + 1) * sizeof(int64_t));
    Scores *scores = NULL;
    if (x == NULL || label == NULL) {
        err_memory(err, "embeddings", (size_t)n * d * sizeof(float));
    } else {
        for (int64_t i = 0; i < n; i++) {
            memcpy(x + i * rows->d, rows->embedding + row[i] * rows->d, d * sizeof(float));
            label[i] = rows->label[row[i]];
        }
        EmbeddingRows some = {.n = n, .d = rows->d, .embedding = x, .label = label};
        scores = scores_all_pairs(&some, err);
    }
    free(x);
    free(label);
    return scores;
}

Scores *scores_listed(const float *score, const bool *same, int64_t n, Err *err)
{
    Scores *scores = calloc(1, sizeof *scores);
    float *listed = malloc(((size_t)n + 1) * sizeof *listed);
    if (scores == NULL || listed == NULL) {
        err_memory(err, "scores", (size_t)n * sizeof *listed);
        free(listed);
        free(scores);
        return NULL;
    }
    for (int64_t i = 0; i < n; i++)
        scores->genuine += same[i];
    scores->impostor = n - scores->genuine;
    scores->listed = listed;
    float *genuine = listed, *impostor = listed + scores->genuine;
    for (int64_t i = 0; i < n; i++)
        *(same[i] ? genuine++ : impostor++) = score[i];
    return scores;
}

void scores_free(Scores *scores)
{
    if (scores == NULL)
        return;
    free(scores->listed);
    free(scores->unit);
    free(scores->group_end);
    free(scores->start);
    free(scores->row);
    if (scores->kept != NULL)
        free(scores->kept->pair);
    free(scores->kept);
    free(scores);
}

int64_t scores_genuine(const Scores *scores)
{
    return scores->genuine;
}

int64_t scores_impostor(const Scores *scores)
{
    return scores->impostor;
}

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
    return (blasint)smaller((rows + 63) / 64 * 64, TILE);
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
                    TILE);
    else
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, side(rows), side(columns), d, 1, down,
                    d, across, d, 0, tile, TILE);
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
    float *tile = walk->tiles + (size_t)worker * TILE * TILE;
    make_tile(tile, scores, top, bottom + 1 - top, left, right - left);
    for (int64_t row = top; row <= bottom; row++) {
        const float *score = tile + (row - top) * TILE;
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
    size_t bytes = (size_t)pool_threads(pool) * TILE * TILE * sizeof(float);
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

void scores_share(Scores *scores, Comm *comm)
{
    scores->comm = comm;
}

Comm *scores_comm(const Scores *scores)
{
    return scores->comm;
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

/* Where there is no memory for it nothing is kept. */
void scores_keep(Scores *scores, int64_t rank)
{
    if (scores->kept == NULL && (scores->kept = malloc(sizeof *scores->kept)) != NULL)
        *scores->kept = (Kept){.from = INFINITY};
    scores->keep_rank = rank;
}

int64_t scores_keep_rank(const Scores *scores)
{
    return scores->kept != NULL ? scores->keep_rank : 0;
}

int64_t scores_places(const Scores *scores)
{
    return scores->n;
}

int64_t scores_row(const Scores *scores, int64_t place)
{
    return scores->row[place];
}

int64_t scores_group_end(const Scores *scores, int64_t place)
{
    return scores->group_end[place];
}

/* A row for each number, scattered over all of them. */
static int64_t scattered(const Scores *scores, int64_t number)
{
    return (int64_t)((uint32_t)number * 0x9E3779B1u % (uint64_t)scores->n);
}

typedef struct Sampling {
    float *out; /* [BLOCKS,BLOCK,BLOCK] */
    int64_t n[BLOCKS];
    const Scores *scores;
    float *scratch; /* [workers, 2 * BLOCK * d + BLOCK * BLOCK] */
} Sampling;

/* The impostors among the scores of BLOCK rows with as many others. */
static void sample_block(void *arg, int64_t block, int worker)
{
    Sampling *sampling = arg;
    const Scores *scores = sampling->scores;
    int64_t d = scores->d, n = 0, row[2 * BLOCK];
    float *out = sampling->out + block * BLOCK * BLOCK;
    float *side = sampling->scratch + (int64_t)worker * (2 * BLOCK * d + BLOCK * BLOCK);
    float *tile = side + 2 * BLOCK * d;
    for (int64_t i = 0; i < 2 * BLOCK; i++) {
        row[i] = scattered(scores, 2 * BLOCK * block + i);
        memcpy(side + i * d, scores->unit + row[i] * d, (size_t)d * sizeof(float));
    }
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, BLOCK, BLOCK, (blasint)d, 1, side,
                (blasint)d, side + BLOCK * d, (blasint)d, 0, tile, BLOCK);
    for (int64_t i = 0; i < BLOCK; i++)
        for (int64_t j = 0; j < BLOCK; j++) {
            out[n] = tile[i * BLOCK + j];
            n += scores->group_end[row[i]] != scores->group_end[row[BLOCK + j]];
        }
    sampling->n[block] = n;
}

int64_t scores_sample(float *out, const Scores *scores, Pool *pool, Err *err)
{
    if (scores->listed != NULL || scores->n < 8 * TILE)
        return 0;
    size_t floats = (size_t)pool_threads(pool) * (2 * BLOCK * (size_t)scores->d + BLOCK * BLOCK);
    Sampling sampling = {.out = out, .scores = scores, .scratch = malloc(floats * sizeof(float))};
    if (sampling.scratch == NULL)
        return err_memory(err, "a sample of scores", floats * sizeof(float));
    pool_run(pool, BLOCKS, sample_block, &sampling);
    free(sampling.scratch);
    int64_t n = sampling.n[0];
    for (int64_t block = 1; block < BLOCKS; n += sampling.n[block++])
        memmove(out + n, out + block * BLOCK * BLOCK, (size_t)sampling.n[block] * sizeof(float));
    return n;
}

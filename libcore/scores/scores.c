#include "scores/scores_parts_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num_internal.h"
#include "base/sort_internal.h"

enum { WASTE = SCORES_TILE / 32 }; /* rows that a tile may have less, 3 %, to end with a group */

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
    if (scores->n - start <= SCORES_TILE)
        return scores->n;
    int64_t end = start + SCORES_TILE, whole = end;
    while (whole > end - WASTE && scores->group_end[whole - 1] > end)
        whole--;
    return scores->group_end[whole - 1] > end ? end : whole;
}

static int find_tiles(Scores *scores, Err *err)
{
    size_t bytes = ((size_t)scores->n / (SCORES_TILE - WASTE) + 2) * sizeof(int64_t);
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
    bool fits = size_mul((size_t)scores->n + SCORES_TILE, (size_t)scores->d, &floats) &&
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

void scores_share(Scores *scores, Comm *comm)
{
    scores->comm = comm;
}

Comm *scores_comm(const Scores *scores)
{
    return scores->comm;
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

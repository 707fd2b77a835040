/* Contrastive loss, on the batch alone: there are no centres.
 *
 *     L = mean over pairs of  d^2               for two rows of one identity
 *                             max(0, m - d)^2   for two of different ones
 *
 * d is the distance of the embeddings, of length 1 (`unit`) or as they are. All pairs of one
 * identity take part, and of the others the nearest, as many. The choice is a constant to the
 * gradient, and equal embeddings do not pull apart. */
#include "base/sort_internal.h"
#include "head/pairs_internal.h"

enum { M, UNIT };

static const HeadOption options[] = {
    {"m", 1, 0, 1e6, "distance at which different identities leave each other alone"},
    {"unit", 1, 0, 1, "0: distances of the embeddings as they are, not of length 1"},
    {0},
};

typedef struct Pair {
    double distance; /* squared */
    int32_t i, j;
} Pair;

static int nearer(const void *a, const void *b)
{
    const Pair *x = a, *y = b;
    if (x->distance != y->distance)
        return x->distance < y->distance ? -1 : 1;
    if (x->i != y->i)
        return x->i < y->i ? -1 : 1;
    return (x->j > y->j) - (x->j < y->j);
}

/* The pairs of different identities by distance; *genuine is how many the others are. */
static int64_t sort_impostors(Pair *pair, const double *distance, const HeadRow *row, int64_t rows,
                              int64_t *genuine)
{
    int64_t n = 0;
    *genuine = 0;
    for (int64_t i = 0; i < rows; i++)
        for (int64_t j = i + 1; j < rows; j++) {
            *genuine += row[i].label == row[j].label;
            if (row[i].label != row[j].label)
                pair[n++] = (Pair){distance[i * rows + j], (int32_t)i, (int32_t)j};
        }
    sort_array(pair, (size_t)n, sizeof *pair, nearer);
    return n < *genuine ? n : *genuine;
}

static void pull_genuine(HeadRow *row, const HeadBatch *batch, const double *distance, bool unit)
{
    for (int64_t i = 0; i < batch->rows; i++)
        for (int64_t j = i + 1; j < batch->rows; j++)
            if (row[i].label == row[j].label) {
                row[i].term += distance[i * batch->rows + j];
                pairs_pull(batch, unit, i, j, 2);
            }
}

static void push_impostor(HeadRow *row, const HeadBatch *batch, const Pair *pair, double m,
                          bool unit)
{
    double d = sqrt(pair->distance), short_of = m - d;
    if (short_of <= 0)
        return;
    row[pair->i].term += short_of * short_of;
    row[pair->i].hard += 1;
    pairs_pull(batch, unit, pair->i, pair->j, d > 0 ? -2 * short_of / d : 0);
}

static void embeddings(const HeadState *state, HeadRow *row, const HeadBatch *batch)
{
    bool unit = state->value[UNIT] != 0;
    int64_t rows = batch->rows, genuine;
    double *distance = batch->memory;
    Pair *pair = (Pair *)(distance + rows * rows);
    pairs_measure(distance, row, batch, unit);
    int64_t impostors = sort_impostors(pair, distance, row, rows, &genuine);
    pull_genuine(row, batch, distance, unit);
    for (int64_t k = 0; k < impostors; k++)
        push_impostor(row, batch, &pair[k], state->value[M], unit);
    double share = genuine > 0 ? 1 / (double)(genuine + impostors) : 0;
    for (int64_t i = 0; i < rows; i++) {
        row[i].term *= share * (double)rows;
        row[i].margin = state->value[M];
    }
    pairs_finish(row, batch, unit, share);
}

const HeadRule head_contrastive = {
    .info = {"contrastive", "distances of pairs within the batch, no centres", options, NULL},
    .bare = true,
    .margins = 1 << M,
    .embeddings = embeddings,
    .pair_bytes = sizeof(double) + sizeof(Pair) / 2,
};

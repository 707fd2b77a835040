/* Triplet loss (FaceNet, arXiv 1503.03832), on the batch alone: there are no centres.
 *
 *     L = mean over triplets of  max(0, |a - p|^2 - |a - n|^2 + m)
 *
 * Anchor and positive are every two rows of one identity, each in turn the anchor (`both`), or the
 * first alone. The negative n is a row of another identity with a loss above 0: any one, drawn by
 * (seed, step, row of the anchor) (mine=0); the nearest of those farther than the positive, the
 * semi-hard (mine=1); or the nearest of all (mine=2). A pair without one has no triplet. Vectors
 * have length 1 (`unit`), or are as they are. The choice is a constant to the gradient. */
#include "head/pairs_internal.h"

enum { M, MINE, BOTH, UNIT };

static const HeadOption options[] = {
    {"m", 0.2, 0, 1e6, "how much farther than the positive a negative must be, squared"},
    {"mine", 1, 0, 2, "negatives: 0 any with a loss, 1 semi-hard, 2 the nearest"},
    {"both", 1, 0, 1, "1: each of two rows is an anchor; 0: the first alone"},
    {"unit", 1, 0, 1, "0: distances of the embeddings as they are, not of length 1"},
    {0},
};

static const HeadPreset presets[] = {
    {"facenet", "m=0.2 mine=1 both=1 unit=1", "semi-hard negatives and the paper's margin"},
    {"facexzoo", "m=2.5 mine=0 both=0 unit=1", "FaceX-Zoo's choice of triplets and margin"},
    {"batch-hard", "m=0.2 mine=2 both=1 unit=1", "the nearest negative of every pair"},
    {0},
};

typedef struct Batch {
    const HeadState *state;
    HeadRow *row;
    const HeadBatch *rows;
    const double *distance; /* [rows, rows] */
    int64_t triplets;
} Batch;

/* Of the negatives of anchor a that have a loss with a positive at that distance, number `which`
 * (-1: none of that number); *count is how many there are. */
static int64_t any_negative(const Batch *b, int64_t a, double positive, int64_t which,
                            int64_t *count)
{
    const double *distance = b->distance + a * b->rows->rows;
    int64_t found = -1;
    *count = 0;
    for (int64_t n = 0; n < b->rows->rows; n++) {
        if (b->row[n].label == b->row[a].label ||
            !(positive - distance[n] + b->state->value[M] > 0))
            continue;
        if (*count == which)
            found = n;
        ++*count;
    }
    return found;
}

/* The nearest negative beyond a distance, if it has a loss; else -1. */
static int64_t nearest_negative(const Batch *b, int64_t a, double positive, double beyond)
{
    const double *distance = b->distance + a * b->rows->rows;
    int64_t best = -1;
    for (int64_t n = 0; n < b->rows->rows; n++)
        if (b->row[n].label != b->row[a].label && distance[n] > beyond &&
            (best < 0 || distance[n] < distance[best]))
            best = n;
    return best >= 0 && positive - distance[best] + b->state->value[M] > 0 ? best : -1;
}

static int64_t choose_negative(const Batch *b, int64_t a, double positive, Rng *rng)
{
    double mine = b->state->value[MINE];
    int64_t count;
    if (mine != 0)
        return nearest_negative(b, a, positive, mine == 1 ? positive : -1);
    any_negative(b, a, positive, -1, &count);
    if (count == 0)
        return -1;
    int64_t which = (int64_t)rng_below(rng, (uint64_t)count);
    return any_negative(b, a, positive, which, &count);
}

static void add_triplet(Batch *b, int64_t a, int64_t p, int64_t n)
{
    const double *distance = b->distance + a * b->rows->rows;
    bool unit = b->state->value[UNIT] != 0;
    HeadRow *row = &b->row[a];
    row->term += distance[p] - distance[n] + b->state->value[M];
    row->hard += 1;
    b->triplets++;
    pairs_pull(b->rows, unit, a, p, 2);
    pairs_pull(b->rows, unit, a, n, -2);
}

static void anchor(Batch *b, int64_t a)
{
    Rng rng = rng_at(b->state->seed, (uint64_t)b->state->step, (uint64_t)a, 't');
    b->row[a].margin = b->state->value[M];
    for (int64_t p = b->state->value[BOTH] != 0 ? 0 : a + 1; p < b->rows->rows; p++) {
        if (p == a || b->row[p].label != b->row[a].label)
            continue;
        int64_t n = choose_negative(b, a, b->distance[a * b->rows->rows + p], &rng);
        if (n >= 0)
            add_triplet(b, a, p, n);
    }
}

static void embeddings(const HeadState *state, HeadRow *row, const HeadBatch *batch)
{
    Batch b = {.state = state, .row = row, .rows = batch, .distance = batch->memory};
    bool unit = state->value[UNIT] != 0;
    pairs_measure(batch->memory, row, batch, unit);
    for (int64_t a = 0; a < batch->rows; a++)
        anchor(&b, a);
    double share = b.triplets > 0 ? 1 / (double)b.triplets : 0;
    for (int64_t a = 0; a < batch->rows; a++)
        row[a].term *= share * (double)batch->rows;
    pairs_finish(row, batch, unit, share);
}

const HeadRule head_triplet = {
    .info = {"triplet", "distances within the batch, no centres", options, presets},
    .bare = true,
    .margins = 1 << M,
    .embeddings = embeddings,
    .pair_bytes = sizeof(double),
};

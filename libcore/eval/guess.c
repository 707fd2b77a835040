#include "eval/guess.h"

#include <math.h>
#include <stdlib.h>

#include "base/real.h"
#include "eval/cell.h"

enum {
    MOST_RANKS = 32,     /* more are spread over everything: two walks are cheaper */
    MOST_BYTES = 1 << 25 /* for one guess */
};

/* The sample's scores in lower cells, below[CELLS + 1], and the number of them all. */
typedef struct Sample {
    int32_t *below;
    int64_t n;
} Sample;

CLONES
static void make_cells(int32_t *cell, const float *score, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        cell[i] = cell_of(score[i]);
}

static int draw(Sample *sample, const Scores *scores, Pool *pool, Err *err)
{
    size_t bytes = SCORES_SAMPLE * sizeof(float);
    float *score = malloc(bytes);
    int32_t *cell = malloc(bytes);
    sample->below = calloc(CELLS + 1, sizeof *sample->below);
    if (score == NULL || cell == NULL || sample->below == NULL)
        sample->n = err_memory(err, "a sample of scores", 2 * bytes + 4 * CELLS);
    else
        sample->n = scores_sample(score, scores, pool, err);
    if (sample->n > 0) {
        make_cells(cell, score, sample->n);
        for (int64_t i = 0; i < sample->n; i++)
            sample->below[cell[i] + 1]++;
        for (int32_t i = 0; i < CELLS; i++)
            sample->below[i + 1] += sample->below[i];
    }
    free(score);
    free(cell);
    return sample->n < 0 ? -1 : 0;
}

/* The cell of the score that has so many of the sample above it. */
static int32_t cell_from_top(const Sample *sample, double from_top)
{
    int64_t place = sample->n - 1 - (int64_t)from_top;
    int32_t begin = 0, end = CELLS;
    while (end - begin > 1) {
        int32_t middle = begin + (end - begin) / 2;
        if (sample->below[middle] <= (place < 0 ? 0 : place))
            begin = middle;
        else
            end = middle;
    }
    return begin;
}

/* Marks the cells in which the impostor at this share from the top should lie, with room for the
 * error of the sample; where the sample is too thin, all to the top. */
static void mark_share(Tally *tally, const Sample *sample, const Roc *roc, double share)
{
    double at = share * (double)sample->n, slack = 0.08 * at + 6 * sqrt(at) + 8;
    int32_t low = cell_from_top(sample, at + slack), high = CELLS - 1;
    double within = at + slack;
    if (at > slack) {
        high = cell_from_top(sample, at - slack);
        within = 2 * slack;
    }
    double expected = within / (double)sample->n * (double)roc->impostor / (high - low + 1);
    double bytes = 0;
    for (int32_t cell = low; cell <= high; cell++)
        bytes += fmin(4 * expected, 8 * (double)(cell_key(cell + 1) - cell_key(cell)));
    for (int32_t cell = low; bytes <= (double)MOST_BYTES && cell <= high; cell++)
        tally_mark(tally, cell, expected);
}

/* The share of the sample above the score where the error rates cross. */
static double equal_share(const Tally *tally, const Sample *sample, const Roc *roc)
{
    int32_t low = 0, high = CELLS;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        double accepted = 1 - (double)sample->below[middle] / (double)sample->n;
        double rejected =
            (double)tally_genuine_below(tally, cell_key(middle)) / (double)roc->genuine;
        if (accepted >= rejected)
            low = middle + 1;
        else
            high = middle;
    }
    return 1 - (double)sample->below[low] / (double)sample->n;
}

int guess_mark(Tally *tally, const Roc *roc, const int64_t *rank, int n, const Scores *scores,
               Pool *pool, Err *err)
{
    Sample sample = {0};
    if (n > MOST_RANKS || roc->genuine == 0 || roc->impostor == 0)
        return 0;
    int rc = draw(&sample, scores, pool, err);
    if (rc == 0 && sample.n > 0) {
        for (int i = 0; i < n; i++)
            mark_share(tally, &sample, roc, (double)rank[i] / (double)roc->impostor);
        mark_share(tally, &sample, roc, equal_share(tally, &sample, roc));
    }
    free(sample.below);
    return rc;
}

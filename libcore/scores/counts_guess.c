#include <math.h>
#include <stdlib.h>

#include "base/real_internal.h"
#include "scores/counts_cells_internal.h"
#include "scores/kept_internal.h"
#include "scores/score_key_internal.h"
#include "scores/scores_internal.h"

enum {
    MOST_RANKS = 32,     /* more lie everywhere: two walks are cheaper */
    MOST_BYTES = 1 << 25 /* of tables for one guess: 512 cells */
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

/* The cell of the score with that many of the sample above it. */
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

/* How far from `at`, a number of the sample's scores, the number may be that a score of that share
 * of all has above it. Three errors: of pairs drawn one by one it would be Poisson's, of which six
 * standard deviations are taken. But pairs share rows, 4096 on either side, and a row's share of
 * high scores varies from row to row, as a mean of rows does by sqrt(V / 4096) of itself, V the
 * relative variance between rows; both sides together by sqrt(V) * 2.2 %: 8 % are 3.6 deviations at
 * V = 1, where shares vary as much as they are large. Where nothing is above, 8 may still be
 * expected: none is then met once in e^8 = 2981 times. A wider margin makes more cells to count
 * float by float, a narrower one more second walks. */
static double sample_error(double at)
{
    return 0.08 * at + 6 * sqrt(at) + 8;
}

/* Wants the cells in which the impostor at this share from the top should lie, widened by the error
 * of the sample, and up to the top where the sample is too thin. */
static void want_share(Counts *counts, const Sample *sample, double share)
{
    double at = share * (double)sample->n, slack = sample_error(at);
    int32_t low = cell_from_top(sample, at + slack), high = CELLS - 1;
    double within = at + slack;
    if (at > slack) {
        high = cell_from_top(sample, at - slack);
        within = 2 * slack;
    }
    double expected =
        within / (double)sample->n * (double)counts_impostor(counts) / (high - low + 1);
    double bytes = 0;
    for (int32_t cell = low; cell <= high; cell++)
        bytes += fmin(4 * expected, 8 * (double)(cell_key(cell + 1) - cell_key(cell)));
    for (int32_t cell = low; bytes <= (double)MOST_BYTES && cell <= high; cell++)
        counts_want_cell(counts, cell, expected);
}

/* The share of the sample above the score where the error rates cross. */
static double equal_share(const Counts *counts, const Sample *sample)
{
    int32_t low = 0, high = CELLS;
    while (low < high) {
        int32_t middle = low + (high - low) / 2;
        double accepted = 1 - (double)sample->below[middle] / (double)sample->n;
        double rejected =
            (double)counts_genuine_below(counts, cell_key(middle)) / (double)counts_genuine(counts);
        if (accepted >= rejected)
            low = middle + 1;
        else
            high = middle;
    }
    return 1 - (double)sample->below[low] / (double)sample->n;
}

/* Keeps the impostors of a rank, which is surely a little more of them. */
static void keep_rank(Counts *counts, const Sample *sample, int64_t rank)
{
    double at = (double)rank / (double)counts_impostor(counts) * (double)sample->n;
    int32_t cell = cell_from_top(sample, at + sample_error(at));
    counts_keep_from(counts, score_of_key((uint32_t)cell_key(cell)));
}

int counts_guess(Counts *counts, const int64_t *rank, int n, Pool *pool, Err *err)
{
    Sample sample = {0};
    int64_t keep = scores_keep_rank(counts_scores(counts));
    bool guess = n <= MOST_RANKS;
    if ((!guess && keep == 0) || counts_genuine(counts) == 0 || counts_impostor(counts) == 0)
        return 0;
    int rc = draw(&sample, counts_scores(counts), pool, err);
    if (rc == 0 && sample.n > 0 && guess) {
        for (int i = 0; i < n; i++)
            want_share(counts, &sample, (double)rank[i] / (double)counts_impostor(counts));
        want_share(counts, &sample, equal_share(counts, &sample));
    }
    if (rc == 0 && sample.n > 0 && keep > 0)
        keep_rank(counts, &sample, keep);
    free(sample.below);
    return rc;
}

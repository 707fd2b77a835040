#include "scores/histogram_internal.h"

#include <math.h>
#include <stdlib.h>

#include "scores/scores_internal.h"

static int bin_of(float score)
{
    double bin = floor(((double)score + 1) * (HISTOGRAM_BINS / 2));
    return (int)fmin(fmax(bin, 0), HISTOGRAM_BINS - 1);
}

static void count(void *arg, int worker, const float *score, int64_t n, bool genuine)
{
    Histogram *histogram = (Histogram *)arg + worker;
    int64_t *bin = genuine ? histogram->genuine : histogram->impostor;
    for (int64_t i = 0; i < n; i++)
        bin[bin_of(score[i])]++;
}

int histogram_count(Histogram *histogram, const Scores *scores, Pool *pool, Err *err)
{
    int workers = pool_threads(pool);
    Histogram *each = calloc((size_t)workers, sizeof *each);
    *histogram = (Histogram){{0}, {0}};
    if (each == NULL)
        return err_memory(err, "a histogram", (size_t)workers * sizeof *each);
    int rc = scores_walk_share(scores, SCORES_ALL, pool, count, each, err);
    for (int i = 0; i < workers; i++)
        for (int bin = 0; bin < HISTOGRAM_BINS; bin++) {
            histogram->genuine[bin] += each[i].genuine[bin];
            histogram->impostor[bin] += each[i].impostor[bin];
        }
    free(each);
    comm_sum_integers(scores_comm(scores), histogram->genuine, HISTOGRAM_BINS);
    comm_sum_integers(scores_comm(scores), histogram->impostor, HISTOGRAM_BINS);
    return rc;
}

/* A sample of the scores, from which thresholds are guessed. */
#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "scores/scores_parts_internal.h"

enum {
    BLOCK = 256, /* rows and columns of a block of the sample */
    BLOCKS = SCORES_SAMPLE / (BLOCK * BLOCK)
};

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
    if (scores->listed != NULL || scores->n < 8 * SCORES_TILE)
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

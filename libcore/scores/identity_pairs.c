#include "scores/identity_pairs_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "scores/kept_internal.h"

enum { CHUNK = 8192 };

int identity_pairs_init(IdentityPairs *pairs, const Scores *scores, Err *err)
{
    int64_t n = scores_places(scores);
    *pairs =
        (IdentityPairs){.scores = scores, .identity = malloc(((size_t)n + 1) * sizeof(int32_t))};
    if (pairs->identity == NULL)
        return err_memory(err, "identities", (size_t)n * sizeof(int32_t));
    for (int64_t begin = 0, end; begin < n; begin = end, pairs->identities++)
        for (end = begin; end < scores_group_end(scores, begin); end++)
            pairs->identity[end] = pairs->identities;
    return 0;
}

void identity_pairs_release(IdentityPairs *pairs)
{
    free(pairs->identity);
    *pairs = (IdentityPairs){0};
}

typedef struct Walk {
    const IdentityPairs *pairs;
    ScoreKinds kinds;
    IdentityPairsSink *sink;
    void *arg;
} Walk;

static void pass_on(void *arg, int worker, int64_t place, int64_t column, const float *score,
                    int64_t n, bool genuine)
{
    const Walk *walk = arg;
    const int32_t *identity = walk->pairs->identity;
    walk->sink(walk->arg, worker, identity[place], identity + column, score, n, genuine);
}

static void walk_chunk(void *arg, int64_t chunk, int worker)
{
    const Walk *walk = arg;
    const IdentityPairsList *list = &walk->pairs->list;
    int64_t end = (chunk + 1) * CHUNK < list->n ? (chunk + 1) * CHUNK : list->n;
    for (int64_t i = chunk * CHUNK; i < end; i++)
        if (walk->kinds & (list->same[i] ? SCORES_GENUINE : SCORES_IMPOSTOR))
            walk->sink(walk->arg, worker, list->identity[i][0], &list->identity[i][1],
                       &list->score[i], 1, list->same[i]);
}

int identity_pairs_walk_from(const IdentityPairs *pairs, ScoreKinds kinds, float from, Pool *pool,
                             IdentityPairsSink *sink, void *arg, Err *err)
{
    Walk walk = {pairs, kinds, sink, arg};
    if (pairs->scores != NULL)
        return scores_walk_from(pairs->scores, kinds, from, pool, pass_on, &walk, err);
    pool_run(pool, (pairs->list.n + CHUNK - 1) / CHUNK, walk_chunk, &walk);
    return 0;
}

int identity_pairs_walk(const IdentityPairs *pairs, ScoreKinds kinds, Pool *pool,
                        IdentityPairsSink *sink, void *arg, Err *err)
{
    return identity_pairs_walk_from(pairs, kinds, -INFINITY, pool, sink, arg, err);
}

static void count_list(uint64_t *genuine, uint64_t *impostor, const IdentityPairs *pairs,
                       const Resample *resample)
{
    for (int64_t i = 0; i < pairs->list.n; i++) {
        const uint8_t *a = resample->weight + (int64_t)pairs->list.identity[i][0] * resample->lanes;
        const uint8_t *b = resample->weight + (int64_t)pairs->list.identity[i][1] * resample->lanes;
        for (int r = 0; r < resample->lanes; r++)
            if (pairs->list.same[i])
                genuine[r] += a[r];
            else
                impostor[r] += (uint64_t)a[r] * b[r];
    }
}

/* Of all pairs of w_i * m_i rows those of two identities: half the square of the sum, less half
 * the sum of the squares. */
static void count_all(uint64_t *genuine, uint64_t *impostor, const IdentityPairs *pairs,
                      const Resample *resample)
{
    int64_t n = scores_places(pairs->scores);
    for (int r = 0; r < resample->lanes; r++) {
        uint64_t rows = 0, squares = 0;
        for (int64_t begin = 0, end; begin < n; begin = end) {
            end = scores_group_end(pairs->scores, begin);
            uint64_t m = (uint64_t)(end - begin);
            uint64_t w = resample->weight[(int64_t)pairs->identity[begin] * resample->lanes + r];
            genuine[r] += w * (m * (m - 1) / 2);
            rows += w * m;
            squares += w * m * w * m;
        }
        impostor[r] = (rows * rows - squares) / 2;
    }
}

void identity_pairs_count(uint64_t *genuine, uint64_t *impostor, const IdentityPairs *pairs,
                          const Resample *resample)
{
    memset(genuine, 0, (size_t)resample->lanes * sizeof *genuine);
    memset(impostor, 0, (size_t)resample->lanes * sizeof *impostor);
    if (pairs->scores != NULL)
        count_all(genuine, impostor, pairs, resample);
    else
        count_list(genuine, impostor, pairs, resample);
}

#include "identify/search_internal.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/sort_internal.h"
#include "scores/far_rank_internal.h"

enum { SIDE = 256 }; /* probes, and rows of the gallery, compared at a time */

typedef struct Work {
    Probe *probe;
    const float *unit, *packed; /* the gallery's rows are packed[n,d] */
    const int64_t *subject, *gallery, *probes;
    int64_t d, n, m;
    Largest *others;
    float *scratch; /* [workers, SIDE * (d + SIDE)] */
    int64_t first;  /* of the blocks of this process */
} Work;

/* Scores of probes begin .. begin + rows - 1 with part of the gallery: tile[rows,SIDE] */
static int64_t score_tile(float *tile, const Work *w, const float *side, int64_t rows, int64_t left)
{
    int64_t columns = w->n - left < SIDE ? w->n - left : SIDE;
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (blasint)rows, (blasint)columns,
                (blasint)w->d, 1, side, (blasint)w->d, w->packed + left * w->d, (blasint)w->d, 0,
                tile, SIDE);
    return columns;
}

static void see_mates(Probe *probe, const Work *w, int64_t subject, const float *score,
                      int64_t left, int64_t columns)
{
    for (int64_t j = 0; j < columns; j++) {
        probe->top = fmaxf(probe->top, score[j]);
        if (w->subject[w->gallery[left + j]] == subject) {
            probe->mate = fmaxf(probe->mate, score[j]);
            probe->rank = 1;
        }
    }
}

static void see_others(Probe *probe, const Work *w, int64_t subject, const float *score,
                       int64_t left, int64_t columns, int worker)
{
    float other[SIDE];
    int64_t n = 0;
    if (probe->rank == 0 && w->others == NULL)
        return;
    for (int64_t j = 0; j < columns; j++) {
        other[n] = score[j];
        n += w->subject[w->gallery[left + j]] != subject;
    }
    for (int64_t j = 0; probe->rank > 0 && j < n; j++)
        probe->rank += other[j] > probe->mate;
    if (w->others != NULL)
        largest_add(w->others, worker, other, n);
}

static void search_block(void *arg, int64_t block, int worker)
{
    const Work *w = arg;
    int64_t begin = (w->first + block) * SIDE, rows = w->m - begin < SIDE ? w->m - begin : SIDE;
    float *side = w->scratch + (size_t)worker * SIDE * (size_t)(w->d + SIDE);
    float *tile = side + SIDE * w->d;
    for (int64_t i = 0; i < rows; i++) {
        memcpy(side + i * w->d, w->unit + w->probes[begin + i] * w->d,
               (size_t)w->d * sizeof(float));
        w->probe[begin + i] = (Probe){0, -INFINITY, -INFINITY};
    }
    for (int pass = 0; pass < 2; pass++)
        for (int64_t left = 0; left < w->n; left += SIDE) {
            int64_t columns = score_tile(tile, w, side, rows, left);
            for (int64_t i = 0; i < rows; i++) {
                Probe *probe = &w->probe[begin + i];
                int64_t subject = w->subject[w->probes[begin + i]];
                if (pass == 0)
                    see_mates(probe, w, subject, tile + i * SIDE, left, columns);
                else
                    see_others(probe, w, subject, tile + i * SIDE, left, columns, worker);
            }
        }
}

/* This process's run of blocks, then what the others found. */
static void search_share(Work *w, Comm *comm, Pool *pool)
{
    size_t first[COMM_MOST + 1];
    int64_t blocks = (w->m + SIDE - 1) / SIDE, size = comm_size(comm), rank = comm_rank(comm);
    for (int64_t r = 0; r <= size; r++)
        first[r] = (size_t)(r < size ? blocks * r / size * SIDE : w->m) * sizeof *w->probe;
    w->first = blocks * rank / size;
    pool_run(pool, blocks * (rank + 1) / size - w->first, search_block, w);
    if (size > 1)
        comm_gather(comm, w->probe, first);
    if (w->others != NULL)
        largest_join(w->others, comm);
}

int search_gallery(Probe *probe, const float *unit, const int64_t *subject, int64_t d,
                   const int64_t *gallery, int64_t n, const int64_t *probes, int64_t m,
                   Largest *others, Comm *comm, Pool *pool, Err *err)
{
    size_t packed_bytes = (size_t)n * (size_t)d * sizeof(float);
    size_t bytes = (size_t)pool_threads(pool) * SIDE * (size_t)(d + SIDE) * sizeof(float);
    float *packed = malloc(packed_bytes), *scratch = malloc(bytes);
    Work work = {probe, unit, packed, subject, gallery, probes, d, n, m, others, scratch, 0};
    int rc = 0;
    if (packed == NULL || scratch == NULL) {
        rc = err_memory(err, "the gallery", packed_bytes + bytes);
    } else {
        for (int64_t i = 0; i < n; i++)
            memcpy(packed + i * d, unit + gallery[i] * d, (size_t)d * sizeof(float));
        search_share(&work, comm, pool);
    }
    free(packed);
    free(scratch);
    return rc;
}

double search_rank_rate(const Probe *probe, int64_t m, int64_t rank)
{
    int64_t mated = 0, hits = 0;
    for (int64_t i = 0; i < m; i++) {
        mated += probe[i].rank > 0;
        hits += probe[i].rank > 0 && probe[i].rank <= rank;
    }
    return mated > 0 ? (double)hits / (double)mated : NAN;
}

static int compare_down(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

double search_open_set(float *threshold, const Probe *probe, int64_t m, double far, int64_t rank,
                       Err *err)
{
    int64_t unmated = 0, mated = 0, hits = 0;
    float *top = calloc((size_t)m + 1, sizeof *top);
    *threshold = NAN;
    if (top == NULL) {
        err_memory(err, "scores of probes", (size_t)m * sizeof *top);
        return NAN;
    }
    for (int64_t i = 0; i < m; i++)
        if (probe[i].rank == 0)
            top[unmated++] = probe[i].top;
    sort_array(top, (size_t)unmated, sizeof *top, compare_down);
    /* To the nearest, and 1 from half an impostor on, as BLUFR's OpenSetROC.m has it, whose figure
     * this is; TAR, read by far_rank(), is not measurable below one. */
    int64_t k = far_rank_nearest(far, unmated);
    if (k > 0)
        *threshold = top[k - 1];
    free(top);
    for (int64_t i = 0; i < m; i++) {
        mated += probe[i].rank > 0;
        hits += probe[i].rank > 0 && probe[i].rank <= rank && probe[i].mate >= *threshold;
    }
    return mated > 0 && k > 0 ? (double)hits / (double)mated : NAN;
}

double search_closed_set(float *threshold, const Probe *probe, int64_t m, double far,
                         Largest *others)
{
    int64_t k = far_rank_up(far, m), hits = 0;
    *threshold = NAN;
    for (int64_t i = 0; i < m; i++)
        if (probe[i].rank == 0)
            return NAN;
    if (k < 1 || k > largest_seen(others))
        return NAN;
    *threshold = largest_rank(others, k);
    for (int64_t i = 0; i < m; i++)
        hits += probe[i].mate > *threshold;
    return (double)hits / (double)m;
}

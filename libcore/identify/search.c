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
    float *scratch;         /* [workers, SIDE * (d + SIDE)] */
    int64_t first;          /* of the blocks of this process */
    const Probe *found;     /* of search_above(): what was searched, */
    const float *threshold; /* [thresholds] */
    int thresholds;
    int64_t *above; /* [workers,thresholds] */
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

/* Puts the embeddings of probes begin .. begin + rows - 1 next to each other, before a tile. */
static float *gather_side(const Work *w, int64_t begin, int64_t rows, int worker)
{
    float *side = w->scratch + (size_t)worker * SIDE * (size_t)(w->d + SIDE);
    for (int64_t i = 0; i < rows; i++)
        memcpy(side + i * w->d, w->unit + w->probes[begin + i] * w->d,
               (size_t)w->d * sizeof(float));
    return side;
}

static void search_block(void *arg, int64_t block, int worker)
{
    const Work *w = arg;
    int64_t begin = (w->first + block) * SIDE, rows = w->m - begin < SIDE ? w->m - begin : SIDE;
    float *side = gather_side(w, begin, rows, worker), *tile = side + SIDE * w->d;
    for (int64_t i = 0; i < rows; i++)
        w->probe[begin + i] = (Probe){0, -INFINITY, -INFINITY};
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

static void count_above(int64_t *above, const Work *w, const float *score, int64_t columns)
{
    for (int k = 0; k < w->thresholds; k++)
        for (int64_t j = 0; j < columns; j++)
            above[k] += score[j] >= w->threshold[k];
}

/* The same tiles as those of the search: so a score has the same bits. */
static void count_block(void *arg, int64_t block, int worker)
{
    const Work *w = arg;
    int64_t begin = (w->first + block) * SIDE, rows = w->m - begin < SIDE ? w->m - begin : SIDE;
    float *side = gather_side(w, begin, rows, worker), *tile = side + SIDE * w->d;
    for (int64_t left = 0; left < w->n; left += SIDE) {
        int64_t columns = score_tile(tile, w, side, rows, left);
        for (int64_t i = 0; i < rows; i++)
            if (w->found[begin + i].rank == 0)
                count_above(w->above + (int64_t)worker * w->thresholds, w, tile + i * SIDE,
                            columns);
    }
}

/* This process's run of blocks. */
static void run_blocks(Work *w, PoolTask *block, Comm *comm, Pool *pool)
{
    int64_t blocks = (w->m + SIDE - 1) / SIDE, size = comm_size(comm), rank = comm_rank(comm);
    w->first = blocks * rank / size;
    pool_run(pool, blocks * (rank + 1) / size - w->first, block, w);
}

/* That, then what the others found. */
static void search_share(Work *w, Comm *comm, Pool *pool)
{
    size_t first[COMM_MOST + 1];
    int64_t blocks = (w->m + SIDE - 1) / SIDE, size = comm_size(comm);
    for (int64_t r = 0; r <= size; r++)
        first[r] = (size_t)(r < size ? blocks * r / size * SIDE : w->m) * sizeof *w->probe;
    run_blocks(w, search_block, comm, pool);
    if (size > 1)
        comm_gather(comm, w->probe, first);
    if (w->others != NULL)
        largest_join(w->others, comm);
}

/* The gallery's rows next to each other, and room for the workers. */
static int work_init(Work *w, Pool *pool, Err *err)
{
    size_t packed_bytes = (size_t)w->n * (size_t)w->d * sizeof(float);
    size_t bytes = (size_t)pool_threads(pool) * SIDE * (size_t)(w->d + SIDE) * sizeof(float);
    float *packed = malloc(packed_bytes);
    w->packed = packed;
    w->scratch = malloc(bytes);
    if (packed == NULL || w->scratch == NULL)
        return err_memory(err, "the gallery", packed_bytes + bytes);
    for (int64_t i = 0; i < w->n; i++)
        memcpy(packed + i * w->d, w->unit + w->gallery[i] * w->d, (size_t)w->d * sizeof(float));
    return 0;
}

static void work_release(Work *w)
{
    free((void *)w->packed);
    free(w->scratch);
    free(w->above);
}

static Work work_of(const Subjects *s, RowSpan gallery, RowSpan probes)
{
    return (Work){.unit = s->unit,
                  .subject = s->subject,
                  .d = s->d,
                  .gallery = gallery.row,
                  .n = gallery.n,
                  .probes = probes.row,
                  .m = probes.n};
}

int search_gallery(Probe *probe, const Subjects *subjects, RowSpan gallery, RowSpan probes,
                   Largest *others, Pool *pool, Err *err)
{
    Work work = work_of(subjects, gallery, probes);
    work.probe = probe;
    work.others = others;
    int rc = work_init(&work, pool, err);
    if (rc == 0)
        search_share(&work, subjects->comm, pool);
    work_release(&work);
    return rc;
}

int search_above(int64_t *above, const float *threshold, int thresholds, const Probe *probe,
                 const Subjects *subjects, RowSpan gallery, RowSpan probes, Pool *pool, Err *err)
{
    int workers = pool_threads(pool);
    Work work = work_of(subjects, gallery, probes);
    work.found = probe;
    work.threshold = threshold;
    work.thresholds = thresholds;
    int rc = work_init(&work, pool, err);
    work.above = calloc((size_t)workers * (size_t)thresholds + 1, sizeof *work.above);
    if (rc == 0 && work.above == NULL)
        rc = err_memory(err, "counts", (size_t)workers * (size_t)thresholds * sizeof *work.above);
    if (rc == 0) {
        run_blocks(&work, count_block, subjects->comm, pool);
        for (int k = 0; k < thresholds; k++) {
            above[k] = 0;
            for (int i = 0; i < workers; i++)
                above[k] += work.above[i * thresholds + k];
        }
        comm_sum_integers(subjects->comm, above, (size_t)thresholds);
    }
    work_release(&work);
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

#include "identify/megaface_internal.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num_internal.h"
#include "base/sort_internal.h"
#include "scores/far_rank_internal.h"
#include "scores/largest_internal.h"

enum { DOWN = 256, ACROSS = 512 }; /* probes and others of one matrix product, always this many */

struct MegaFace {
    int64_t n, tiles, d, depth, compared, waiting;
    float *unit;     /* [tiles * DOWN + ACROSS, d], probes in the order of their labels, then 0 */
    float *block;    /* [MEGAFACE_BLOCK, d], distractors */
    int64_t *begin;  /* [n + 1], of a probe's mates in the two that follow */
    float *mate;     /* scores with the mates of each probe, ascending */
    int32_t *passed; /* distractors that score above this mate, but not above the next */
    int64_t *from;   /* [n], the first mate that fewer than depth distractors are known to pass */
    int64_t *group;  /* [n], the first probe of the same label */
    int32_t *fresh;  /* [n], counted since `from` was set */
    float *tile;     /* [workers, DOWN, ACROSS] */
    Largest *impostors;
    Comm *comm;
    int64_t first, end; /* tiles of this process */
};

typedef struct Order {
    int64_t label, row;
} Order;

static int compare_labels(const void *a, const void *b)
{
    const Order *x = a, *y = b;
    if (x->label != y->label)
        return x->label < y->label ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int compare_up(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Copies the probes by label; begin[.] and group[.] follow. */
static int take_probes(MegaFace *m, const float *unit, const int64_t *label, Err *err)
{
    Order *order = malloc(((size_t)m->n + 1) * sizeof *order);
    if (order == NULL)
        return err_memory(err, "probes", (size_t)m->n * sizeof *order);
    for (int64_t i = 0; i < m->n; i++)
        order[i] = (Order){label[i], i};
    sort_array(order, (size_t)m->n, sizeof *order, compare_labels);
    for (int64_t first = 0, end; first < m->n; first = end) {
        for (end = first; end < m->n && order[end].label == order[first].label; end++)
            ;
        for (int64_t i = first; i < end; i++) {
            m->group[i] = first;
            m->begin[i + 1] = m->begin[i] + (end - first - 1);
        }
    }
    for (int64_t i = 0; i < m->n; i++)
        memcpy(m->unit + i * m->d, unit + order[i].row * m->d, (size_t)m->d * sizeof(float));
    free(order);
    return 0;
}

static void multiply(float *tile, const MegaFace *m, int64_t top, const float *others)
{
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, DOWN, ACROSS, (blasint)m->d, 1,
                m->unit + top * m->d, (blasint)m->d, others, (blasint)m->d, 0, tile, ACROSS);
}

static int64_t mates(const MegaFace *m, int64_t probe)
{
    return m->begin[probe + 1] - m->begin[probe];
}

/* The scores of a tile's probes with those of their labels. */
static void score_mates(void *arg, int64_t i, int worker)
{
    MegaFace *m = arg;
    float *tile = m->tile + (size_t)worker * DOWN * ACROSS;
    int64_t top = i * DOWN, bottom = top + DOWN < m->n ? top + DOWN : m->n;
    int64_t end = m->group[bottom - 1] + mates(m, bottom - 1) + 1;
    for (int64_t left = m->group[top]; left < end; left += ACROSS) {
        multiply(tile, m, top, m->unit + left * m->d);
        for (int64_t p = top; p < bottom; p++)
            for (int64_t k = 0; k <= mates(m, p); k++) {
                int64_t other = m->group[p] + k, column = other - left;
                if (other != p && column >= 0 && column < ACROSS)
                    m->mate[m->begin[p] + k - (other > p)] = tile[(p - top) * ACROSS + column];
            }
    }
    for (int64_t p = top; p < bottom; p++)
        sort_array(m->mate + m->begin[p], (size_t)mates(m, p), sizeof(float), compare_up);
}

static int allocate(MegaFace *m, Pool *pool, Err *err)
{
    size_t n = (size_t)m->n, floats, bytes;
    if (!size_mul((size_t)m->tiles * DOWN + ACROSS, (size_t)m->d, &floats) ||
        !size_mul(floats, sizeof(float), &bytes))
        return err_set(err, "too many probes");
    m->unit = calloc(floats, sizeof(float));
    m->block = calloc((size_t)MEGAFACE_BLOCK * (size_t)m->d, sizeof(float));
    m->begin = calloc(n + 1, sizeof(int64_t));
    m->from = calloc(n + 1, sizeof(int64_t));
    m->group = calloc(n + 1, sizeof(int64_t));
    m->fresh = calloc(n + 1, sizeof(int32_t));
    m->tile = malloc((size_t)pool_threads(pool) * DOWN * ACROSS * sizeof(float));
    m->impostors = largest_new(MEGAFACE_KEPT, pool_threads(pool), err);
    if (!m->unit || !m->block || !m->begin || !m->from || !m->group || !m->fresh || !m->tile ||
        !m->impostors)
        return err_memory(err, "probes", bytes);
    return 0;
}

static int prepare(MegaFace *m, const float *unit, const int64_t *label, Pool *pool, Err *err)
{
    if (allocate(m, pool, err) != 0 || take_probes(m, unit, label, err) != 0)
        return -1;
    size_t pairs = (size_t)m->begin[m->n];
    m->mate = malloc((pairs + 1) * sizeof *m->mate);
    m->passed = calloc(pairs + 1, sizeof *m->passed);
    if (m->mate == NULL || m->passed == NULL)
        return err_memory(err, "pairs of probes", pairs * 8);
    pool_run(pool, m->tiles, score_mates, m);
    return 0;
}

MegaFace *megaface_new(const float *unit, const int64_t *label, int64_t n, int64_t d, int64_t depth,
                       Comm *comm, Pool *pool, Err *err)
{
    MegaFace *m = calloc(1, sizeof *m);
    if (m == NULL) {
        err_memory(err, "probes", sizeof *m);
        return NULL;
    }
    m->n = n;
    m->tiles = (n + DOWN - 1) / DOWN;
    m->d = d;
    m->depth = depth;
    m->comm = comm;
    m->first = m->tiles * comm_rank(comm) / comm_size(comm);
    m->end = m->tiles * (comm_rank(comm) + 1) / comm_size(comm);
    if (prepare(m, unit, label, pool, err) != 0) {
        megaface_free(m);
        return NULL;
    }
    return m;
}

void megaface_free(MegaFace *m)
{
    if (m == NULL)
        return;
    free(m->unit);
    free(m->block);
    free(m->begin);
    free(m->mate);
    free(m->passed);
    free(m->from);
    free(m->group);
    free(m->fresh);
    free(m->tile);
    largest_free(m->impostors);
    free(m);
}

float *megaface_place(MegaFace *m)
{
    return m->block + m->waiting++ * m->d;
}

int64_t megaface_waiting(const MegaFace *m)
{
    return m->waiting;
}

/* Forgets the mates that depth distractors have passed: what passes them no longer matters. */
static void raise(MegaFace *m, int64_t probe)
{
    int64_t passed = 0, at = mates(m, probe);
    while (at > m->from[probe] && passed + m->passed[m->begin[probe] + at - 1] < m->depth)
        passed += m->passed[m->begin[probe] + --at];
    m->from[probe] = at;
    m->fresh[probe] = 0;
}

/* Counts the distractor by the highest mate it passes. */
static void count(MegaFace *m, int64_t probe, float score)
{
    const float *mate = m->mate + m->begin[probe];
    int64_t low = m->from[probe], high = mates(m, probe);
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (mate[middle] < score)
            low = middle + 1;
        else
            high = middle;
    }
    m->passed[m->begin[probe] + low - 1]++;
    m->fresh[probe]++;
}

static void see_scores(MegaFace *m, int64_t probe, const float *score, int64_t n)
{
    for (int64_t i = 0; i < n && m->from[probe] < mates(m, probe);) {
        float least = m->mate[m->begin[probe] + m->from[probe]];
        for (; i < n && m->fresh[probe] < m->depth; i++)
            if (score[i] > least)
                count(m, probe, score[i]);
        if (m->fresh[probe] >= m->depth)
            raise(m, probe);
    }
}

static void compare_tile(void *arg, int64_t i, int worker)
{
    MegaFace *m = arg;
    float *tile = m->tile + (size_t)worker * DOWN * ACROSS;
    int64_t top = (m->first + i) * DOWN, bottom = top + DOWN < m->n ? top + DOWN : m->n;
    for (int64_t left = 0; left < m->waiting; left += ACROSS) {
        int64_t columns = m->waiting - left < ACROSS ? m->waiting - left : ACROSS;
        multiply(tile, m, top, m->block + left * m->d);
        for (int64_t p = top; p < bottom; p++) {
            const float *score = tile + (p - top) * ACROSS;
            largest_add(m->impostors, worker, score, columns);
            see_scores(m, p, score, columns);
        }
    }
}

void megaface_compare(MegaFace *m, Pool *pool)
{
    pool_run(pool, m->end - m->first, compare_tile, m);
    m->compared += m->waiting;
    m->waiting = 0;
}

void megaface_end(MegaFace *m)
{
    largest_join(m->impostors, m->comm);
}

int64_t megaface_distractors(const MegaFace *m)
{
    return m->compared;
}

int64_t megaface_searches(const MegaFace *m)
{
    return m->begin[m->n];
}

void megaface_cmc(double *rate, int64_t ranks, const MegaFace *m)
{
    for (int64_t r = 0; r < ranks; r++)
        rate[r] = 0;
    int64_t end = m->end < m->tiles ? m->end * DOWN : m->n;
    for (int64_t p = m->first * DOWN; p < end; p++) {
        int64_t passed = 0;
        for (int64_t at = m->begin[p + 1]; at > m->begin[p]; at--) {
            passed += m->passed[at - 1];
            if (passed < ranks)
                rate[passed]++;
        }
    }
    comm_sum_doubles(m->comm, rate, (size_t)ranks);
    double sum = 0, searches = (double)megaface_searches(m);
    for (int64_t r = 0; r < ranks; r++) {
        sum += rate[r];
        rate[r] = searches > 0 ? sum / searches : NAN;
    }
}

double megaface_tar(float *threshold, MegaFace *m, double far)
{
    int64_t k = far_rank(far, largest_seen(m->impostors)), pairs = m->begin[m->n], accepted = 0;
    *threshold = NAN;
    if (k == 0 || k > MEGAFACE_KEPT)
        return NAN;
    *threshold = largest_rank(m->impostors, k);
    for (int64_t i = 0; i < pairs; i++)
        accepted += m->mate[i] >= *threshold;
    return pairs > 0 ? (double)accepted / (double)pairs : NAN;
}

#include "eval/roc.h"

#include <math.h>
#include <stdlib.h>

#include "eval/cell.h"
#include "eval/guess.h"
#include "eval/tally.h"

enum { EQUAL_RATES = 0 }; /* in place of a rank: the vertex where the error rates cross */

/* Whether a threshold that rejects this many accepts `rank` impostors or more; or, for
 * EQUAL_RATES, at least as large a share of the impostors as it rejects of the genuine pairs. */
static bool reached(const Roc *roc, int64_t impostors_below, int64_t genuine_below, int64_t rank)
{
    int64_t accepted = roc->impostor - impostors_below;
    if (rank != EQUAL_RATES)
        return accepted >= rank;
    return (unsigned __int128)accepted * (unsigned __int128)roc->genuine >=
           (unsigned __int128)genuine_below * (unsigned __int128)roc->impostor;
}

/* The last cell whose first key reaches the rank: the score at which it changes is in there. */
static int32_t cell_at(const Tally *tally, const Roc *roc, int64_t rank)
{
    int32_t begin = 0, end = CELLS;
    while (end - begin > 1) {
        int32_t middle = begin + (end - begin) / 2;
        if (reached(roc, tally_cells_below(tally, middle),
                    tally_genuine_below(tally, cell_key(middle)), rank))
            begin = middle;
        else
            end = middle;
    }
    return begin;
}

/* The last key that reaches the rank, and the impostors below it and up to it. */
typedef struct Place {
    uint64_t key;
    int64_t below, below_next;
} Place;

static Place place_of(const Tally *tally, const Roc *roc, int64_t rank)
{
    int32_t cell = cell_at(tally, roc, rank);
    uint64_t begin = cell_key(cell), end = cell_key(cell + 1);
    while (end - begin > 1) {
        uint64_t middle = begin + (end - begin) / 2;
        if (reached(roc, tally_impostors_below(tally, cell, middle),
                    tally_genuine_below(tally, middle), rank))
            begin = middle;
        else
            end = middle;
    }
    return (Place){begin, tally_impostors_below(tally, cell, begin),
                   tally_impostors_below(tally, cell, begin + 1)};
}

/* The genuine scores strictly above the largest impostor below those accepted. */
static int64_t genuine_to_next(const Tally *tally, const Roc *roc, int64_t accepted)
{
    if (accepted >= roc->impostor)
        return roc->genuine;
    uint64_t key = place_of(tally, roc, accepted + 1).key;
    return roc->genuine - tally_genuine_below(tally, key + 1);
}

static RocVertex vertex_of(const Tally *tally, const Roc *roc, int64_t rank)
{
    Place at = place_of(tally, roc, rank);
    int64_t accepted = roc->impostor - at.below;
    return (RocVertex){
        .threshold = key_score((uint32_t)at.key),
        .impostor_at_least = accepted,
        .genuine_next = rank != EQUAL_RATES ? genuine_to_next(tally, roc, accepted) : 0,
        .impostor_above = roc->impostor - at.below_next,
        .genuine_at_least = roc->genuine - tally_genuine_below(tally, at.key),
        .genuine_above = roc->genuine - tally_genuine_below(tally, at.key + 1),
    };
}

/* Between the vertex above the crossing (FAR < FRR) and the one at it (FAR >= FRR). */
static void equal_error(Roc *roc, const RocVertex *v)
{
    double impostor = (double)roc->impostor, genuine = (double)roc->genuine;
    double far0 = (double)v->impostor_above / impostor;
    double far1 = (double)v->impostor_at_least / impostor;
    double gap0 = 1 - (double)v->genuine_above / genuine - far0;
    double gap1 = far1 - (1 - (double)v->genuine_at_least / genuine);
    roc->eer = far0 + (far1 - far0) * gap0 / (gap0 + gap1);
    roc->eer_threshold = v->threshold;
}

static void mark_cell(Tally *tally, int32_t cell)
{
    int64_t count = tally_cells_below(tally, cell + 1) - tally_cells_below(tally, cell);
    tally_mark(tally, cell, (double)count);
}

/* Marks the cell of a rank, and that of the next lower impostor. */
static void mark_rank(Tally *tally, const Roc *roc, int64_t rank)
{
    int32_t cell = cell_at(tally, roc, rank);
    int64_t accepted = roc->impostor - tally_cells_below(tally, cell);
    mark_cell(tally, cell);
    if (rank != EQUAL_RATES && accepted < roc->impostor)
        mark_cell(tally, cell_at(tally, roc, accepted + 1));
}

/* Walks until the cells of all ranks are counted: once if they were guessed well. */
static int count(Tally *tally, const Roc *roc, const int64_t *rank, int n, Pool *pool, Err *err)
{
    if (tally_count(tally, pool, err) != 0)
        return -1;
    for (int i = 0; i < n; i++)
        mark_rank(tally, roc, rank[i]);
    if (roc->genuine > 0 && roc->impostor > 0)
        mark_rank(tally, roc, EQUAL_RATES);
    return tally_wanting(tally) ? tally_count(tally, pool, err) : 0;
}

int roc_measure(Roc *roc, RocVertex *vertex, const int64_t *rank, int n, const Scores *scores,
                Pool *pool, Err *err)
{
    *roc = (Roc){scores_genuine(scores), scores_impostor(scores), NAN, NAN, NAN};
    Tally *tally = tally_new(scores, pool, err);
    if (tally == NULL)
        return -1;
    int rc = guess_mark(tally, roc, rank, n, scores, pool, err);
    if (rc == 0)
        rc = count(tally, roc, rank, n, pool, err);
    if (rc == 0) {
        for (int i = 0; i < n; i++)
            vertex[i] = vertex_of(tally, roc, rank[i]);
        roc->auc = tally_area(tally);
        if (roc->genuine > 0 && roc->impostor > 0) {
            RocVertex crossing = vertex_of(tally, roc, EQUAL_RATES);
            equal_error(roc, &crossing);
        }
    }
    tally_free(tally);
    return rc;
}

int64_t roc_rank(double far, int64_t impostors)
{
    double k = far * (double)impostors;
    /* 1e-6 of a million is 1, whichever way the product was rounded. */
    return k < 1 - 1e-9 || far > 1 ? 0 : llround(k);
}

int roc_curve_ranks(int64_t *rank, int64_t impostors)
{
    int n = 0;
    for (double k = 1; k < (double)impostors && n < ROC_CURVE_MAX - 1; k *= 1.0746078283213176)
        if (n == 0 || llround(k) > rank[n - 1])
            rank[n++] = llround(k);
    if (impostors > 0 && (n == 0 || rank[n - 1] < impostors))
        rank[n++] = impostors;
    return n;
}

const char *roc_rule_name(RocRule rule)
{
    static const char *const name[] = {"blufr", "nearest", "conservative"};
    return name[rule];
}

int64_t roc_rule_rank(RocRule rule, double far, int64_t impostors)
{
    int64_t k = roc_rank(far, impostors);
    double wanted = far * (double)impostors;
    if (k == 0 || rule == ROC_BLUFR)
        return k;
    if (rule == ROC_NEAREST)
        return (int64_t)fmin(ceil(wanted * (1 - 1e-15)), (double)impostors);
    return (int64_t)fmin(floor(wanted * (1 + 1e-15)) + 1, (double)impostors);
}

RocReading roc_read(RocRule rule, double far, const Roc *roc, const RocVertex *v)
{
    double n = (double)roc->impostor;
    double over = (double)v->impostor_at_least / n - far;
    double under = far - (double)v->impostor_above / n;
    RocReading r = {NAN, v->threshold, false, v->impostor_at_least};
    int64_t accepted = v->genuine_at_least;
    bool everyone = far * n * (1 + 1e-15) >= n;
    if (rule == ROC_NEAREST ? over <= under : rule == ROC_CONSERVATIVE && everyone) {
        accepted = v->genuine_next;
    } else if (rule != ROC_BLUFR) {
        r.above = true;
        r.accepted = v->impostor_above;
        accepted = v->genuine_above;
    }
    if (roc->genuine > 0)
        r.tar = (double)accepted / (double)roc->genuine;
    return r;
}

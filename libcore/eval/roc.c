#include "eval/roc.h"

#include <math.h>

#include "eval/key.h"
#include "eval/tally.h"

enum { EQUAL_RATES = 0 }; /* in place of a rank: the vertex where the error rates cross */

/* Whether a threshold at this key accepts `rank` impostors or more; or, for EQUAL_RATES, at least
 * as large a share of the impostors as it rejects of the genuine pairs. Holds for low keys and
 * fails for high ones, and changes only behind the key of a score. */
static bool reached(const Tally *tally, const Roc *roc, uint64_t key, int64_t rank)
{
    int64_t accepted = roc->impostor - tally_impostors_below(tally, key);
    if (rank != EQUAL_RATES)
        return accepted >= rank;
    int64_t rejected = tally_genuine_below(tally, key);
    return (unsigned __int128)accepted * (unsigned __int128)roc->genuine >=
           (unsigned __int128)rejected * (unsigned __int128)roc->impostor;
}

/* The largest key = i << shift with begin <= i < end that reaches the rank; begin does. */
static uint64_t last_reached(const Tally *tally, const Roc *roc, int64_t rank, uint64_t begin,
                             uint64_t end, int shift)
{
    while (end - begin > 1) {
        uint64_t middle = begin + (end - begin) / 2;
        if (reached(tally, roc, middle << shift, rank))
            begin = middle;
        else
            end = middle;
    }
    return begin << shift;
}

static uint64_t bin_of(const Tally *tally, const Roc *roc, int64_t rank)
{
    return last_reached(tally, roc, rank, 0, 1 << TALLY_BIN_BITS, TALLY_PLACE_BITS) >>
           TALLY_PLACE_BITS;
}

static RocVertex vertex_of(const Tally *tally, const Roc *roc, int64_t rank)
{
    uint64_t begin = bin_of(tally, roc, rank) << TALLY_PLACE_BITS;
    uint64_t key = last_reached(tally, roc, rank, begin, begin + (1 << TALLY_PLACE_BITS), 0);
    return (RocVertex){
        .threshold = key_score((uint32_t)key),
        .impostor_at_least = roc->impostor - tally_impostors_below(tally, key),
        .impostor_above = roc->impostor - tally_impostors_below(tally, key + 1),
        .genuine_at_least = roc->genuine - tally_genuine_below(tally, key),
        .genuine_above = roc->genuine - tally_genuine_below(tally, key + 1),
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

int roc_measure(Roc *roc, RocVertex *vertex, const int64_t *rank, int n, const Scores *scores,
                Pool *pool, Err *err)
{
    *roc = (Roc){scores_genuine(scores), scores_impostor(scores), NAN, NAN, NAN};
    bool both = roc->genuine > 0 && roc->impostor > 0;
    Tally *tally = tally_new(scores, pool, err);
    if (tally == NULL)
        return -1;
    for (int i = 0; i < n; i++)
        tally_mark(tally, (uint32_t)bin_of(tally, roc, rank[i]));
    if (both)
        tally_mark(tally, (uint32_t)bin_of(tally, roc, EQUAL_RATES));
    int rc = tally_refine(tally, pool, err);
    if (rc == 0) {
        for (int i = 0; i < n; i++)
            vertex[i] = vertex_of(tally, roc, rank[i]);
        roc->auc = tally_area(tally);
        if (both) {
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

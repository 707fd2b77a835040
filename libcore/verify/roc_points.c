#include "verify/roc_points_internal.h"

#include <math.h>
#include <stdlib.h>

#include "scores/score_key_internal.h"

/* A score that occurs, and how often: of all points of the ROC, the one that accepts it too. */
typedef struct RocStep {
    uint64_t key;
    int64_t impostors, genuine; /* with this score */
    int64_t impostors_above, genuine_above;
} RocStep;

typedef enum Found { FOUND, NONE, UNKNOWN } Found;

static Found step_at(RocStep *step, uint64_t key, Counts *counts, const Roc *roc, int direction)
{
    int64_t below[2];
    if (!counts_find_below(below, counts, (uint32_t)key, direction))
        return UNKNOWN;
    int64_t genuine = counts_genuine_below(counts, key);
    int64_t genuine_next = counts_genuine_below(counts, key + 1);
    *step = (RocStep){key, below[1] - below[0], genuine_next - genuine, roc->impostor - below[1],
                      roc->genuine - genuine_next};
    return FOUND;
}

/* The next lower score. */
static Found lower(RocStep *next, const RocStep *step, Counts *counts, const Roc *roc)
{
    uint64_t key = 0;
    int64_t impostors = step->impostors_above + step->impostors;
    int64_t genuine = roc->genuine - step->genuine_above - step->genuine;
    if (impostors == roc->impostor && genuine == 0)
        return NONE;
    if (impostors < roc->impostor && !counts_find_rank(&key, counts, impostors + 1, -1))
        return UNKNOWN;
    if (genuine > 0 && counts_genuine_key(counts, genuine - 1) > key)
        key = counts_genuine_key(counts, genuine - 1);
    return step_at(next, key, counts, roc, -1);
}

/* The next higher score. */
static Found higher(RocStep *next, const RocStep *step, Counts *counts, const Roc *roc)
{
    uint64_t key = UINT32_MAX;
    int64_t genuine = roc->genuine - step->genuine_above;
    if (step->impostors_above == 0 && step->genuine_above == 0)
        return NONE;
    if (step->impostors_above > 0 && !counts_find_rank(&key, counts, step->impostors_above, 1))
        return UNKNOWN;
    if (step->genuine_above > 0 && counts_genuine_key(counts, genuine) < key)
        key = counts_genuine_key(counts, genuine);
    return step_at(next, key, counts, roc, 1);
}

static bool same(const RocStep *a, const RocStep *b)
{
    return a->impostors == b->impostors && a->genuine == b->genuine;
}

/* From this score down to the first that ROC_DROPPED keeps, and on to the last of the same FAR. */
static Found left_below(RocStep *step, Counts *counts, const Roc *roc)
{
    RocStep next;
    Found found = FOUND;
    bool first = step->impostors_above == 0 && step->genuine_above == 0;
    while ((found = lower(&next, step, counts, roc)) == FOUND && !first && same(step, &next))
        *step = next;
    while (found == FOUND && next.impostors == 0) {
        *step = next;
        found = lower(&next, step, counts, roc);
    }
    return found == UNKNOWN ? UNKNOWN : FOUND;
}

/* The next score above this one that ROC_DROPPED keeps; NONE: there is none. */
static Found left_above(RocStep *step, Counts *counts, const Roc *roc)
{
    RocStep next, above;
    Found found = higher(&next, step, counts, roc);
    if (found != FOUND)
        return found;
    while ((found = higher(&above, &next, counts, roc)) == FOUND && same(&next, step)) {
        *step = next;
        next = above;
    }
    *step = next;
    return found == UNKNOWN ? UNKNOWN : FOUND;
}

static double far_of(const RocStep *step, const Roc *roc)
{
    return (double)(step->impostors_above + step->impostors) / (double)roc->impostor;
}

static void take(RocReading *r, const RocStep *step, const Roc *roc)
{
    r->threshold = score_of_key((uint32_t)step->key);
    r->accepted = step->impostors_above + step->impostors;
    r->accepted_genuine = step->genuine_above + step->genuine;
    if (roc->genuine > 0)
        r->tar = (double)r->accepted_genuine / (double)roc->genuine;
}

bool roc_points_dropped(RocReading *r, Counts *counts, const Roc *roc)
{
    RocStep at, over, under;
    uint64_t key;
    if (!counts_find_rank(&key, counts, r->rank, -1) ||
        step_at(&at, key, counts, roc, -1) == UNKNOWN)
        return false;
    over = under = at;
    Found below = left_below(&over, counts, roc), above = left_above(&under, counts, roc);
    if (below == UNKNOWN || above == UNKNOWN)
        return false;
    if (above == NONE) /* the curve begins where nothing is accepted */
        under = (RocStep){.key = at.key};
    r->above = !(far_of(&over, roc) - r->far <= r->far - far_of(&under, roc));
    take(r, r->above ? &under : &over, roc);
    r->above = r->above && above == NONE;
    return true;
}

/* The lower edge of a bin, and what is at or above it. All is above the lowest and nothing above
 * the highest: scores that rounding put outside are in the outer bins. */
typedef struct Edge {
    double at;
    int64_t impostors, genuine;
} Edge;

static double edge_at(int bin)
{
    return -1 + 2.0 * bin / (double)ROC_BINS;
}

/* The key of the least float that is not below the edge. */
static uint32_t edge_key(int bin)
{
    float at = (float)edge_at(bin);
    return score_key((double)at < edge_at(bin) ? nextafterf(at, 2) : at);
}

static Found edge_of(Edge *edge, int bin, Counts *counts, const Roc *roc)
{
    *edge = (Edge){edge_at(bin), 0, 0};
    if (bin == ROC_BINS)
        return FOUND;
    uint32_t key = bin > 0 ? edge_key(bin) : 0;
    int64_t below[2] = {0, 0};
    if (bin > 0 && !counts_find_below(below, counts, key, 0))
        return UNKNOWN;
    edge->impostors = roc->impostor - below[0];
    edge->genuine = roc->genuine - counts_genuine_below(counts, key);
    return FOUND;
}

/* The highest edge with this share of the impostors at or above it, by the counts of whole cells:
 * it may be the next lower one. */
static int highest_bin(double far, const Counts *counts, const Roc *roc)
{
    int low = 0, high = ROC_BINS;
    while (high - low > 1) {
        int middle = (low + high) / 2;
        int64_t below = counts_surely_below(counts, edge_key(middle));
        if ((double)(roc->impostor - below) / (double)roc->impostor >= far)
            low = middle;
        else
            high = middle;
    }
    return low;
}

bool roc_points_histogram(RocReading *r, Counts *counts, const Roc *roc)
{
    Edge edge[3];
    int bin = highest_bin(r->far, counts, roc), found = 0;
    int first = bin > 0 ? bin - 1 : 0, edges = bin > 0 ? 3 : 2;
    for (int i = 0; i < edges; i++)
        found += edge_of(&edge[i], first + i, counts, roc) == FOUND;
    if (found < edges)
        return false;
    double n = (double)roc->impostor;
    const Edge *low = &edge[edges - 2], *high = &edge[edges - 1];
    if (edges == 3 && (double)low->impostors / n < r->far)
        high = low--;
    double part =
        (r->far - (double)high->impostors / n) / ((double)(low->impostors - high->impostors) / n);
    r->threshold = (float)(high->at + part * (low->at - high->at));
    r->accepted = -1;
    r->tar = ((double)high->genuine + part * (double)(low->genuine - high->genuine)) /
             (double)roc->genuine;
    return true;
}

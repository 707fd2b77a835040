/* Groups of rows, from the graph of those that are near each other.
 *
 *   components        all that edges lead to
 *   chinese-whispers  each row begins alone; in an order drawn anew each round, a row joins the
 *                     group to which its edges have the largest sum of scores; of equal ones its
 *                     own, else that of the lowest number; until a round changes nothing, or 100
 *                     rounds (Biemann, TextGraphs 2006)
 *   average           the two groups with the highest mean score of all their pairs are joined,
 *                     again and again, while that is at or above the threshold: average linkage
 *                     (UPGMA; Sokal and Michener 1958). All pairs count, those below the threshold
 *                     too: the mean is the product of the groups' sums, sum(A) sum(B) / (|A| |B|).
 *                     A mean is at or above the threshold only if a pair is, so the graph has all
 *                     groups that may be joined
 *   dbscan            a row with `least` rows near it, itself among them, is a core; cores that
 *                     are near each other are a group; other rows belong to that of a core near
 *                     them, the one whose first core came first, or to none, -1 (Ester, Kriegel,
 *                     Sander and Xu, KDD 1996; numbered as scikit-learn's DBSCAN does)
 *
 * group[n] is filled with numbers from 0, in the order of their first rows but for dbscan, whose
 * are in the order of their first cores. */
#ifndef IDENTIFY_GROUPING_INTERNAL_H
#define IDENTIFY_GROUPING_INTERNAL_H

#include "identify/near_graph_internal.h"

int group_components(int64_t *group, const NearGraph *graph, Err *err);
int group_whispers(int64_t *group, const NearGraph *graph, uint64_t seed, Err *err);
int group_average(int64_t *group, const NearGraph *graph, const float *unit, int64_t d,
                  double threshold, Err *err);
int group_dbscan(int64_t *group, const NearGraph *graph, int64_t least, Err *err);

/* Numbers anew from 0 by first row; -1 stays. Returns how many groups, or -1. */
int64_t group_number(int64_t *group, int64_t n, Err *err);

#endif

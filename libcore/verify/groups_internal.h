/* Error rates by groups of people, at one threshold for all of them (ISO/IEC 19795-10; NISTIR
 * 8280).
 *
 * FNMR of a group: of the genuine pairs of its people. FMR of a group: of the impostor pairs of two
 * of its people; across two groups: of those with one of each. */
#ifndef VERIFY_GROUPS_INTERNAL_H
#define VERIFY_GROUPS_INTERNAL_H

#include "lists/group_list_internal.h"
#include "verify/error_rates_internal.h"
#include "verify/groups_compare_internal.h"

typedef struct GroupRate {
    const char *name;
    int64_t identities;
    ErrorRate fmr, fnmr;
} GroupRate;

typedef struct CrossRate {
    int64_t wrong, pairs; /* impostors */
    double fmr;           /* NaN without pairs */
} CrossRate;

typedef struct GroupRates {
    double threshold;
    int n;
    GroupRate *group;               /* [n], of the list's groups, whose names they borrow */
    CrossRate *cross;               /* [n,n], symmetric; the diagonal is FMR within */
    double measure[GROUP_MEASURES]; /* NaN: not measurable */
    Interval measure_interval[GROUP_MEASURES];
    int64_t identities, ungrouped; /* those compared, and of them those in no group */
    int64_t resamples, seed;
} GroupRates;

/* Of a scored comparison. Rows of one identity in two groups are an error. */
int groups_measure(GroupRates *rates, float threshold, const Comparison *comparison,
                   const GroupList *list, int64_t draws, int64_t seed, Pool *pool, Err *err);
void groups_release(GroupRates *rates); /* safe on a zeroed one */

#endif

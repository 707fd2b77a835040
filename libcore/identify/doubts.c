#include "identify/doubts_internal.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/array_internal.h"
#include "base/sort_internal.h"
#include "identify/angle_internal.h"
#include "identify/grouping_internal.h"
#include "identify/neighbours.h"
#include "scores/cosine.h"

void doubts_release(Doubts *doubts)
{
    free(doubts->item);
    *doubts = (Doubts){0};
}

static int add(Doubts *doubts, int64_t what, int64_t other, double angle, Err *err)
{
    if (array_reserve(doubts->item, doubts->room, doubts->n + 1, "a list", err) != 0)
        return -1;
    doubts->item[doubts->n++] = (Doubt){what, other, angle};
    return 0;
}

static int compare_what(const void *a, const void *b)
{
    const Doubt *x = a, *y = b;
    return (x->what > y->what) - (x->what < y->what);
}

int doubts_outliers(Doubts *doubts, const SubCentres *s, double angle, Err *err)
{
    for (int64_t p = 0; p < s->people; p++)
        for (int64_t i = s->first[p]; i < s->first[p + 1]; i++)
            if (s->angle[i] > angle && add(doubts, s->row[i], p, s->angle[i], err) != 0)
                return -1;
    sort_array(doubts->item, (size_t)doubts->n, sizeof *doubts->item, compare_what);
    return 0;
}

/* Is a row of that sub-centre, and near it? */
static bool belongs(const SubCentres *s, int64_t i, int sub, double angle)
{
    return s->sub[i] == sub && s->own[i] <= angle;
}

/* The person whose sub-centre that is, if it is another one than the dominant's. */
static int split(Doubts *doubts, const SubCentres *s, int64_t person, int sub, double angle,
                 int64_t least, int64_t *label, Err *err)
{
    int64_t rows = 0, at = person * s->k + sub;
    if (s->size[at] < least || s->between[at] <= angle)
        return 0;
    for (int64_t i = s->first[person]; i < s->first[person + 1]; i++)
        rows += belongs(s, i, sub, angle);
    if (rows < least)
        return 0;
    for (int64_t i = s->first[person]; i < s->first[person + 1]; i++)
        if (belongs(s, i, sub, angle) && add(doubts, s->row[i], *label, s->between[at], err) != 0)
            return -1;
    ++*label;
    return 0;
}

int doubts_splits(Doubts *doubts, const SubCentres *s, double angle, int64_t least, Err *err)
{
    int64_t label = s->people > 0 ? s->label[s->people - 1] : -1;
    if (label > INT64_MAX - 1 - s->n)
        return err_set(err, "labels as large as %lld leave none for those who are split off",
                       (long long)label);
    label++;
    for (int64_t p = 0; p < s->people; p++)
        for (int sub = 1; sub < s->k; sub++)
            if (split(doubts, s, p, sub, angle, least, &label, err) != 0)
                return -1;
    return 0;
}

int doubts_merges(Doubts *doubts, const SubCentres *s, double angle, Pool *pool, Err *err)
{
    NearGraph graph;
    double threshold = cosine_of_angle(angle);
    int64_t *group = malloc(((size_t)s->people + 1) * sizeof *group);
    int64_t *first = malloc(((size_t)s->people + 1) * sizeof *first), groups = 0;
    int rc = near_graph_build(&graph, s->centre, s->people, s->d > 0 ? s->d : 1, threshold, pool,
                              NULL, err);
    if (rc == 0 && (group == NULL || first == NULL))
        rc = err_memory(err, "groups", (size_t)s->people * sizeof *group);
    if (rc == 0)
        rc = group_average(group, &graph, s->centre, s->d, threshold, err);
    for (int64_t p = 0; rc == 0 && p < s->people; p++) {
        if (group[p] == groups)
            first[groups++] = p;
        else
            rc = add(doubts, p, first[group[p]],
                     angle_of_cosine((double)cosine_of_units(
                         s->centre + p * s->d, s->centre + first[group[p]] * s->d, s->d)),
                     err);
    }
    near_graph_release(&graph);
    free(group);
    free(first);
    return rc;
}

int doubts_overlap(Doubts *doubts, const SubCentres *s, const SubCentres *with, double angle,
                   Pool *pool, Err *err)
{
    int64_t count;
    int rc = 0;
    if (s->people == 0 || with->people == 0)
        return 0;
    Neighbours *n = neighbours_new(s->centre, s->people, s->d, 1, pool, err);
    if (n == NULL)
        return -1;
    neighbours_floor(n, cosine_of_angle(angle));
    neighbours_add(n, with->centre, with->people, NULL);
    for (int64_t p = 0; rc == 0 && p < s->people; p++) {
        const Neighbour *near = neighbours_of(n, p, &count);
        if (count > 0)
            rc = add(doubts, p, near->row, angle_of_cosine((double)near->score), err);
    }
    neighbours_free(n);
    return rc;
}

int doubts_duplicates(Doubts *doubts, const float *unit, int64_t n, int64_t d, double angle,
                      Pool *pool, Err *err)
{
    NearGraph graph;
    int rc =
        near_graph_build(&graph, unit, n, d > 0 ? d : 1, cosine_of_angle(angle), pool, NULL, err);
    for (int64_t i = 0; rc == 0 && i < n; i++) {
        const NearEdge *best = NULL;
        for (int64_t e = graph.first[i]; e < graph.first[i + 1] && graph.edge[e].to < i; e++)
            if (best == NULL || graph.edge[e].score > best->score)
                best = &graph.edge[e];
        if (best != NULL)
            rc = add(doubts, i, best->to, angle_of_cosine((double)best->score), err);
    }
    near_graph_release(&graph);
    return rc;
}

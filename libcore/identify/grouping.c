#include "identify/grouping_internal.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng_internal.h"

enum { ROUNDS = 100 };

int64_t group_number(int64_t *group, int64_t n, Err *err)
{
    int64_t groups = 0;
    int64_t *number = malloc(((size_t)n + 1) * sizeof *number); /* groups are rows' numbers */
    if (number == NULL)
        return err_memory(err, "groups", (size_t)n * sizeof *number);
    for (int64_t i = 0; i < n; i++)
        number[i] = -1;
    for (int64_t i = 0; i < n; i++)
        if (group[i] >= 0) {
            if (number[group[i]] < 0)
                number[group[i]] = groups++;
            group[i] = number[group[i]];
        }
    free(number);
    return groups;
}

/* All rows that edges lead to from `row`, but for those in a group already, get its group. `stack`
 * has room for all rows; only rows that `passes` allows lead on, all if it is NULL. */
static void flood(int64_t *group, const NearGraph *graph, int64_t row, int64_t number,
                  int32_t *stack, const bool *passes)
{
    int64_t n = 0;
    group[row] = number;
    stack[n++] = (int32_t)row;
    while (n > 0) {
        int32_t at = stack[--n];
        if (passes != NULL && !passes[at])
            continue;
        for (int64_t e = graph->first[at]; e < graph->first[at + 1]; e++) {
            int32_t to = graph->edge[e].to;
            if (group[to] >= 0)
                continue;
            group[to] = number;
            stack[n++] = to;
        }
    }
}

static int flood_all(int64_t *group, const NearGraph *graph, const bool *core, Err *err)
{
    int64_t n = graph->n, groups = 0;
    int32_t *stack = malloc(((size_t)n + 1) * sizeof *stack);
    if (stack == NULL)
        return err_memory(err, "groups", (size_t)n * sizeof *stack);
    for (int64_t i = 0; i < n; i++)
        group[i] = -1;
    for (int64_t i = 0; i < n; i++)
        if (group[i] < 0 && (core == NULL || core[i]))
            flood(group, graph, i, groups++, stack, core);
    free(stack);
    return 0;
}

int group_components(int64_t *group, const NearGraph *graph, Err *err)
{
    return flood_all(group, graph, NULL, err);
}

int group_dbscan(int64_t *group, const NearGraph *graph, int64_t least, Err *err)
{
    bool *core = malloc((size_t)graph->n + 1);
    if (core == NULL)
        return err_memory(err, "groups", (size_t)graph->n);
    for (int64_t i = 0; i < graph->n; i++)
        core[i] = graph->first[i + 1] - graph->first[i] + 1 >= least;
    int rc = flood_all(group, graph, core, err);
    free(core);
    return rc;
}

/* The group that a row hears most of; sum[n] is zero before and after. */
static int64_t loudest(const int64_t *group, const NearGraph *graph, int64_t row, double *sum)
{
    int64_t first = graph->first[row], end = graph->first[row + 1], best = group[row];
    const NearEdge *edge = graph->edge; /* NULL where there are none */
    for (int64_t i = first; i < end; i++)
        sum[group[edge[i].to]] += (double)edge[i].score;
    for (int64_t i = first; i < end; i++) {
        int64_t other = group[edge[i].to];
        if (sum[other] > sum[best] ||
            (sum[other] == sum[best] && best != group[row] && other < best))
            best = other;
    }
    for (int64_t i = first; i < end; i++)
        sum[group[edge[i].to]] = 0;
    return best;
}

int group_whispers(int64_t *group, const NearGraph *graph, uint64_t seed, Err *err)
{
    int64_t n = graph->n, changed = 1;
    double *sum = calloc((size_t)n + 1, sizeof *sum);
    if (sum == NULL)
        return err_memory(err, "groups", (size_t)n * sizeof *sum);
    for (int64_t i = 0; i < n; i++)
        group[i] = i;
    for (uint64_t round = 0; round < ROUNDS && changed > 0; round++) {
        changed = 0;
        for (int64_t i = 0; i < n; i++) {
            int64_t row = (int64_t)rng_permute(seed, round, (uint64_t)n, (uint64_t)i);
            int64_t to = loudest(group, graph, row, sum);
            changed += to != group[row];
            group[row] = to;
        }
    }
    free(sum);
    return group_number(group, n, err) < 0 ? -1 : 0;
}

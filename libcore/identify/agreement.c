#include "identify/agreement_internal.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/sort_internal.h"

/* A row of group -1 has a group of its own. */
typedef struct Row {
    int64_t group, alone, identity;
} Row;

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int by_group(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    int order = compare(x->group, y->group);
    if (order == 0)
        order = compare(x->alone, y->alone);
    return order != 0 ? order : compare(x->identity, y->identity);
}

static int by_identity(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    return compare(x->identity, y->identity);
}

static double pairs_of(int64_t m)
{
    return (double)m * (double)(m - 1) / 2;
}

static bool one_group(const Row *a, const Row *b)
{
    return a->group == b->group && a->alone == b->alone;
}

/* Sums over the runs of rows */
typedef struct Sums {
    double pairs, entropy; /* of groups or of identities */
    int64_t runs;
} Sums;

static void add_run(Sums *sums, int64_t m, double n)
{
    sums->pairs += pairs_of(m);
    sums->entropy -= (double)m / n * log((double)m / n);
    sums->runs++;
}

static AgreementFigure figure(double precision, double recall)
{
    double f = precision + recall > 0 ? 2 * precision * recall / (precision + recall) : 0;
    return (AgreementFigure){precision, recall, isnan(precision) || isnan(recall) ? NAN : f};
}

static double share(double part, double whole)
{
    return whole > 0 ? part / whole : NAN;
}

/* row[n] by group, identities numbered from 0, with size[] faces each. */
static void measure(Agreement *a, Row *row, const int64_t *size, Sums *identities, int64_t n)
{
    Sums groups = {0}, cells = {0};
    double precision = 0, recall = 0;
    for (int64_t begin = 0, end; begin < n; begin = end) {
        for (end = begin; end < n && one_group(&row[begin], &row[end]);)
            end++;
        add_run(&groups, end - begin, (double)n);
        for (int64_t at = begin, to; at < end; at = to) {
            for (to = at; to < end && row[to].identity == row[at].identity;)
                to++;
            double m = (double)(to - at);
            add_run(&cells, to - at, (double)n);
            precision += m * m / (double)(end - begin);
            recall += m * m / (double)size[row[at].identity];
        }
    }
    a->groups = groups.runs;
    a->identities = identities->runs;
    a->pairs = figure(share(cells.pairs, groups.pairs), share(cells.pairs, identities->pairs));
    a->bcubed = figure(share(precision, (double)n), share(recall, (double)n));
    double entropies = groups.entropy + identities->entropy;
    double common = entropies - cells.entropy; /* mutual information */
    a->nmi = n == 0 ? NAN : entropies > 0 ? fmax(0, 2 * common / entropies) : 1;
}

int agreement_measure(Agreement *a, const int64_t *identity, const int64_t *group, int64_t n,
                      Err *err)
{
    Row *row = malloc(((size_t)n + 1) * sizeof *row);
    int64_t *size = malloc(((size_t)n + 1) * sizeof *size), known = 0, number = 0;
    Sums identities = {0};
    *a = (Agreement){0};
    if (row == NULL || size == NULL) {
        free(row);
        free(size);
        return err_memory(err, "groups", (size_t)n * sizeof *row);
    }
    for (int64_t i = 0; i < n; i++)
        if (identity[i] >= 0)
            row[known++] = (Row){group[i] < 0 ? -1 : group[i], group[i] < 0 ? i : 0, identity[i]};
    a->faces = known;
    sort_array(row, (size_t)known, sizeof *row, by_identity);
    for (int64_t begin = 0, end; begin < known; begin = end, number++) {
        for (end = begin + 1; end < known && row[end].identity == row[begin].identity;)
            end++;
        add_run(&identities, end - begin, (double)known);
        size[number] = end - begin;
        for (int64_t i = begin; i < end; i++)
            row[i].identity = number;
    }
    sort_array(row, (size_t)known, sizeof *row, by_group);
    measure(a, row, size, &identities, known);
    free(row);
    free(size);
    return 0;
}

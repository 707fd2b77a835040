/* Graphs of near rows, groups and their agreement, each against a direct evaluation of all pairs.
 */
#include <cblas.h>
#include <string.h>

#include "base/rng_internal.h"
#include "identify/agreement_internal.h"
#include "identify/grouping_internal.h"
#include "scores/cosine.h"
#include "unit.h"
#include "unit_rows.h"

enum { D = 12, MOST = 400 };

static float unit[MOST * D];
static int64_t who[MOST];

/* n rows of people with 1 to 9 rows each, more or less alike; some equal. */
static void make(int64_t n, double noise, uint64_t seed)
{
    int64_t person = 0;
    for (int64_t i = 0, left = 1; i < n; i++) {
        if (left-- == 0) {
            person++;
            left = person % 9;
        }
        who[i] = person;
    }
    for (int64_t i = 0; i < n; i++) {
        Rng face = rng_at(seed, (uint64_t)who[i], 1, 0), own = rng_at(seed, (uint64_t)i, 2, 0);
        double sum = 0;
        float *x = unit + i * D;
        for (int64_t j = 0; j < D; j++) {
            x[j] = (float)(rng_normal(&face) + noise * rng_normal(&own));
            sum += (double)x[j] * x[j];
        }
        for (int64_t j = 0; j < D; j++)
            x[j] = (float)(x[j] / sqrt(sum));
        if (i % 31 == 30)
            memcpy(x, x - D, D * sizeof *x);
    }
}

static double score(int64_t i, int64_t j)
{
    return (double)cosine_of_units(unit + i * D, unit + j * D, D);
}

/* Partitions are equal when the pairs in one group are; -1 is alone. */
static bool same_partition(const int64_t *a, const int64_t *b, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < i; j++)
            if ((a[i] == a[j] && a[i] >= 0) != (b[i] == b[j] && b[i] >= 0))
                return false;
    return true;
}

static void test_graph(const NearGraph *graph, int64_t n, double threshold)
{
    int64_t wrong = 0, edges = 0;
    for (int64_t i = 0; i < n; i++) {
        int64_t e = graph->first[i];
        for (int64_t j = 0; j < n; j++) {
            if (i == j || score(i, j) < threshold)
                continue;
            wrong += e >= graph->first[i + 1] || graph->edge[e].to != j ||
                     (double)graph->edge[e].score != score(i, j);
            e++;
            edges++;
        }
        wrong += e != graph->first[i + 1];
    }
    CHECK(wrong == 0, "%lld rows at %g: %lld edges, %lld wrong", (long long)n, threshold,
          (long long)edges, (long long)wrong);
}

/* The transitive closure, by repeated passes over all pairs. */
static void direct_components(int64_t *group, int64_t n, double threshold)
{
    bool changed = true;
    for (int64_t i = 0; i < n; i++)
        group[i] = i;
    while (changed) {
        changed = false;
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++)
                if (i != j && score(i, j) >= threshold && group[j] > group[i]) {
                    group[j] = group[i];
                    changed = true;
                }
    }
}

/* All pairs of groups, each step, with the mean of all their scores. */
static void direct_average(int64_t *group, int64_t n, double threshold)
{
    static double sum[MOST][MOST];
    static int64_t size[MOST];
    for (int64_t i = 0; i < n; i++) {
        group[i] = i;
        size[i] = 1;
        for (int64_t j = 0; j < n; j++)
            sum[i][j] = score(i, j);
    }
    for (;;) {
        double best = -2;
        int64_t a = 0, b = 0;
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = i + 1; j < n; j++) {
                double mean =
                    size[i] > 0 && size[j] > 0 ? sum[i][j] / (double)(size[i] * size[j]) : -2;
                if (mean > best) {
                    best = mean;
                    a = i;
                    b = j;
                }
            }
        if (best < threshold)
            return;
        for (int64_t i = 0; i < n; i++) {
            group[i] = group[i] == b ? a : group[i];
            sum[a][i] = sum[i][a] = sum[a][i] + sum[b][i];
        }
        size[a] += size[b];
        size[b] = 0;
    }
}

/* Cores' components; a row near a core belongs to the first such component. */
static void direct_dbscan(int64_t *group, int64_t n, double threshold, int64_t least)
{
    static bool core[MOST];
    bool changed = true;
    for (int64_t i = 0; i < n; i++) {
        int64_t near = 1;
        for (int64_t j = 0; j < n; j++)
            near += i != j && score(i, j) >= threshold;
        core[i] = near >= least;
        group[i] = core[i] ? i : -1;
    }
    while (changed) {
        changed = false;
        for (int64_t i = 0; i < n; i++)
            for (int64_t j = 0; j < n; j++)
                if (core[i] && core[j] && score(i, j) >= threshold && group[j] > group[i]) {
                    group[j] = group[i];
                    changed = true;
                }
    }
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < n; j++)
            if (!core[i] && core[j] && score(i, j) >= threshold &&
                (group[i] < 0 || group[j] < group[i]))
                group[i] = group[j];
}

static void test_case(int64_t n, double noise, double threshold, int threads)
{
    static int64_t got[MOST], want[MOST];
    Err err = {0};
    NearGraph graph;
    make(n, noise, 7);
    Pool *pool = pool_new(threads, &err);
    CHECK(near_graph_build(&graph, unit, n, D, threshold, pool, NULL, &err) == 0, "built %s",
          err.text);
    test_graph(&graph, n, threshold);
    direct_components(want, n, threshold);
    group_components(got, &graph, &err);
    CHECK(same_partition(got, want, n), "components");
    direct_average(want, n, threshold);
    group_average(got, &graph, unit, D, threshold, &err);
    CHECK(same_partition(got, want, n), "average linkage");
    for (int64_t least = 1; least < 6; least += 2) {
        direct_dbscan(want, n, threshold, least);
        group_dbscan(got, &graph, least, &err);
        CHECK(same_partition(got, want, n), "dbscan, %lld", (long long)least);
    }
    group_whispers(got, &graph, 3, &err);
    group_whispers(want, &graph, 3, &err);
    group_components(want, &graph, &err);
    bool within = true;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0; j < i; j++)
            within = within && (got[i] != got[j] || want[i] == want[j]);
    CHECK(within && (n == 0 || got[0] == 0), "whispers stay within components");
    CHECK(!err_is_set(&err), "no failure: %s", err.text);
    near_graph_release(&graph);
    pool_free(pool);
}

/* More rows than a tile of scores has, by several threads, edges in all tiles. */
static void test_tiles(int64_t n, int threads)
{
    enum { LONG = 4 };
    Err err = {0};
    NearGraph graph;
    float *x = unit_rows(n, LONG, 11);
    Pool *pool = pool_new(threads, &err);
    near_graph_build(&graph, x, n, LONG, 0.9, pool, NULL, &err);
    int64_t edges = 0, wrong = 0;
    for (int64_t i = 0; i < n; i++)
        for (int64_t j = 0, at = graph.first[i]; j < n; j++) {
            float score = cosine_of_units(x + i * LONG, x + j * LONG, LONG);
            if (i == j || (double)score < 0.9)
                continue;
            wrong +=
                at >= graph.first[i + 1] || graph.edge[at].to != j || graph.edge[at].score != score;
            at++;
            edges++;
        }
    CHECK(wrong == 0 && edges == graph.first[n] && edges > n,
          "%lld rows, %d threads: %lld ends of edges", (long long)n, threads, (long long)edges);
    near_graph_release(&graph);
    pool_free(pool);
    free(x);
}

/* Two cliques with a weak edge between them stay two groups, whatever the seed. */
static void test_whispers(void)
{
    NearEdge edge[] = {{1, 0.9f}, {2, 0.9f}, {0, 0.9f}, {2, 0.9f}, {0, 0.9f}, {1, 0.9f}, {3, 0.5f},
                       {2, 0.5f}, {4, 0.9f}, {5, 0.9f}, {3, 0.9f}, {5, 0.9f}, {3, 0.9f}, {4, 0.9f}};
    int64_t first[] = {0, 2, 4, 7, 10, 12, 14, 14}, group[7], wrong = 0;
    NearGraph graph = {.n = 7, .first = first, .edge = edge};
    Err err = {0};
    for (uint64_t seed = 0; seed < 20; seed++) {
        const int64_t want[7] = {0, 0, 0, 1, 1, 1, 2};
        group_whispers(group, &graph, seed, &err);
        wrong += memcmp(group, want, sizeof want) != 0;
    }
    CHECK(wrong == 0, "two cliques and one alone, %lld of 20 seeds wrong", (long long)wrong);
}

static void direct_agreement(Agreement *a, const int64_t *identity, const int64_t *group, int64_t n)
{
    double both = 0, grouped = 0, alike = 0, precision = 0, recall = 0, faces = 0;
    double cell = 0, groups = 0, identities = 0; /* entropies, a face at a time */
    for (int64_t i = 0; i < n; i++)
        faces += identity[i] >= 0;
    for (int64_t i = 0; i < n; i++) {
        double same = 0, of_group = 0, of_identity = 0;
        if (identity[i] < 0)
            continue;
        for (int64_t j = 0; j < n; j++) {
            bool g = i == j || (group[i] >= 0 && group[i] == group[j]);
            bool p = identity[i] == identity[j];
            if (identity[j] < 0)
                continue;
            same += g && p;
            of_group += g;
            of_identity += p;
            if (j < i) {
                both += g && p;
                grouped += g;
                alike += p;
            }
        }
        precision += same / of_group / faces;
        recall += same / of_identity / faces;
        cell -= log(same / faces) / faces;
        groups -= log(of_group / faces) / faces;
        identities -= log(of_identity / faces) / faces;
    }
    a->pairs = (AgreementFigure){both / grouped, both / alike, 0};
    a->bcubed = (AgreementFigure){precision, recall, 0};
    a->nmi = 2 * (groups + identities - cell) / (groups + identities);
}

static void test_agreement(void)
{
    static int64_t group[MOST];
    Agreement got, want;
    Err err = {0};
    make(MOST, 1, 3);
    for (int64_t i = 0; i < MOST; i++) {
        group[i] = i % 11 == 5 ? -1 : (who[i] / 2 + (i % 7 == 0)) * 1000000007;
        who[i] = i % 13 == 4 ? -1 : who[i] * 3;
    }
    agreement_measure(&got, who, group, MOST, &err);
    direct_agreement(&want, who, group, MOST);
    CHECK_CLOSE(got.pairs.precision, want.pairs.precision, 1e-12, "pairs, precision");
    CHECK_CLOSE(got.pairs.recall, want.pairs.recall, 1e-12, "pairs, recall");
    CHECK_CLOSE(got.bcubed.precision, want.bcubed.precision, 1e-12, "BCubed, precision");
    CHECK_CLOSE(got.bcubed.recall, want.bcubed.recall, 1e-12, "BCubed, recall");
    CHECK_CLOSE(got.nmi, want.nmi, 1e-12, "NMI");
    CHECK_CLOSE(got.bcubed.f,
                2 * want.bcubed.precision * want.bcubed.recall /
                    (want.bcubed.precision + want.bcubed.recall),
                1e-12, "F");
    const int64_t one[4] = {5, 5, 5, 5}, four[4] = {1, 2, 3, 4};
    agreement_measure(&got, one, one, 4, &err);
    CHECK(got.nmi == 1 && got.pairs.f == 1 && got.bcubed.f == 1, "one group, one identity");
    agreement_measure(&got, four, one, 4, &err);
    CHECK(isnan(got.pairs.recall) && got.pairs.precision == 0 && got.bcubed.recall == 1 &&
              got.bcubed.precision == 0.25 && fabs(got.nmi) < 1e-12 && got.groups == 1 &&
              got.identities == 4,
          "one group of four people");
    agreement_measure(&got, one, one, 0, &err);
    CHECK(got.faces == 0 && isnan(got.nmi) && isnan(got.bcubed.precision), "no faces");
}

int main(void)
{
    openblas_set_num_threads(1);
    test_case(MOST, 0.5, 0.7, 2);
    test_case(MOST, 1.0, 0.5, 3);
    test_case(MOST, 1.0, 0.1, 1);
    test_case(MOST, 0.5, -1, 2);
    test_case(90, 1.2, 0.4, 2);
    test_case(1, 1, 0.4, 2);
    test_case(0, 1, 0.4, 2);
    test_tiles(1100, 1);
    test_tiles(1024, 3);
    test_tiles(513, 2);
    test_whispers();
    test_agreement();
    return END_TESTS();
}

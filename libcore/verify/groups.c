#include "verify/groups_internal.h"

#include <math.h>
#include <stdlib.h>

/* The pairs of the comparison, and who of them belongs where. */
typedef struct Grouped {
    int n; /* groups */
    IdentityPairs pairs;
    int32_t (*identity)[2]; /* of the pairs of a list, owned; NULL: all pairs */
    int32_t *group;         /* [identities], -1 where not known */
    int64_t *images;        /* [identities] among all pairs */
    Resample resample;
} Grouped;

/* What a walk counts, for each worker, and the numbers of pairs beside it. */
typedef struct Count {
    const Grouped *grouped;
    float threshold;
    uint64_t *wrong; /* [workers,n,2,lanes] impostors within a group, then its genuine pairs */
    int64_t *cross;  /* [workers,n,n] impostors of two groups */
} Count;

static void grouped_release(Grouped *g)
{
    identity_pairs_release(&g->pairs);
    free(g->identity);
    free(g->group);
    free(g->images);
    resample_release(&g->resample);
}

/* Says in which group an identity is, from one of its rows. */
static int settle(Grouped *g, bool *settled, int32_t identity, const Comparison *c,
                  const GroupList *list, int64_t row, Err *err)
{
    int32_t group = group_list_find(list, &c->embeddings.rows, row);
    if (settled[identity] && g->group[identity] != group)
        return err_set(err,
                       "%s: rows of one identity are in different groups (label %lld, row %lld)",
                       list->file, (long long)c->embeddings.label[row], (long long)row);
    settled[identity] = true;
    g->group[identity] = group;
    return 0;
}

static int settle_all(Grouped *g, const Comparison *c, const GroupList *list, Err *err)
{
    const ListedScores *listed = &c->listed;
    size_t identities = (size_t)g->pairs.identities;
    bool *settled = calloc(identities + 1, sizeof *settled);
    g->group = malloc((identities + 1) * sizeof *g->group);
    g->images = calloc(identities + 1, sizeof *g->images);
    int rc = settled != NULL && g->group != NULL && g->images != NULL
                 ? 0
                 : err_memory(err, "groups", identities * sizeof *g->group);
    for (int64_t i = 0; rc == 0 && g->identity != NULL && i < listed->n; i++)
        for (int side = 0; rc == 0 && side < 2; side++)
            rc = settle(g, settled, g->identity[i][side], c, list, listed->row[i][side], err);
    for (int64_t i = 0; rc == 0 && g->identity == NULL && i < scores_places(c->scores); i++) {
        g->images[g->pairs.identity[i]]++;
        rc = settle(g, settled, g->pairs.identity[i], c, list, scores_row(c->scores, i), err);
    }
    free(settled);
    return rc;
}

static int grouped_init(Grouped *g, const Comparison *c, const GroupList *list, int64_t draws,
                        int64_t seed, Err *err)
{
    int64_t identities;
    *g = (Grouped){.n = (int)list->groups.n};
    if (comparison_identities(c, &g->identity, &identities, err) != 0 ||
        resample_init(&g->resample, identities, draws, (uint64_t)seed, err) != 0 ||
        comparison_identity_pairs(&g->pairs, c, (const int32_t(*)[2])g->identity, identities,
                                  err) != 0)
        return -1;
    return settle_all(g, c, list, err);
}

static void count_wrong(void *arg, int worker, int32_t a, const int32_t *b, const float *score,
                        int64_t n, bool genuine)
{
    const Count *count = arg;
    const Grouped *g = count->grouped;
    int64_t lanes = g->resample.lanes, groups = g->n, group = g->group[a];
    if (group < 0)
        return;
    uint64_t *wrong = count->wrong + ((worker * groups + group) * 2 + genuine) * lanes;
    int64_t *cross = count->cross + (worker * groups + group) * groups;
    const uint8_t *v = g->resample.weight + a * lanes;
    for (int64_t i = 0; i < n; i++) {
        if ((score[i] >= count->threshold) == genuine)
            continue;
        int64_t other = g->group[b[i]];
        const uint8_t *w = g->resample.weight + b[i] * lanes;
        if (!genuine && other >= 0)
            cross[other]++;
        for (int64_t r = 0; other == group && r < lanes; r++)
            wrong[r] += genuine ? v[r] : (uint64_t)v[r] * w[r];
    }
}

/* Pairs of all rows: total[n,2,lanes] as Count's wrong, and cross[n,n]. With m_i images of identity
 * i, drawn w_i times, in a group: half the square of the sum of w_i m_i, less half the sum of the
 * squares. */
static int count_all_pairs(uint64_t *total, int64_t *cross, const Grouped *g, Err *err)
{
    int64_t lanes = g->resample.lanes;
    uint64_t *rows = calloc((size_t)(g->n * lanes), sizeof *rows);
    if (rows == NULL)
        return err_memory(err, "groups", (size_t)(g->n * lanes) * sizeof *rows);
    for (int64_t i = 0; i < g->pairs.identities; i++) {
        int64_t group = g->group[i];
        uint64_t m = (uint64_t)g->images[i];
        for (int64_t r = 0; group >= 0 && r < lanes; r++) {
            uint64_t w = g->resample.weight[i * lanes + r];
            rows[group * lanes + r] += w * m;
            total[2 * group * lanes + r] += w * m * w * m;
            total[(2 * group + 1) * lanes + r] += w * (m * (m - 1) / 2);
        }
    }
    for (int64_t i = 0; i < g->n; i++)
        for (int64_t r = 0; r < lanes; r++) {
            uint64_t sum = rows[i * lanes + r], *impostor = &total[2 * i * lanes + r];
            *impostor = (sum * sum - *impostor) / 2;
        }
    for (int64_t i = 0; i < g->n; i++)
        for (int64_t j = 0; j < g->n; j++)
            cross[i * g->n + j] = i == j ? (int64_t)total[2 * i * lanes]
                                         : (int64_t)(rows[i * lanes] * rows[j * lanes]);
    free(rows);
    return 0;
}

static void count_list(uint64_t *total, int64_t *cross, const Grouped *g)
{
    const IdentityPairsList *list = &g->pairs.list;
    int64_t lanes = g->resample.lanes;
    for (int64_t i = 0; i < list->n; i++) {
        int32_t a = list->identity[i][0], b = list->identity[i][1];
        int64_t x = g->group[a], y = g->group[b];
        const uint8_t *v = g->resample.weight + a * lanes, *w = g->resample.weight + b * lanes;
        if (x < 0 || y < 0)
            continue;
        if (!list->same[i]) {
            cross[x * g->n + y]++;
            cross[y * g->n + x] += x != y;
        }
        for (int64_t r = 0; x == y && r < lanes; r++)
            total[(2 * x + list->same[i]) * lanes + r] +=
                list->same[i] ? v[r] : (uint64_t)v[r] * w[r];
    }
}

static double share(uint64_t wrong, uint64_t pairs)
{
    return pairs > 0 ? (double)wrong / (double)pairs : NAN;
}

/* A rate of each group in resample r; kind 0 is FMR, 1 FNMR. */
static void rates_of(double *rate, const uint64_t *wrong, const uint64_t *total, const Grouped *g,
                     int kind, int64_t r)
{
    int64_t lanes = g->resample.lanes;
    for (int64_t i = 0; i < g->n; i++) {
        int64_t at = (2 * i + kind) * lanes + r;
        rate[i] = share(wrong[at], total[at]);
    }
}

/* The measures of each resample, a row of room[GROUP_MEASURES,resamples] each. */
static void fill_measures(GroupRates *rates, const uint64_t *wrong, const uint64_t *total,
                          const Grouped *g, double *room)
{
    int n = g->resample.n;
    double fmr[GROUP_LIST_MAX], fnmr[GROUP_LIST_MAX], measure[GROUP_MEASURES];
    for (int r = 0; r < n; r++) {
        rates_of(fmr, wrong, total, g, 0, r);
        rates_of(fnmr, wrong, total, g, 1, r);
        groups_compare(measure, fmr, fnmr, g->n);
        for (int i = 0; i < GROUP_MEASURES; i++)
            room[i * n + r] = measure[i];
    }
    for (int i = 0; i < GROUP_MEASURES; i++) {
        rates->measure[i] = room[i * n];
        rates->measure_interval[i] = interval_of(room + i * n + 1, n - 1);
    }
}

/* A pair may have come with either of its groups first. */
static void fill_cross(GroupRates *rates, const int64_t *wrong, const int64_t *pairs)
{
    int n = rates->n;
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            int64_t both = wrong[i * n + j] + (i != j ? wrong[j * n + i] : 0);
            rates->cross[i * n + j] = (CrossRate){
                both, pairs[i * n + j], share((uint64_t)both, (uint64_t)pairs[i * n + j])};
        }
}

/* Adds up what the workers counted, into that of the first. */
static void add_up(Count *count, size_t workers)
{
    size_t n = (size_t)count->grouped->n, lanes = (size_t)count->grouped->resample.lanes;
    for (size_t i = n * 2 * lanes; i < workers * n * 2 * lanes; i++)
        count->wrong[i % (n * 2 * lanes)] += count->wrong[i];
    for (size_t i = n * n; i < workers * n * n; i++)
        count->cross[i % (n * n)] += count->cross[i];
}

static void fill(GroupRates *rates, const Count *count, const uint64_t *total, const int64_t *pairs,
                 double *room)
{
    const Resample *resample = &count->grouped->resample;
    for (int i = 0; i < rates->n; i++) {
        int64_t impostor = 2 * (int64_t)i * resample->lanes, genuine = impostor + resample->lanes;
        GroupRate *group = &rates->group[i];
        error_rate_fill(&group->fmr, count->wrong + impostor, total + impostor, room, resample->n);
        error_rate_fill(&group->fnmr, count->wrong + genuine, total + genuine, room, resample->n);
    }
    fill_measures(rates, count->wrong, total, count->grouped, room);
    fill_cross(rates, count->cross, pairs);
}

static int measure(GroupRates *rates, const Grouped *g, Pool *pool, Err *err)
{
    size_t n = (size_t)g->n, lanes = (size_t)g->resample.lanes;
    size_t workers = (size_t)pool_threads(pool);
    Count count = {g, (float)rates->threshold, calloc(workers * n * 2 * lanes, sizeof(uint64_t)),
                   calloc(workers * n * n, sizeof(int64_t))};
    uint64_t *total = calloc(n * 2 * lanes, sizeof *total);
    int64_t *pairs = calloc(n * n, sizeof *pairs);
    double *room = malloc(GROUP_MEASURES * lanes * sizeof *room);
    bool there = count.wrong && count.cross && total && pairs && room;
    int rc = there ? identity_pairs_walk_from(&g->pairs, SCORES_ALL, count.threshold, pool,
                                              count_wrong, &count, err)
                   : err_memory(err, "groups", workers * n * 2 * lanes * sizeof(uint64_t));
    if (rc == 0 && g->identity != NULL)
        count_list(total, pairs, g);
    else if (rc == 0)
        rc = count_all_pairs(total, pairs, g, err);
    if (rc == 0) {
        add_up(&count, workers);
        fill(rates, &count, total, pairs, room);
    }
    free(count.wrong);
    free(count.cross);
    free(total);
    free(pairs);
    free(room);
    return rc;
}

int groups_measure(GroupRates *rates, float threshold, const Comparison *c, const GroupList *list,
                   int64_t draws, int64_t seed, Pool *pool, Err *err)
{
    Grouped g;
    size_t n = (size_t)list->groups.n;
    *rates = (GroupRates){.threshold = (double)threshold,
                          .n = (int)n,
                          .group = calloc(n, sizeof *rates->group),
                          .cross = calloc(n * n, sizeof *rates->cross),
                          .resamples = draws,
                          .seed = seed};
    if (rates->group == NULL || rates->cross == NULL)
        return err_memory(err, "groups", n * n * sizeof *rates->cross);
    for (size_t i = 0; i < n; i++)
        rates->group[i].name = names_at(&list->groups, (int64_t)i);
    int rc = grouped_init(&g, c, list, draws, seed, err);
    if (rc == 0) {
        rates->identities = g.pairs.identities;
        for (int64_t i = 0; i < rates->identities; i++)
            if (g.group[i] < 0)
                rates->ungrouped++;
            else
                rates->group[g.group[i]].identities++;
        rc = measure(rates, &g, pool, err);
    }
    grouped_release(&g);
    return rc;
}

void groups_release(GroupRates *rates)
{
    free(rates->group);
    free(rates->cross);
    *rates = (GroupRates){0};
}

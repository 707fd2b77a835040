/* Rates of groups against a direct count in every resample; the measures of what groups differ by,
 * against values by hand. */
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "base/rng_internal.h"
#include "scores/cosine.h"
#include "scores/resample_internal.h"
#include "unit.h"
#include "verify/groups_internal.h"

enum { PEOPLE = 14, EACH = 4, N = PEOPLE * EACH, D = 5, DRAWS = 40, GROUPS = 3 };

static float embedding[N * D];
static int64_t label[N];
static GroupList list;

/* Person p is in group p % 4, the last of which the list does not know. */
static void make(void)
{
    char path[] = "/tmp/test_verify_groups.XXXXXX";
    static const char *const group[GROUPS] = {"c", "a 1", "b"};
    int fd = mkstemp(path);
    FILE *f = fdopen(fd, "w");
    Err err = {0};
    fputs("identity\tsex\tage\n", f);
    for (int p = 0; p < PEOPLE; p++)
        if (p % 4 < GROUPS)
            fprintf(f, "%d\t%s\n", p, group[p % 4]);
    fclose(f);
    for (int i = 0; i < N; i++) {
        label[i] = i / EACH;
        Rng person = rng_at(1, (uint64_t)(i / EACH), 0, 0), own = rng_at(2, (uint64_t)i, 0, 0);
        for (int k = 0; k < D; k++)
            embedding[i * D + k] = (float)(rng_normal(&person) + rng_normal(&own));
    }
    CHECK(group_list_read(&list, path, &err) == 0 && list.groups.n == GROUPS, "list: %s", err.text);
    unlink(path);
}

static int group_of(int64_t person)
{
    static const int number[4] = {2, 0, 1, -1}; /* by the order of their names */
    return number[person % 4];
}

typedef struct Direct {
    double wrong[GROUPS][GROUPS][2], all[GROUPS][GROUPS][2]; /* impostors, genuine pairs */
} Direct;

static void direct(Direct *d, const Resample *resample, int r, float threshold)
{
    const EmbeddingRows rows = {.n = N, .d = D, .embedding = embedding, .label = label};
    Err err = {0};
    *d = (Direct){0};
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j < i; j++) {
            float score;
            int64_t pair[1][2] = {{i, j}};
            bool same = label[i] == label[j];
            int x = group_of(label[i]), y = group_of(label[j]);
            if (x < 0 || y < 0)
                continue;
            cosine_pairs(&score, &rows, (const int64_t(*)[2])pair, 1, &err);
            double v = resample->weight[label[i] * resample->lanes + r];
            double w = resample->weight[label[j] * resample->lanes + r];
            double weight = same ? v : v * w;
            for (int side = 0; side < 1 + (x != y); side++) {
                d->all[side ? y : x][side ? x : y][same] += weight;
                d->wrong[side ? y : x][side ? x : y][same] +=
                    (score >= threshold) != same ? weight : 0;
            }
        }
}

static void check_rate(const ErrorRate *rate, const Direct *d, int group, int kind,
                       const char *what)
{
    double share[DRAWS];
    CHECK((double)rate->wrong == d[0].wrong[group][group][kind] &&
              (double)rate->pairs == d[0].all[group][group][kind] && rate->pairs > 0,
          "%s of group %d: %lld of %lld", what, group, (long long)rate->wrong,
          (long long)rate->pairs);
    for (int r = 0; r < DRAWS; r++)
        share[r] = d[r + 1].wrong[group][group][kind] / d[r + 1].all[group][group][kind];
    Interval expected = interval_of(share, DRAWS);
    CHECK(rate->interval.low == expected.low && rate->interval.high == expected.high,
          "%s of group %d: [%g, %g], not [%g, %g]", what, group, rate->interval.low,
          rate->interval.high, expected.low, expected.high);
}

static void check_measures(const GroupRates *rates, const Direct *d)
{
    static double value[GROUP_MEASURES][DRAWS + 1];
    for (int r = 0; r <= DRAWS; r++) {
        double fmr[GROUPS], fnmr[GROUPS], measure[GROUP_MEASURES];
        for (int g = 0; g < GROUPS; g++) {
            fmr[g] = d[r].wrong[g][g][0] / d[r].all[g][g][0];
            fnmr[g] = d[r].wrong[g][g][1] / d[r].all[g][g][1];
        }
        groups_compare(measure, fmr, fnmr, GROUPS);
        for (int i = 0; i < GROUP_MEASURES; i++)
            value[i][r] = measure[i];
    }
    for (int i = 0; i < GROUP_MEASURES; i++) {
        CHECK(rates->measure[i] == value[i][0], "%s", groups_measure_name((GroupMeasure)i));
        Interval expected = interval_of(value[i] + 1, DRAWS);
        CHECK(rates->measure_interval[i].low == expected.low ||
                  (isnan(expected.low) && isnan(rates->measure_interval[i].low)),
              "the interval of %s", groups_measure_name((GroupMeasure)i));
    }
}

static void test_rates(void)
{
    static Direct d[DRAWS + 1];
    const float threshold = 0.3f;
    Err err = {0};
    Pool *pool = pool_new(3, &err);
    Comparison c = {.input = "memory",
                    .embeddings = {.rows = {.n = N, .d = D, .embedding = embedding, .label = label},
                                   .label = label,
                                   .has_labels = true}};
    c.scores = scores_all_pairs(&c.embeddings.rows, &err);
    Resample resample;
    GroupRates rates;
    CHECK(resample_init(&resample, PEOPLE, DRAWS, 5, &err) == 0, "resamples %s", err.text);
    CHECK(groups_measure(&rates, threshold, &c, &list, DRAWS, 5, pool, &err) == 0, "measured %s",
          err.text);
    for (int r = 0; r <= DRAWS; r++)
        direct(&d[r], &resample, r, threshold);
    CHECK(rates.identities == PEOPLE && rates.ungrouped == 3 && rates.group[1].identities == 3,
          "%lld people, %lld in no group", (long long)rates.identities, (long long)rates.ungrouped);
    for (int g = 0; g < GROUPS; g++) {
        check_rate(&rates.group[g].fmr, d, g, 0, "FMR");
        check_rate(&rates.group[g].fnmr, d, g, 1, "FNMR");
        for (int h = 0; h < GROUPS; h++)
            CHECK((double)rates.cross[g * GROUPS + h].wrong == d[0].wrong[g][h][0] &&
                      (double)rates.cross[g * GROUPS + h].pairs == d[0].all[g][h][0],
                  "groups %d and %d: %lld of %lld", g, h,
                  (long long)rates.cross[g * GROUPS + h].wrong,
                  (long long)rates.cross[g * GROUPS + h].pairs);
    }
    check_measures(&rates, d);
    groups_release(&rates);
    resample_release(&resample);
    scores_free(c.scores);
    pool_free(pool);
}

static void near(double value, double expected, const char *what)
{
    CHECK(fabs(value - expected) < 1e-12, "%s: %.15g, not %.15g", what, value, expected);
}

static void test_measures(void)
{
    double m[GROUP_MEASURES];
    groups_compare(m, (double[]){0.001, 0.004, NAN, 0.002}, (double[]){0.1, 0.1, NAN, 0.1}, 4);
    near(m[GROUP_FDR], 1 - 0.003 / 2, "FDR");
    near(m[GROUP_IR], 2, "IR");
    /* G = 3/2 * 2 (.003 + .001 + .002) / (2 * 9 * .007/3) = 3/7 */
    near(m[GROUP_GARBE], 3.0 / 14, "GARBE");
    near(m[GROUP_FMR_MAX_MIN], 4, "max / min");
    near(m[GROUP_FMR_MAX_GEOMEAN], 2, "max / geometric mean");
    near(m[GROUP_FNMR_MAX_GEOMEAN], 1, "max / geometric mean of equals");
    groups_compare(m, (double[]){0, 0.5}, (double[]){0.25, 0.75}, 2);
    near(m[GROUP_FDR], 0.5, "FDR with a zero");
    near(m[GROUP_GARBE], (1 + 0.5) / 2, "GARBE with a zero");
    CHECK(isnan(m[GROUP_IR]) && isnan(m[GROUP_FMR_MAX_MIN]) && isnan(m[GROUP_FMR_MAX_GEOMEAN]),
          "divided by a rate of 0");
    groups_compare(m, (double[]){0.5, NAN}, (double[]){0.25, 0.75}, 2);
    CHECK(isnan(m[GROUP_FDR]) && isnan(m[GROUP_GARBE]), "one group alone differs from none");
}

int main(void)
{
    make();
    test_rates();
    test_measures();
    group_list_release(&list);
    return END_TESTS();
}

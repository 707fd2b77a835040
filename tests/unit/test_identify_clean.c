/* Sub-centres and lists of doubts, on people that are known, and against a direct evaluation. */
#include <string.h>

#include "base/rng_internal.h"
#include "identify/doubts_internal.h"
#include "scores/cosine.h"
#include "unit.h"

enum { D = 64, PEOPLE = 30, IMAGES = 10, N = PEOPLE * IMAGES };

#define DEGREES (180 / 3.14159265358979323846)

static float unit[N * D];
static int64_t who[N], label[N];
static Pool *pool;

static void draw(float *x, uint64_t person, uint64_t image, double noise)
{
    Rng face = rng_at(7, person, 1, 0), own = rng_at(7, person, image, 2);
    double sum = 0;
    for (int j = 0; j < D; j++) {
        x[j] = (float)(rng_normal(&face) + noise * rng_normal(&own));
        sum += (double)x[j] * x[j];
    }
    for (int j = 0; j < D; j++)
        x[j] = (float)(x[j] / sqrt(sum));
}

/* People in turn, so that no identity's rows are together. */
static void make(void)
{
    for (int64_t i = 0; i < N; i++) {
        who[i] = i % PEOPLE;
        label[i] = who[i] * 5;
        draw(unit + i * D, (uint64_t)who[i], (uint64_t)i, 0.6);
    }
}

static void test_shape(void)
{
    SubCentres s;
    Err err = {0};
    make();
    label[3] = -1;
    CHECK(subcentres_find(&s, unit, label, N, D, 3, 0, pool, &err) == 0, "%s", err.text);
    int64_t wrong = 0, rows = 0;
    for (int64_t p = 0; p < s.people; p++) {
        int64_t sizes = 0;
        for (int c = 0; c < s.k; c++) {
            sizes += s.size[p * s.k + c];
            wrong += c > 0 && s.size[p * s.k + c] > s.size[p * s.k + c - 1];
        }
        wrong += s.label[p] != 5 * p || sizes != s.first[p + 1] - s.first[p];
        double sum[D] = {0}, square = 0;
        for (int64_t i = s.first[p]; i < s.first[p + 1]; i++, rows++) {
            const float *x = unit + s.row[i] * D;
            wrong += label[s.row[i]] != s.label[p];
            wrong += s.sub[i] == 0 ? s.own[i] != s.angle[i] : s.own[i] > s.angle[i];
            wrong += fabs(s.angle[i] -
                          acos((double)cosine_of_units(x, s.centre + p * D, D)) * DEGREES) > 1e-9;
            for (int j = 0; j < D && s.sub[i] == 0; j++)
                sum[j] += (double)x[j];
        }
        for (int j = 0; j < D; j++)
            square += sum[j] * sum[j];
        for (int j = 0; j < D; j++)
            wrong += fabs(sum[j] / sqrt(square) - (double)s.centre[p * D + j]) > 1e-6;
    }
    CHECK(wrong == 0 && rows == N - 1 && s.people == PEOPLE, "%lld wrong of %lld", (long long)wrong,
          (long long)rows);
    subcentres_release(&s);
}

static void test_outliers(void)
{
    SubCentres s;
    Doubts doubts = {0};
    Err err = {0};
    make();
    int64_t flipped = 0, found = 0;
    bool ordered = true;
    for (int64_t i = 0; i < N; i++)
        if ((i / PEOPLE * 7 + i) % 10 < 3) {
            label[i] = (who[i] + 1 + i / PEOPLE) % PEOPLE * 5;
            flipped++;
        }
    subcentres_find(&s, unit, label, N, D, 3, 65, pool, &err);
    CHECK(doubts_outliers(&doubts, &s, 65, &err) == 0, "%s", err.text);
    for (int64_t k = 0; k < doubts.n; k++) {
        found += label[doubts.item[k].what] != 5 * who[doubts.item[k].what];
        ordered = ordered && (k == 0 || doubts.item[k].what > doubts.item[k - 1].what);
    }
    CHECK(ordered && found == doubts.n && doubts.n >= flipped - 3,
          "%lld flipped, %lld listed, %lld of them right, by row", (long long)flipped,
          (long long)doubts.n, (long long)found);
    doubts_release(&doubts);
    subcentres_release(&s);
}

/* Labels 0 and 5 are one person; label 10 is two, 7 and 3 rows, and one row of somebody else. */
static void test_split_and_merge(void)
{
    SubCentres s;
    Doubts doubts = {0};
    Err err = {0};
    make();
    for (int64_t i = 0; i < N; i++) {
        if (who[i] == 1)
            draw(unit + i * D, 0, (uint64_t)i, 0.6);
        if (who[i] == 2 && i / PEOPLE >= 7)
            draw(unit + i * D, 1000, (uint64_t)i, 0.6);
        if (who[i] == 2 && i / PEOPLE == 2)
            draw(unit + i * D, 2000, (uint64_t)i, 0.6);
    }
    subcentres_find(&s, unit, label, N, D, 3, 65, pool, &err);
    CHECK(doubts_splits(&doubts, &s, 65, 3, &err) == 0, "%s", err.text);
    bool right = doubts.n == 3;
    for (int64_t k = 0; k < doubts.n && right; k++)
        right =
            doubts.item[k].what == 2 + PEOPLE * (7 + k) && doubts.item[k].other == 5 * PEOPLE - 4;
    CHECK(right, "%lld rows split off", (long long)doubts.n);
    doubts_release(&doubts);
    doubts_splits(&doubts, &s, 65, 4, &err);
    CHECK(doubts.n == 0, "of three rows, not four");
    doubts_release(&doubts);
    CHECK(doubts_merges(&doubts, &s, 40, pool, &err) == 0, "%s", err.text);
    CHECK(doubts.n == 1 && doubts.item[0].what == 1 && doubts.item[0].other == 0 &&
              doubts.item[0].angle < 40,
          "%lld merges", (long long)doubts.n);
    doubts_release(&doubts);
    subcentres_release(&s);
}

static void test_overlap_and_duplicates(void)
{
    static float other[4 * D];
    const int64_t numbers[4] = {9, 9, 4, 8};
    SubCentres s, with;
    Doubts doubts = {0};
    Err err = {0};
    make();
    draw(other, 12, 1000, 0.6);
    draw(other + D, 12, 1001, 0.6);
    draw(other + 2 * D, 3000, 1, 0.6);
    draw(other + 3 * D, 5, 1002, 0.6);
    subcentres_find(&s, unit, label, N, D, 3, 65, pool, &err);
    subcentres_find(&with, other, numbers, 4, D, 3, 45, pool, &err);
    CHECK(doubts_overlap(&doubts, &s, &with, 45, pool, &err) == 0, "%s", err.text);
    CHECK(doubts.n == 2 && doubts.item[0].what == 5 && with.label[doubts.item[0].other] == 8 &&
              doubts.item[1].what == 12 && with.label[doubts.item[1].other] == 9,
          "%lld people overlap", (long long)doubts.n);
    doubts_release(&doubts);
    subcentres_release(&s);
    subcentres_release(&with);
    memcpy(unit + 40 * D, unit + 11 * D, D * sizeof *unit);
    memcpy(unit + 90 * D, unit + 11 * D, D * sizeof *unit);
    CHECK(doubts_duplicates(&doubts, unit, N, D, 5, pool, &err) == 0, "%s", err.text);
    CHECK(doubts.n == 2 && doubts.item[0].what == 40 && doubts.item[0].other == 11 &&
              doubts.item[1].what == 90 && doubts.item[1].other == 11 && doubts.item[1].angle < .1,
          "%lld duplicates", (long long)doubts.n);
    doubts_release(&doubts);
}

/* None, one, two that disagree, opposites, labels at the end of numbers. */
static void test_edges(void)
{
    float x[4 * 2] = {1, 0, 0, 1, 1, 0, -1, 0};
    const int64_t few[4] = {INT64_MAX, 3, 7, 7};
    SubCentres s;
    Doubts doubts = {0};
    Err err = {0};
    for (int64_t n = 0; n <= 4; n++) {
        CHECK(subcentres_find(&s, x, few, n, 2, SUBCENTRES_MOST, 75, pool, &err) == 0, "%s",
              err.text);
        CHECK(s.people == (n > 2 ? n - (n > 3) : n), "%lld people of %lld rows",
              (long long)s.people, (long long)n);
        CHECK(doubts_outliers(&doubts, &s, 75, &err) == 0, "%s", err.text);
        CHECK(doubts_merges(&doubts, &s, 40, pool, &err) == 0, "%s", err.text);
        doubts_release(&doubts);
        if (n > 0)
            CHECK(doubts_splits(&doubts, &s, 75, 1, &err) != 0, "a label after the last");
        err = (Err){0};
        subcentres_release(&s);
    }
}

int main(void)
{
    Err err = {0};
    for (int threads = 1; threads <= 3; threads += 2) {
        pool = pool_new(threads, &err);
        test_shape();
        test_outliers();
        test_split_and_merge();
        test_overlap_and_duplicates();
        test_edges();
        pool_free(pool);
    }
    return END_TESTS();
}

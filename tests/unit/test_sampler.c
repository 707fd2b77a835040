/* batch/sampler: permutations, epochs, batches, identities */
#include "batch/sampler_internal.h"
#include "unit.h"

static void start(Sampler *sampler, SamplerOptions options, int64_t rows, const int64_t *labels)
{
    Err err = {0};
    CHECK(sampler_init(sampler, &options, rows, labels, &err) == 0, "%d rows in batches of %d%s",
          (int)rows, (int)options.batch, err.text);
}

static void test_shuffle(void)
{
    enum { N = 1000 };
    Sampler s, other;
    start(&s, (SamplerOptions){.seed = 5, .batch = 64, .epochs = 3, .shuffle = true}, N, NULL);
    start(&other, (SamplerOptions){.seed = 6, .batch = 64, .epochs = 3, .shuffle = true}, N, NULL);
    for (int64_t epoch = 0; epoch < 3; epoch++) {
        bool seen[N] = {0};
        int fixed = 0, as_before = 0, as_other = 0, repeated = 0;
        for (int64_t p = 0; p < N; p++) {
            int64_t row = sampler_row(&s, epoch, p);
            repeated += seen[row];
            seen[row] = true;
            fixed += row == p;
            as_before += row == sampler_row(&s, epoch + 1, p);
            as_other += row == sampler_row(&other, epoch, p);
        }
        CHECK(repeated == 0, "epoch %d has every row once", (int)epoch);
        CHECK(fixed < 10 && as_before < 10 && as_other < 10,
              "%d stay, %d are as in the next epoch, %d as with another seed", fixed, as_before,
              as_other);
    }
    sampler_release(&s);
    sampler_release(&other);
}

static void test_batches(void)
{
    Sampler s;
    start(&s, (SamplerOptions){.batch = 4, .epochs = 2}, 10, NULL);
    BatchSpan third = sampler_span(&s, 2), fourth = sampler_span(&s, 3);
    CHECK(s.epoch_batches == 3 && s.batches == 6 && third.count == 2 && third.position == 8 &&
              third.epoch == 0 && fourth.epoch == 1 && fourth.position == 0 && fourth.count == 4,
          "ten rows are batches of 4, 4, 2, in each epoch");
    CHECK(sampler_row(&s, 1, 7) == 7, "without shuffle rows keep their order");
    sampler_release(&s);
    start(&s, (SamplerOptions){.batch = 4, .epochs = 2, .drop_last = true}, 10, NULL);
    CHECK(s.batches == 4 && sampler_span(&s, 2).epoch == 1, "drop_last leaves 4, 4");
    sampler_release(&s);
    start(&s, (SamplerOptions){.batch = 4, .epochs = 2}, 0, NULL);
    CHECK(s.batches == 0, "no rows, no batches");
    sampler_release(&s);
}

static void test_refusals(void)
{
    Sampler s;
    Err err = {0}, many = {0}, label = {0};
    SamplerOptions drop = {.batch = 4, .epochs = 1, .drop_last = true};
    CHECK(sampler_init(&s, &drop, 3, NULL, &err) == -1 && strstr(err.text, "fewer than a batch"),
          "refused: %s", err.text);
    SamplerOptions long_run = {.batch = 1, .epochs = INT64_MAX};
    CHECK(sampler_init(&s, &long_run, 3, NULL, &many) == -1, "refused: %s", many.text);
    SamplerOptions identities = {.batch = 4, .epochs = 1, .per_identity = 2, .shuffle = true};
    CHECK(sampler_init(&s, &identities, 3, (int64_t[]){4, -1, 4}, &label) == -1 &&
              strstr(label.text, "row 1 "),
          "refused: %s", label.text);
}

/* Identity i has i + 1 rows, in one long line: 0 1 1 2 2 2 ... */
enum { PEOPLE = 12, ROWS = PEOPLE * (PEOPLE + 1) / 2 };

static void line_up(int64_t *labels)
{
    for (int64_t i = 0, n = 0; i < PEOPLE; i++)
        for (int64_t k = 0; k <= i; k++)
            labels[n++] = 100 * i;
}

static void test_identity_batches(void)
{
    enum { K = 3 };
    int64_t labels[ROWS];
    Sampler s;
    SamplerOptions options = {
        .seed = 2, .batch = 5 * K, .epochs = 6, .per_identity = K, .shuffle = true};
    line_up(labels);
    start(&s, options, ROWS, labels);
    CHECK(s.identities == PEOPLE && s.epoch_rows == PEOPLE * K && s.epoch_batches == 3,
          "an epoch is every identity once");
    bool groups = true, distinct = true, once = true, moved = false;
    for (int64_t epoch = 0; epoch < 6; epoch++) {
        bool seen[PEOPLE] = {0};
        for (int64_t p = 0; p < s.epoch_rows; p += K) {
            int64_t row[K];
            for (int k = 0; k < K; k++)
                row[k] = sampler_row(&s, epoch, p + k);
            int64_t person = labels[row[0]] / 100;
            once = once && !seen[person];
            seen[person] = true;
            groups = groups && labels[row[1]] == 100 * person && labels[row[2]] == 100 * person;
            if (person + 1 >= K)
                distinct = distinct && row[0] != row[1] && row[0] != row[2] && row[1] != row[2];
            moved = moved || person != labels[sampler_row(&s, epoch + 1, p)] / 100;
        }
    }
    CHECK(groups && once, "K rows of each identity, each identity once an epoch");
    CHECK(distinct, "who has K rows never repeats one in a batch");
    CHECK(moved, "identities come in another order in the next epoch");
    sampler_release(&s);
}

static void test_identity_cycles(void)
{
    enum { K = 3 };
    int64_t labels[ROWS];
    Sampler s;
    SamplerOptions options = {
        .seed = 2, .batch = K, .epochs = 8, .per_identity = K, .shuffle = true};
    line_up(labels);
    start(&s, options, ROWS, labels);
    int shown[ROWS] = {0};
    for (int64_t epoch = 0; epoch < 4; epoch++)
        for (int64_t p = 0; p < s.epoch_rows; p++)
            shown[sampler_row(&s, epoch, p)]++;
    bool no_repeat = true;
    for (int i = 0; i < ROWS; i++)
        if (labels[i] == 1100) /* twelve rows, four epochs of three */
            no_repeat = no_repeat && shown[i] == 1;
    CHECK(no_repeat, "rows do not repeat until all have been shown");
    CHECK(shown[0] == 12 && shown[1] + shown[2] == 12 && abs(shown[1] - shown[2]) <= 4,
          "one row fills its group, two share it: %d %d %d", shown[0], shown[1], shown[2]);
    for (int64_t epoch = 4; epoch < 8; epoch++)
        for (int64_t p = 0; p < s.epoch_rows; p++)
            shown[sampler_row(&s, epoch, p)]++;
    int unseen = 0;
    for (int i = 0; i < ROWS; i++)
        unseen += shown[i] == 0;
    CHECK(unseen <= 2, "%d of %d rows have not been shown in eight epochs", unseen, ROWS);
    sampler_release(&s);
}

int main(void)
{
    test_shuffle();
    test_batches();
    test_refusals();
    test_identity_batches();
    test_identity_cycles();
    return END_TESTS();
}

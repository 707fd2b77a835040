/* Error rates at a threshold against a direct count in every resample; the file of a threshold. */
#include <cblas.h>
#include <stdio.h>
#include <unistd.h>

#include "base/rng_internal.h"
#include "scores/cosine.h"
#include "scores/resample_internal.h"
#include "unit.h"
#include "verify/threshold_internal.h"

enum { PEOPLE = 9, EACH = 4, N = PEOPLE * EACH, D = 6, DRAWS = 50 };

static float embedding[N * D];
static int64_t label[N];

static void make(void)
{
    for (int i = 0; i < N; i++) {
        label[i] = i / EACH;
        Rng person = rng_at(1, (uint64_t)(i / EACH), 0, 0), own = rng_at(2, (uint64_t)i, 0, 0);
        for (int k = 0; k < D; k++)
            embedding[i * D + k] = (float)(rng_normal(&person) + rng_normal(&own));
    }
}

/* [kind] share of wrong decisions in a resample; kind 0: impostors, 1: genuine pairs */
static void direct(double share[2], const Resample *resample, int r, float threshold)
{
    const EmbeddingRows rows = {.n = N, .d = D, .embedding = embedding, .label = label};
    double wrong[2] = {0}, all[2] = {0};
    Err err = {0};
    for (int64_t i = 0; i < N; i++)
        for (int64_t j = 0; j < i; j++) {
            float score;
            int64_t pair[1][2] = {{i, j}};
            bool same = label[i] == label[j];
            cosine_pairs(&score, &rows, (const int64_t(*)[2])pair, 1, &err);
            double a = resample->weight[label[i] * resample->lanes + r];
            double b = resample->weight[label[j] * resample->lanes + r];
            double weight = same ? a : a * b;
            all[same] += weight;
            wrong[same] += (score >= threshold) != same ? weight : 0;
        }
    for (int kind = 0; kind < 2; kind++)
        share[kind] = wrong[kind] / all[kind];
}

static void test_rates(void)
{
    Err err = {0};
    static double share[2][DRAWS + 1];
    const float threshold = 0.4567f;
    Pool *pool = pool_new(3, &err);
    Comparison c = {.input = "memory",
                    .embeddings = {.rows = {.n = N, .d = D, .embedding = embedding, .label = label},
                                   .has_labels = true}};
    c.scores = scores_all_pairs(&c.embeddings.rows, &err);
    ErrorRates rates, again;
    CHECK(error_rates_measure(&rates, threshold, &c, DRAWS, 5, pool, &err) == 0, "measured %s",
          err.text);
    pool_free(pool);
    pool = pool_new(1, &err);
    error_rates_measure(&again, threshold, &c, DRAWS, 5, pool, &err);
    CHECK(rates.fmr.value == again.fmr.value &&
              rates.fmr.interval.high == again.fmr.interval.high &&
              rates.fnmr.interval.low == again.fnmr.interval.low,
          "the same for any number of threads");
    Resample resample;
    resample_init(&resample, PEOPLE, DRAWS, 5, &err);
    for (int r = 0; r <= DRAWS; r++) {
        double both[2];
        direct(both, &resample, r, threshold);
        share[0][r] = both[0];
        share[1][r] = both[1];
    }
    CHECK(rates.fmr.value == share[0][0] && rates.fnmr.value == share[1][0] &&
              rates.fmr.pairs == N * (N - EACH) / 2 && rates.fnmr.pairs == N * (EACH - 1) / 2,
          "FMR %g, FNMR %g", rates.fmr.value, rates.fnmr.value);
    Interval fmr = interval_of(share[0] + 1, DRAWS), fnmr = interval_of(share[1] + 1, DRAWS);
    CHECK(rates.fmr.interval.low == fmr.low && rates.fmr.interval.high == fmr.high &&
              rates.fnmr.interval.low == fnmr.low && rates.fnmr.interval.high == fnmr.high,
          "intervals: %g to %g, %g to %g", fmr.low, fmr.high, fnmr.low, fnmr.high);
    CHECK(fmr.low < rates.fmr.value && rates.fmr.value < fmr.high, "the interval has a length");
    resample_release(&resample);
    scores_free(c.scores);
    pool_free(pool);
}

static const char *put(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");
    fputs(text, f);
    fclose(f);
    return path;
}

#define RATE(wrong, pairs, low)                                                                    \
    "{\"value\": 0.5, \"low\": " low ", \"high\": 0.6, \"wrong\": " wrong ", \"pairs\": " pairs "}"
#define CALIBRATED(calibration)                                                                    \
    TEXT("threshold", "cosine", "0.5", RATE("1", "2", "0.4"),                                      \
         "\"m\", \"calibration\": " calibration)
#define TEXT(kind, score, threshold, fmr, model)                                                   \
    "{\"kind\": \"" kind "\", \"score\": \"" score "\", \"threshold\": " threshold                 \
    ", \"asked_fmr\": null, \"fmr\": " fmr                                                         \
    ", \"fnmr\": " RATE("0", "0", "null") ", \"resamples\": 3, \"identities\": 4, "                \
                                          "\"seed\": 1, \"data\": \"d\", \"model\": " model        \
                                          ", \"more\": [1]}"

static void test_refused(const char *path)
{
    const struct {
        const char *text, *says;
    } bad[] = {
        {"", "not a threshold"},
        {"[1]", "no JSON object"},
        {"0.5", "not a threshold"},
        {TEXT("model", "cosine", "0.5", RATE("1", "2", "0.4"), "\"m\""), "'kind'"},
        {TEXT("threshold", "distance", "0.5", RATE("1", "2", "0.4"), "\"m\""), "'score'"},
        {TEXT("threshold", "cosine", "1.5", RATE("1", "2", "0.4"), "\"m\""), "'threshold'"},
        {TEXT("threshold", "cosine", "null", RATE("1", "2", "0.4"), "\"m\""), "'threshold'"},
        {TEXT("threshold", "cosine", "0.5", RATE("3", "2", "0.4"), "\"m\""), "contradict"},
        {TEXT("threshold", "cosine", "0.5", RATE("1", "2", "0.7"), "\"m\""), "contradict"},
        {TEXT("threshold", "cosine", "0.5", RATE("-1", "2", "0.4"), "\"m\""), "'wrong'"},
        {TEXT("threshold", "cosine", "0.5", RATE("1", "2", "7"), "\"m\""), "'low'"},
        {TEXT("threshold", "cosine", "0.5", "7", "\"m\""), "'fmr'"},
        {TEXT("threshold", "cosine", "0.5", RATE("1", "2", "0.4"), "7"), "'model'"},
        {CALIBRATED("7"), "'rule'"},
        {CALIBRATED("{\"rule\": \"none\"}"), "'rule'"},
        {CALIBRATED("{\"rule\": \"logistic\", \"slope\": 0, \"offset\": 0}"), "'slope'"},
        {CALIBRATED("{\"rule\": \"logistic\", \"slope\": 2}"), "'offset'"},
        {CALIBRATED("{\"rule\": \"isotonic\", \"from\": [], \"llr\": []}"), "'llr'"},
        {CALIBRATED("{\"rule\": \"isotonic\", \"from\": [1], \"llr\": [1]}"), "'llr'"},
        {CALIBRATED("{\"rule\": \"isotonic\", \"from\": [0, 0], \"llr\": [1, 2, 3]}"), "ascend"},
        {CALIBRATED("{\"rule\": \"isotonic\", \"from\": [0], \"llr\": [2, 1]}"), "ascend"},
        {CALIBRATED("{\"rule\": \"isotonic\", \"from\": [0], \"llr\": [2, null]}"), "'llr'"},
        {"{\"kind\": \"threshold\", \"kind\": \"threshold\"}", "duplicate"},
        {"{\"kind\": \"threshold\", \"score\": \"cosine\"}", "'threshold' is missing"},
    };
    Threshold t;
    Err good = {0};
    CHECK(threshold_read(
              &t, put(path, TEXT("threshold", "cosine", "0.5", RATE("1", "2", "0.4"), "\"m\"")),
              &good) == 0 &&
              t.score == 0.5 && isnan(t.asked_fmr) && t.rates.fmr.wrong == 1 &&
              isnan(t.rates.fnmr.interval.low),
          "a member more is passed over: %s", good.text);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        Err err = {0};
        CHECK(threshold_read(&t, put(path, bad[i].text), &err) == -1 &&
                  strstr(err.text, bad[i].says) != NULL,
              "%s", err.text);
    }
}

static void test_file(const char *path)
{
    Err err = {0};
    Threshold t = {.score = (double)0.1f,
                   .asked_fmr = 1e-3,
                   .rates = {.fmr = {3, 3000, 1e-3, {5e-4, 2e-3, 40}},
                             .fnmr = {0, 0, NAN, {NAN, NAN, 0}},
                             .resamples = 40,
                             .identities = 7,
                             .seed = 9},
                   .data = "a \xff\"b",
                   .model = "0123456789abcdef"},
              got;
    FILE *f = fopen(path, "w");
    CHECK(threshold_write(f, &t, "x 1\ny 2", &err) == 0, "written: %s", err.text);
    fclose(f);
    CHECK(threshold_read(&got, path, &err) == 0 && got.score == t.score &&
              got.asked_fmr == t.asked_fmr && got.rates.fmr.value == t.rates.fmr.value &&
              got.rates.fmr.interval.high == t.rates.fmr.interval.high &&
              got.rates.fmr.wrong == 3 && isnan(got.rates.fnmr.value) && got.rates.seed == 9 &&
              strcmp(got.data, "a \\xff\"b") == 0 && strcmp(got.model, t.model) == 0,
          "read as it was written, %s: %s", got.data, err.text);
    CHECK(got.calibration.rule == CALIBRATION_NONE, "without a calibration");
    EmbeddingModel same = {"0123456789abcdef", ""}, other = {"f", ""}, unknown = {"", ""};
    CHECK(threshold_of_model(&t, path, &same, "e", &err) == 0 &&
              threshold_of_model(&t, path, &unknown, "e", &err) == 0 &&
              threshold_of_model(&t, path, &other, "e", &err) == -1,
          "%s", err.text);
}

/* Both rules are read as they were written. */
static void test_calibration(const char *path)
{
    Threshold t = {.score = 0.25, .calibration = {.rule = CALIBRATION_LOGISTIC, 21.7, -6.1}}, got;
    Err err = {0};
    for (int isotonic = 0; isotonic < 2; isotonic++) {
        FILE *f = fopen(path, "w");
        CHECK(threshold_write(f, &t, "", &err) == 0, "written: %s", err.text);
        fclose(f);
        CHECK(threshold_read(&got, path, &err) == 0, "read: %s", err.text);
        CHECK(got.calibration.rule == t.calibration.rule && got.calibration.steps == 3 * isotonic,
              "the rule");
        for (double s = -1; s < 1; s += 0.01)
            CHECK(calibration_llr(&got.calibration, s) == calibration_llr(&t.calibration, s),
                  "the ratio of %g", s);
        t.calibration = (Calibration){.rule = CALIBRATION_ISOTONIC,
                                      .steps = 3,
                                      .step = {{-INFINITY, -5.1}, {0.123, 0.2}, {0.7, 4.4}}};
    }
}

int main(void)
{
    char path[] = "/tmp/test_threshold.XXXXXX";
    int fd = mkstemp(path);
    openblas_set_num_threads(1);
    make();
    test_rates();
    test_file(path);
    test_refused(path);
    test_calibration(path);
    close(fd);
    unlink(path);
    return END_TESTS();
}

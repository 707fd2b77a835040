/* verify/bootstrap: TAR, EER and the band of every resample against brute force, which writes each
 * resample out pair by pair; resamples and intervals */
#include "base/rng_internal.h"
#include "unit.h"
#include "verify/bootstrap_internal.h"
#include "verify/facexzoo_internal.h"
#include "verify/insightface_internal.h"
#include "verify/interval_internal.h"

enum { MOST = 1300, D = 6, FARS = 4 };

static const double fars[FARS] = {0.5, 0.1, 0.01, 0.002};

/* Scores of a resample, each as often as it counts; largest first. */
typedef struct Brute {
    float *genuine, *impostor;
    int64_t genuines, impostors;
} Brute;

typedef struct Pairs {
    float *score;
    int32_t (*identity)[2];
    bool *same;
    int64_t n;
} Pairs;

static int compare_down(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;
    return (x < y) - (x > y);
}

static Brute write_out(const Pairs *pairs, const Resample *resample, int r)
{
    Brute brute = {0};
    for (int pass = 0; pass < 2; pass++) {
        brute.genuines = brute.impostors = 0;
        for (int64_t i = 0; i < pairs->n; i++) {
            int a = resample->weight[pairs->identity[i][0] * resample->lanes + r];
            int b = resample->weight[pairs->identity[i][1] * resample->lanes + r];
            for (int copy = 0; copy < (pairs->same[i] ? a : a * b); copy++) {
                if (pass == 1)
                    *(pairs->same[i] ? &brute.genuine[brute.genuines]
                                     : &brute.impostor[brute.impostors]) = pairs->score[i];
                ++*(pairs->same[i] ? &brute.genuines : &brute.impostors);
            }
        }
        if (pass == 0) {
            brute.genuine = calloc((size_t)brute.genuines + 1, sizeof(float));
            brute.impostor = calloc((size_t)brute.impostors + 1, sizeof(float));
        }
    }
    qsort(brute.genuine, (size_t)brute.genuines, sizeof(float), compare_down);
    qsort(brute.impostor, (size_t)brute.impostors, sizeof(float), compare_down);
    return brute;
}

static void brute_free(Brute *brute)
{
    free(brute->genuine);
    free(brute->impostor);
}

static double share_from(const float *score, int64_t n, float threshold, bool above)
{
    int64_t count = 0;
    while (count < n && (above ? score[count] > threshold : score[count] >= threshold))
        count++;
    return (double)count / (double)n;
}

/* The next point of the ROC from (i, j): all scores equal to the largest that is left. */
static void next_point(const Brute *e, int64_t *i, int64_t *j)
{
    float top =
        fmaxf(*i < e->genuines ? e->genuine[*i] : -2, *j < e->impostors ? e->impostor[*j] : -2);
    while (*i < e->genuines && e->genuine[*i] == top)
        ++*i;
    while (*j < e->impostors && e->impostor[*j] == top)
        ++*j;
}

static double brute_nearest(const Brute *e, double far)
{
    double best = far, tar = 0;
    int64_t i = 0, j = 0;
    while (i < e->genuines || j < e->impostors) {
        if (fabs((double)j / (double)e->impostors - far) <= best) {
            best = fabs((double)j / (double)e->impostors - far);
            tar = (double)i / (double)e->genuines;
        }
        next_point(e, &i, &j);
    }
    return fabs(1 - far) <= best ? 1 : tar;
}

static double brute_tar(const Brute *e, RocRule rule, double far)
{
    double wanted = far * (double)e->impostors;
    int64_t k = llround(wanted) > 1 ? llround(wanted) : 1;
    if (rule == ROC_NEAREST)
        return brute_nearest(e, far);
    if (rule == ROC_CONSERVATIVE)
        return share_from(e->genuine, e->genuines, e->impostor[(int64_t)floor(wanted)], true);
    return share_from(e->genuine, e->genuines, e->impostor[k - 1], false);
}

static double brute_eer(const Brute *e)
{
    double far0 = 0, frr0 = 1;
    for (int64_t i = 0, j = 0; i < e->genuines || j < e->impostors;) {
        next_point(e, &i, &j);
        double far = (double)j / (double)e->impostors, frr = 1 - (double)i / (double)e->genuines;
        if (far >= frr)
            return far0 + (frr0 - far0) / ((frr0 - far0) + (far - frr)) * (far - far0);
        far0 = far;
        frr0 = frr;
    }
    return NAN;
}

/* Everything there is to one set of scores. */
typedef struct Case {
    const char *name;
    IdentityPairs pairs;
    Pairs plain;
    const Scores *scores;
} Case;

static void check_band(const Case *c, const Bootstrap *got, const RocVertex *curve, int vertices,
                       int n, const Brute *e, int r)
{
    bool inside = true;
    for (int i = 0; i < vertices; i++) {
        double tar = got->band[i * n + r], bound = r == 0 ? 1e-12 : 0.15;
        double far = (double)curve[i].impostor_at_least / (double)scores_impostor(c->scores);
        int64_t k = (int64_t)ceil(far * (double)e->impostors * (1 - 1e-12));
        float threshold = e->impostor[k < 1 ? 0 : k - 1];
        inside = inside && (i == 0 || tar + 1e-12 >= got->band[(i - 1) * n + r]) && tar <= 1 &&
                 fabs(tar - share_from(e->genuine, e->genuines, threshold, false)) < bound;
    }
    CHECK(inside, "%s, resample %d: the band rises, near the exact TARs", c->name, r);
}

static void check_rule(const Case *c, RocRule rule, const Resample *resample, int threads)
{
    Err err = {0};
    Pool *pool = pool_new(threads, &err);
    int64_t rank[ROC_CURVE_MAX];
    RocVertex curve[ROC_CURVE_MAX];
    Roc roc;
    int vertices = roc_curve_ranks(rank, scores_impostor(c->scores)), wrong = 0;
    CHECK(roc_measure(&roc, curve, rank, vertices, c->scores, pool, &err) == 0, "%s: %s", c->name,
          err.text);
    BootstrapAsk ask = {rule, fars, FARS, curve, vertices, rule == ROC_BLUFR};
    Bootstrap got;
    CHECK(bootstrap_measure(&got, &ask, &c->pairs, resample, pool, &err) == 0, "%s: %s %s", c->name,
          roc_rule_name(rule), err.text);
    for (int r = 0; r < resample->n; r++) {
        Brute brute = write_out(&c->plain, resample, r);
        for (int i = 0; i < FARS; i++)
            wrong +=
                !(fabs(got.tar[i * resample->n + r] - brute_tar(&brute, rule, fars[i])) < 1e-12);
        wrong += !(fabs(got.eer[r] - brute_eer(&brute)) < 1e-12);
        if (ask.band && r < 3)
            check_band(c, &got, curve, vertices, resample->n, &brute, r);
        brute_free(&brute);
    }
    CHECK(wrong == 0, "%s, %s: %d of %d figures differ from brute force", c->name,
          roc_rule_name(rule), wrong, resample->n * (FARS + 1));
    CHECK_CLOSE(got.eer[0], roc.eer, 1e-12, "resample 0 is what was measured");
    bootstrap_release(&got);
    pool_free(pool);
}

/* One worker only. */
static void take(void *arg, int worker, int32_t a, const int32_t *b, const float *score, int64_t n,
                 bool genuine)
{
    Pairs *pairs = arg;
    (void)worker;
    for (int64_t i = 0; i < n; i++, pairs->n++) {
        pairs->score[pairs->n] = score[i];
        pairs->identity[pairs->n][0] = a;
        pairs->identity[pairs->n][1] = b[i];
        pairs->same[pairs->n] = genuine;
    }
}

static Pairs pairs_new(int64_t n)
{
    return (Pairs){calloc((size_t)n, sizeof(float)), calloc((size_t)n, 8), calloc((size_t)n, 1), 0};
}

static void pairs_release(Pairs *pairs)
{
    free(pairs->score);
    free(pairs->identity);
    free(pairs->same);
}

/* rows embeddings of people with 1 to 5 images each; `steps` > 0: coordinates are multiples of
 * 1 / steps, so that many scores are equal */
static void check_all_pairs(const char *name, int rows, int steps, int draws)
{
    static float x[MOST * D];
    static int64_t label[MOST];
    Err err = {0};
    Rng rng = rng_at(7, (uint64_t)rows, (uint64_t)steps, 0);
    for (int i = 0, left = 0, id = -1; i < rows; i++, left--) {
        if (left == 0) {
            left = 1 + (int)rng_below(&rng, 5);
            id++;
        }
        label[i] = 3 * id;
        Rng person = rng_at(8, (uint64_t)id, 0, 0);
        for (int k = 0; k < D; k++) {
            double value = rng_normal(&person) + rng_normal(&rng);
            x[i * D + k] = (float)(steps > 0 ? rint(value * steps) / steps : value);
        }
        x[i * D] += steps > 0 ? 3 : 0;
    }
    EmbeddingRows all = {.n = rows, .d = D, .embedding = x, .label = label};
    Scores *scores = scores_all_pairs(&all, &err);
    Case c = {.name = name, .scores = scores};
    CHECK(scores != NULL && identity_pairs_init(&c.pairs, scores, &err) == 0, "%s: %s", name,
          err.text);
    c.plain = pairs_new(rows * (rows - 1) / 2);
    Pool *one = pool_new(1, &err);
    identity_pairs_walk(&c.pairs, SCORES_ALL, one, take, &c.plain, &err);
    pool_free(one);
    Resample resample;
    CHECK(resample_init(&resample, c.pairs.identities, draws, 5, &err) == 0, "%s", err.text);
    for (int rule = ROC_BLUFR; rule <= ROC_CONSERVATIVE; rule++)
        check_rule(&c, (RocRule)rule, &resample, 1 + rule);
    resample_release(&resample);
    identity_pairs_release(&c.pairs);
    pairs_release(&c.plain);
    scores_free(scores);
}

static void check_list(void)
{
    enum { N = 900, IDENTITIES = 60, DRAWS = 20 };
    Err err = {0};
    Pairs pairs = pairs_new(N);
    Rng rng = rng_at(9, 0, 0, 0);
    for (pairs.n = 0; pairs.n < N; pairs.n++) {
        int64_t i = pairs.n;
        pairs.same[i] = i % 2 == 0;
        pairs.identity[i][0] = (int32_t)rng_below(&rng, IDENTITIES / 2);
        pairs.identity[i][1] =
            pairs.same[i] ? pairs.identity[i][0] : (int32_t)(IDENTITIES / 2 + rng_below(&rng, 30));
        pairs.score[i] = (float)(rint(40 * tanh(rng_normal(&rng) + pairs.same[i])) / 40);
    }
    Case c = {.name = "a list", .plain = pairs};
    c.pairs.list =
        (IdentityPairsList){N, pairs.score, pairs.same, (const int32_t(*)[2])pairs.identity};
    Scores *scores = scores_listed(pairs.score, pairs.same, N, &err);
    c.scores = scores;
    Resample resample;
    CHECK(resample_init(&resample, IDENTITIES, DRAWS, 5, &err) == 0, "%s", err.text);
    for (int rule = ROC_BLUFR; rule <= ROC_CONSERVATIVE; rule++)
        check_rule(&c, (RocRule)rule, &resample, 2);
    resample_release(&resample);
    scores_free(scores);
    pairs_release(&pairs);
}

static void check_resamples(void)
{
    enum { IDENTITIES = 1000, DRAWS = 70 };
    Err err = {0};
    Resample a, b;
    CHECK(resample_init(&a, IDENTITIES, DRAWS, 1, &err) == 0 &&
              resample_init(&b, IDENTITIES, DRAWS, 2, &err) == 0,
          "resamples %s", err.text);
    bool sums = true;
    int absent = 0;
    for (int r = 0; r < a.lanes; r++) {
        int sum = 0;
        for (int i = 0; i < IDENTITIES; i++) {
            sum += a.weight[i * a.lanes + r];
            absent += r > 0 && r < a.n && a.weight[i * a.lanes + r] == 0;
        }
        sums = sums && sum == (r < a.n ? IDENTITIES : 0);
    }
    CHECK(sums, "as many identities are drawn as there are");
    CHECK(fabs((double)absent / (IDENTITIES * DRAWS) - exp(-1)) < 0.005, "%.4f of them never",
          (double)absent / (IDENTITIES * DRAWS));
    CHECK(memcmp(a.weight, b.weight, (size_t)IDENTITIES * a.lanes) != 0, "seeds differ");
    resample_release(&a);
    resample_release(&b);
    CHECK(resample_init(&a, 1, 5, 1, &err) != 0, "one identity: %s", err.text);
}

static void check_intervals(void)
{
    double ramp[201], some[4] = {NAN, 3, NAN, 1}, few[4] = {NAN, 3, NAN, NAN};
    for (int i = 0; i <= 200; i++)
        ramp[i] = (i * 77) % 201; /* 0 .. 200 in another order */
    Interval all = interval_of(ramp, 201), two = interval_of(some, 4);
    CHECK(all.low == 5 && all.high == 195 && all.used == 201, "%g to %g", all.low, all.high);
    CHECK(fabs(two.low - 1.05) < 1e-12 && fabs(two.high - 2.95) < 1e-12 && two.used == 2,
          "%g to %g of two", two.low, two.high);
    CHECK(isnan(interval_of(few, 4).low), "none from one of four");
}

/* Pairs with weights give what as many copies of them give. */
static void check_folds(void)
{
    enum { N = 600, FOLDS = 6, MOST_COPIES = 3 * N };
    float score[N], copy_score[MOST_COPIES];
    bool same[N], copy_same[MOST_COPIES];
    int fold[N], copy_fold[MOST_COPIES];
    uint32_t weight[N];
    int64_t copies = 0;
    Rng rng = rng_at(11, 0, 0, 0);
    for (int i = 0; i < N; i++) {
        fold[i] = i / (N / FOLDS);
        same[i] = rng_below(&rng, 2) == 0;
        score[i] = (float)tanh(0.3 * rng_normal(&rng) + (same[i] ? 0.4 : 0));
        weight[i] = (uint32_t)rng_below(&rng, 4);
        for (uint32_t c = 0; c < weight[i]; c++, copies++) {
            copy_score[copies] = score[i];
            copy_same[copies] = same[i];
            copy_fold[copies] = fold[i];
        }
    }
    FoldScores whole = {N, score, same, fold, FOLDS, weight};
    FoldScores copied = {copies, copy_score, copy_same, copy_fold, FOLDS, NULL};
    FoldAccuracy a[FOLDS], b[FOLDS];
    CHECK_CLOSE(insightface_accuracy(a, &whole).mean, insightface_accuracy(b, &copied).mean, 0,
                "InsightFace's rule, weights as copies");
    CHECK_CLOSE(facexzoo_accuracy(a, &whole).mean, facexzoo_accuracy(b, &copied).mean, 0,
                "FaceX-Zoo's rule, weights as copies");
    CHECK(a[2].pairs == b[2].pairs && a[2].threshold == b[2].threshold, "and the same thresholds");
}

int main(void)
{
    check_resamples();
    check_intervals();
    check_all_pairs("few rows", 150, 0, 40);
    check_all_pairs("few rows, many equal", 150, 1, 40);
    check_all_pairs("many rows", MOST, 0, 5);
    check_all_pairs("many rows, many equal", MOST, 1, 5);
    check_list();
    check_folds();
    return END_TESTS();
}

/* verify/comparison, evaluation, uncertainty, recount: from a stream and a list to values, against
 * what their parts give for scores made here one by one */
#include <stdio.h>
#include <unistd.h>

#include "base/rng_internal.h"
#include "scores/cosine.h"
#include "stream/writer.h"
#include "unit.h"
#include "verify/recount_internal.h"
#include "verify/uncertainty_internal.h"

enum { PEOPLE = 24, EACH = 4, N = PEOPLE * EACH, D = 8, FARS = 3, DRAWS = 40 };

static const double fars[FARS] = {0.2, 0.01, 1e-9};
static char folder[] = "/tmp/test_evaluation.XXXXXX";

static const char *in_folder(char path[64], const char *name)
{
    snprintf(path, 64, "%s/%s", folder, name);
    return path;
}

/* Embeddings of PEOPLE, of which each seventh row has no label; P003_0002.jpg is the second image
 * of the person 3. Half as noisy when `better`. */
static void write_stream(const char *path, bool better, int64_t rows)
{
    static float x[N][D];
    static int64_t label[N], key_end[N];
    static char key[N * 16];
    StreamWriter writer;
    Frame frame = {0};
    Err err = {0};
    size_t used = 0;
    for (int i = 0; i < rows; i++) {
        Rng person = rng_at(1, (uint64_t)(i / EACH), 0, 0), own = rng_at(2, (uint64_t)i, 0, 0);
        for (int k = 0; k < D; k++)
            x[i][k] = (float)(rng_normal(&person) + rng_normal(&own) * (better ? 0.4 : 0.8));
        label[i] = i % 7 == 6 ? -1 : i / EACH;
        used += (size_t)sprintf(key + used, "P%03d_%04d.jpg", i / EACH, i % EACH + 1);
        key_end[i] = (int64_t)used;
    }
    frame_add(&frame, "embedding", DTYPE_F32, 2, (int64_t[]){rows, D}, x, &err);
    frame_add(&frame, "label", DTYPE_I64, 1, &rows, label, &err);
    frame_add(&frame, "key_end", DTYPE_I64, 1, &rows, key_end, &err);
    frame_add(&frame, "key", DTYPE_U8, 1, (int64_t[]){(int64_t)used}, key, &err);
    writer_open(&writer, path, "test 1", &err);
    writer_put(&writer, &frame, true, &err);
    CHECK(writer_close(&writer, &err) == 0, "a stream: %s", err.text);
    frame_release(&frame);
}

/* LFW's form: 4 folds of 6 pairs of each kind; one image that is not there when `missing`. */
static void write_list(const char *path, bool missing)
{
    FILE *f = fopen(path, "w");
    fprintf(f, "4\t6\n");
    for (int i = 0; i < 48; i++) {
        int a = i % PEOPLE, b = (i * 5 + 1) % PEOPLE, first = (i + i / PEOPLE) % 3 + 1;
        if (i / 6 % 2 == 0)
            fprintf(f, "P%03d\t%d\t%d\n", a, first, missing && i == 2 ? 99 : first + 1);
        else
            fprintf(f, "P%03d\t%d\tP%03d\t%d\n", a, i % EACH + 1, a == b ? (b + 1) % PEOPLE : b,
                    i % 3 + 1);
    }
    fclose(f);
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

/* All pairs by label: the values are those of roc_query() over the scores of these rows. */
static void test_labels(Pool *pool)
{
    char path[64];
    Err err = {0};
    Comparison c;
    Evaluation e;
    EvaluationAsk ask = {ROC_BLUFR, fars, FARS, {0.05, 0}, true};
    CHECK(comparison_read(&c, in_folder(path, "a"), NULL, 0, &err) == 0 && c.rows == N &&
              c.d == D && c.unlabelled == N / 7,
          "a stream is opened, some rows without a label: %s", err.text);
    CHECK(comparison_score(&c, &err) == 0 && evaluation_measure(&e, &ask, &c, pool, &err) == 0,
          "scored and measured: %s", err.text);
    RocReading reading[FARS + 1] = {{.far = 0.2}, {.far = 0.01}, {.far = 1e-9}, {.far = 0.05}};
    RocQuery query = {.rule = ROC_BLUFR, .n = FARS + 1, .reading = reading};
    Roc roc;
    roc_query(&roc, &query, c.scores, pool, &err);
    bool same = e.readings == FARS && e.roc.auc == roc.auc && e.roc.eer == roc.eer;
    for (int i = 0; i <= FARS; i++)
        same = same && e.reading[i].rank == reading[i].rank &&
               same_number(e.reading[i].tar, reading[i].tar);
    CHECK(same && evaluation_more(&e, 0)->far == 0.05 && e.reading[2].rank == 0,
          "the readings, one more, and one that cannot be measured");
    CHECK(e.vertices > 10 && e.curve[e.vertices - 1].impostor_at_least == e.roc.impostor &&
              e.folds.folds == 0,
          "a curve of %d vertices; no folds", e.vertices);
    static Recount recount;
    CHECK(recount_measure(&recount, fars, FARS, c.scores, &c.embeddings.rows, pool, &err) == 0 &&
              recount.agrees && recount.points == 2 && recount.point[1].far == 0.01 &&
              recount.point[1].rank == reading[1].rank,
          "counted again in double precision, at the FARs that can be measured");
    CHECK(recount_measure(&recount, fars + 2, 1, c.scores, &c.embeddings.rows, pool, &err) != 0,
          "none of them: %s", err.text);
    evaluation_release(&e);
    comparison_release(&c);
}

/* The scores of a list, one by one, and the accuracy of them. */
static void check_listed(const Comparison *c, const Evaluation *e)
{
    const ListedScores *l = &c->listed;
    bool right = true;
    Err err = {0};
    for (int64_t i = 0; i < l->n; i++) {
        const FacePair *pair = &c->list.pair[l->pair[i]];
        float score;
        cosine_pairs(&score, &c->embeddings.rows, &l->row[i], 1, &err);
        right = right && l->score[i] == score && l->same[i] == pair->same &&
                l->fold[i] == pair->fold && c->list.image[pair->image[1]].row == l->row[i][1];
    }
    CHECK(right, "%lld pairs of the list are scored", (long long)l->n);
    FoldAccuracy fold[4];
    FoldScores scores = {
        .n = l->n, .score = l->score, .same = l->same, .fold = l->fold, .folds = 4};
    Accuracy accuracy = insightface_accuracy(fold, &scores);
    if (c->fold > 0)
        accuracy.mean = fold[c->fold - 1].accuracy;
    CHECK(e->folds.folds == 4 && e->folds.insightface.mean == accuracy.mean &&
              e->folds.insightface.folds == (c->fold > 0 ? 1 : 4),
          "their accuracy: %g", e->folds.insightface.mean);
}

static void test_list(Pool *pool, int fold)
{
    char path[64], list[64];
    Err err = {0};
    Comparison c;
    Evaluation e;
    EvaluationAsk ask = {ROC_NEAREST, fars, 1, {0, 0}, false};
    CHECK(comparison_read(&c, in_folder(path, "a"), in_folder(list, "list"), fold, &err) == 0 &&
              c.missing == 0 && comparison_score(&c, &err) == 0 &&
              evaluation_measure(&e, &ask, &c, pool, &err) == 0,
          "a list, fold %d: %s", fold, err.text);
    check_listed(&c, &e);
    CHECK(e.roc.genuine == (fold > 0 ? 6 : 24) && e.roc.impostor == e.roc.genuine &&
              e.vertices == 0 && evaluation_more(&e, 0)->rank == 0,
          "the ROC is that of the fold");
    Hardest hardest;
    hardest_init(&hardest, 2, false, 100, 2, &err);
    CHECK(comparison_hardest(&hardest, &c, pool, &err) == 0 && hardest_end(&hardest, &err) == 0 &&
              hardest.pairs == e.roc.genuine,
          "and so are its wrong decisions");
    hardest_release(&hardest);
    evaluation_release(&e);
    comparison_release(&c);
}

static void test_missing(void)
{
    char path[64], list[64];
    Err err = {0};
    Comparison c;
    NameList missing;
    int rc = comparison_read(&c, in_folder(path, "a"), in_folder(list, "gap"), 0, &err);
    if (rc == 0)
        rc = comparison_missing(&missing, &c, &err);
    CHECK(rc == 0 && c.missing == 1 && missing.n == 1 &&
              strcmp(name_list_first(&missing), "P002_0099") == 0,
          "an image that is not there is named: %s", err.text);
    CHECK(comparison_score(&c, &err) == 0 && c.skipped == 1 && c.listed.n == 47,
          "and its pair left out");
    name_list_release(&missing);
    comparison_release(&c);
    CHECK(comparison_read(&c, path, list, 5, &err) != 0, "no such fold: %s", err.text);
    comparison_release(&c);
    Err other = {0};
    CHECK(comparison_read(&c, "/nowhere", NULL, 0, &other) != 0, "no file: %s", other.text);
    comparison_release(&c);
}

/* Two streams of the same pairs, or of others. */
static void test_same(void)
{
    char a[64], b[64], list[64];
    Err err = {0};
    Comparison x, y, z;
    int rc = comparison_read(&x, in_folder(a, "a"), NULL, 0, &err);
    rc += comparison_read(&y, in_folder(b, "b"), NULL, 0, &err);
    rc += comparison_read(&z, in_folder(list, "short"), NULL, 0, &err);
    CHECK(rc == 0 && comparison_same(&x, &y, &err) == 0, "the same rows: %s", err.text);
    CHECK(comparison_same(&x, &z, &err) != 0, "not the same: %s", err.text);
    comparison_release(&x);
    comparison_release(&y);
    comparison_release(&z);
}

/* The identities of a list: those of names, labels and genuine pairs. */
static void test_identities(void)
{
    char path[64], list[64];
    Err err = {0};
    Comparison c;
    int32_t(*identity)[2] = NULL;
    int64_t n = 0;
    bool right = true;
    int rc = comparison_read(&c, in_folder(path, "a"), in_folder(list, "list"), 0, &err);
    if (rc == 0)
        rc = comparison_score(&c, &err);
    if (rc == 0)
        rc = comparison_identities(&c, &identity, &n, &err);
    for (int64_t i = 0; rc == 0 && i < c.listed.n; i++)
        right = right && (identity[i][0] == identity[i][1]) == c.listed.same[i];
    CHECK(rc == 0 && right && n == PEOPLE, "%lld identities of a list: %s", (long long)n, err.text);
    free(identity);
    comparison_release(&c);
}

static void measure(Comparison *c, Evaluation *e, const char *stream, const char *list, Pool *pool)
{
    Err err = {0};
    EvaluationAsk ask = {ROC_BLUFR, fars, FARS, {0, 0}, true};
    CHECK(comparison_read(c, stream, list, 0, &err) == 0 && comparison_score(c, &err) == 0 &&
              evaluation_measure(e, &ask, c, pool, &err) == 0,
          "measured: %s", err.text);
}

/* What was measured lies in its interval; against itself the difference is 0. */
static void test_uncertainty(Pool *pool, const char *list, const char *versus)
{
    char a[64], b[64];
    static Comparison x, y;
    static Evaluation e, f;
    Intervals intervals;
    Err err = {0};
    measure(&x, &e, in_folder(a, "a"), list, pool);
    measure(&y, &f, in_folder(b, versus), list, pool);
    Uncertainty *u = uncertainty_new(&x, DRAWS, 3, &err);
    CHECK(u != NULL && uncertainty_add(u, &e, pool, &err) == 0 &&
              uncertainty_add(u, &f, pool, &err) == 0 &&
              uncertainty_intervals(&intervals, u, &err) == 0 &&
              intervals.figures == FARS + 1 + (list != NULL ? 2 : 0),
          "TAR, EER and accuracy: %s", err.text);
    bool self = strcmp(versus, "a") == 0, inside = true, difference = true;
    for (int i = 0; i < intervals.figures; i++) {
        const UncertainFigure *figure = &intervals.figure[i];
        if (isnan(figure->value))
            continue;
        inside = inside && figure->interval.low - 0.1 <= figure->value &&
                 figure->value <= figure->interval.high + 0.1 && figure->interval.used <= DRAWS;
        difference =
            difference && (!self || (figure->other == figure->value &&
                                     figure->difference.low == 0 && figure->difference.high == 0));
    }
    CHECK(inside && intervals.figure[0].value == e.reading[0].tar &&
              fabs(intervals.figure[FARS].value - e.roc.eer) < 1e-12 &&
              isnan(intervals.figure[2].value) && intervals.figure[2].interval.used == 0,
          "they are those of the evaluation, with intervals around them");
    CHECK(difference, "and differences from %s", self ? "themselves, which are 0" : versus);
    CHECK(list == NULL || intervals.figure[FARS + 1].value == e.folds.insightface.mean,
          "accuracy is one of them where there are folds");
    Interval band[ROC_CURVE_MAX];
    uncertainty_band(band, u);
    bool rising = true;
    for (int i = 1; i < e.vertices; i++)
        rising = rising && band[i].low >= band[i - 1].low && band[i].high >= band[i - 1].high &&
                 band[i].high <= 1 && band[i].low <= band[i].high;
    CHECK(rising, "a band along the curve, which rises");
    intervals_release(&intervals);
    uncertainty_free(u);
    evaluation_release(&e);
    evaluation_release(&f);
    comparison_release(&x);
    comparison_release(&y);
}

int main(void)
{
    char path[64];
    Err err = {0};
    Pool *pool = pool_new(2, &err);
    if (mkdtemp(folder) == NULL || pool == NULL)
        return 1;
    write_stream(in_folder(path, "a"), false, N);
    write_stream(in_folder(path, "b"), true, N);
    write_stream(in_folder(path, "short"), false, N - 1);
    write_list(in_folder(path, "list"), false);
    write_list(in_folder(path, "gap"), true);
    test_labels(pool);
    test_list(pool, 0);
    test_list(pool, 3);
    test_missing();
    test_same();
    test_identities();
    test_uncertainty(pool, NULL, "a");
    test_uncertainty(pool, NULL, "b");
    test_uncertainty(pool, in_folder(path, "list"), "a");
    static const char *const files[] = {"a", "b", "short", "list", "gap"};
    for (int i = 0; i < 5; i++)
        unlink(in_folder(path, files[i]));
    rmdir(folder);
    pool_free(pool);
    return END_TESTS();
}

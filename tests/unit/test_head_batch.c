/* Losses that compare the rows of a batch, or move what is kept of identities by a rule of their
 * own: what is moved, what is chosen, odd batches. */
#include "test_head_case.h"

enum { B = 5, C = 4, D = 3 };

/* x, and labels of which one comes three times and one not at all. */
static Case batch_case(const char *name, const char *settings)
{
    static const int64_t label[B] = {2, 0, 2, 1, 2};
    Case t = case_new(name, settings, (Shape){.b = B, .c = C, .d = D, .tile = 2});
    case_fill(&t, 1);
    memcpy(t.label, label, sizeof label);
    return t;
}

/* v_j += rate sum of (x - v_j) / (1 + n) */
static void move(double *v, const Case *t, double rate)
{
    for (int j = 0; j < C; j++)
        for (int k = 0; k < D; k++) {
            double sum = 0, n = 0;
            for (int i = 0; i < B; i++) {
                sum += t->label[i] == j ? (double)t->x[i * D + k] - v[j * D + k] : 0;
                n += t->label[i] == j;
            }
            v[j * D + k] += rate * sum / (1 + n);
        }
}

static void test_moves(const char *name, const char *settings, double rate)
{
    Case t = batch_case(name, settings);
    Optimiser sgd = {
        .lr = strcmp(name, "center") == 0 ? 0.5 : 0, .momentum = 0.9, .weight_decay = 0.1};
    real *moved = t.vector != NULL ? t.vector : t.w;
    double want[C * D];
    for (int k = 0; k < C * D; k++)
        want[k] = (double)moved[k];
    for (int step = 0; step < 3; step++) {
        head_step(t.head, t.dx, t.x, t.label, B, &sgd, NULL, &t.err);
        move(want, &t, rate);
    }
    double e = distance(moved, want, C * D);
    CHECK(e <= rounding, "%s: what the batch moves is off by %.1e %s", name, e, t.err.text);
    case_free(&t);
}

static void test_new_head(void)
{
    Case t = case_new("center", "", (Shape){.b = 1, .c = 3, .d = 4});
    bool zero = true;
    for (int k = 0; k < 12; k++)
        zero = zero && t.vector[k] == 0;
    CHECK(zero, "the means of a new head are 0");
    case_free(&t);
}

/* No triplet or pair: no loss and no gradient. */
static void test_nothing(const char *name, const char *what, int rows, const int64_t *label)
{
    Case t = batch_case(name, "");
    memcpy(t.label, label, (size_t)rows * sizeof *label);
    bool ran = head_gradient(t.head, t.dx, t.dw, t.x, t.label, rows, &t.stats, &t.err) == 0;
    double most = 0;
    for (int k = 0; k < rows * D; k++)
        most = fmax(most, fabs((double)t.dx[k]));
    CHECK(ran && t.stats.loss == 0 && most == 0, "%s: %s has no loss %s", name, what, t.err.text);
    case_free(&t);
}

/* Equal rows, opposite ones, and a row of zeros. */
static void test_hostile(const char *name, const char *settings)
{
    Case t = batch_case(name, settings);
    memcpy(t.x + D, t.x, D * sizeof *t.x);
    for (int k = 0; k < D; k++) {
        t.x[2 * D + k] = -t.x[k];
        t.x[3 * D + k] = 0;
    }
    bool ran = case_run(&t), finite = true;
    for (int k = 0; k < B * D; k++)
        finite = finite && isfinite((double)t.dx[k]);
    CHECK(ran && finite, "%s %s: equal, opposite and zero rows have finite gradients %s", name,
          settings, t.err.text);
    t.x[D] = (real)NAN;
    CHECK(!case_run(&t) && strstr(t.err.text, "loss of row") != NULL, "refused: %s", t.err.text);
    case_free(&t);
}

/* The draw of a negative belongs to seed, step and row. */
static void test_draws(void)
{
    enum { ROWS = 24 };
    Case t = case_new("triplet", "mine=0 m=3", (Shape){.b = ROWS, .c = 6, .d = 8});
    real first[ROWS * 8];
    case_fill(&t, 1);
    for (int i = 0; i < ROWS; i++)
        t.label[i] = i / 4;
    case_run(&t);
    memcpy(first, t.dx, sizeof first);
    case_run(&t);
    CHECK(memcmp(first, t.dx, sizeof first) == 0, "the same step draws the same negatives");
    *tensor_named(t.head, "step") = 1;
    case_run(&t);
    CHECK(memcmp(first, t.dx, sizeof first) != 0, "the next step draws others");
    case_free(&t);
}

static void test_without_centres(const char *name)
{
    Err err = {0};
    HeadConfig config = {.identities = 1000000, .dim = 512};
    HeadMemory m;
    HeadTensor tensor[HEAD_TENSORS];
    Pool *pool = pool_new(1, &err);
    head_options_init(&config.options, name, &err);
    CHECK(head_memory(&m, &config, 64, 1, &err) == 0 && m.centres == 0 && m.momentum == 0 &&
              m.working < 4 << 20,
          "%s of a million identities takes %zu bytes", name, m.working);
    Head *head = head_new(&config, pool, NULL, &err);
    CHECK(head != NULL && head_tensors(head, tensor) == 1 && strcmp(tensor[0].name, "step") == 0,
          "and keeps the number of steps alone");
    head_free(head);
    config.sample_rate = 0.5;
    CHECK(head_new(&config, pool, NULL, &err) == NULL && strstr(err.text, "no centres") != NULL,
          "refused: %s", err.text);
    err = (Err){0};
    CHECK(head_memory(&m, &config, 64, 1, &err) == -1, "refused: %s", err.text);
    pool_free(pool);
}

/* vpl keeps the last embedding of each identity, of length 1, and when it was seen. */
static void test_features(void)
{
    Case t = batch_case("vpl", "");
    Optimiser sgd = {.lr = 0.1, .momentum = 0.9, .weight_decay = 0};
    memset(t.vector, 0, C * D * sizeof *t.vector);
    memset(t.seen, 0, C * sizeof *t.seen);
    for (int step = 0; step < 3; step++)
        head_step(t.head, t.dx, t.x, t.label, step < 2 ? B : 1, &sgd, NULL, &t.err);
    static const int last[C] = {1, 3, 4, -1}, seen[C] = {2, 2, 3, 0};
    double worst = 0;
    for (int j = 0; j < C; j++) {
        int row = j == 2 ? 0 : last[j]; /* of the third step, which had row 0 alone */
        double length = 0;
        for (int k = 0; k < D && row >= 0; k++)
            length += (double)t.x[row * D + k] * t.x[row * D + k];
        for (int k = 0; k < D; k++) {
            double want = row >= 0 ? (double)t.x[row * D + k] / sqrt(length) : 0;
            worst = fmax(worst, fabs((double)t.vector[j * D + k] - want));
        }
        CHECK(t.seen[j] == (real)seen[j], "identity %d was seen in step %g", j, (double)t.seen[j]);
    }
    CHECK(worst <= rounding, "the features kept are off by %.1e", worst);
    case_free(&t);
}

int main(void)
{
    test_features();
    static const int64_t all[B] = {1, 1, 1, 1, 1}, none[4] = {0, 1, 2, 3};
    openblas_set_num_threads(1);
    test_moves("center", "", 0.5);
    test_moves("center", "alpha=0.1", 0.1);
    test_moves("uniformface", "beta=0.2", 0.2);
    test_new_head();
    static const char *const pairs[] = {"triplet", "contrastive"};
    for (int k = 0; k < 2; k++) {
        test_nothing(pairs[k], "a batch of different identities", 4, none);
        test_nothing(pairs[k], "a row", 1, all);
        test_without_centres(pairs[k]);
        test_hostile(pairs[k], "");
        test_hostile(pairs[k], "unit=0");
    }
    test_nothing("triplet", "a batch of one identity", B, all);
    test_hostile("triplet", "mine=0");
    test_hostile("triplet", "mine=2");
    test_hostile("center", "");
    test_hostile("uniformface", "");
    test_draws();
    return END_TESTS();
}

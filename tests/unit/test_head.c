/* The classification head: golden numbers, an independent reference, tiles, threads, bad input.
 * test_head_double.c runs the same with the library in double. */
#include "head/head.h"

#include "../golden/npcface.h"
#include "base/file.h"
#include "base/rng.h"
#include "head/sample.h"
#include "test_head_reference.h"
#include "unit.h"

#ifdef REAL_DOUBLE
static const double golden_bound = 1e-12, reference_bound = 1e-9, rounding = 1e-12;
#else
static const double golden_bound = 1e-5, reference_bound = 1e-4, rounding = 1e-5;
#endif

/* A head with its batch and results. */
typedef struct Case {
    Pool *pool;
    Head *head;
    HeadOptions options;
    int b, c, d;
    real *x, *dx, *dw;
    real *w, *aux, *aux_momentum; /* the head's own; aux: biases or margins, or NULL */
    int64_t *label;
    HeadStats stats;
    Err err;
} Case;

typedef struct Shape {
    int b, c, d, tile, threads;
    size_t max_memory;
    double rate;
} Shape;

static real *tensor_named(Head *head, const char *name)
{
    HeadTensor tensor[HEAD_TENSORS];
    int n = head_tensors(head, tensor);
    for (int k = 0; k < n; k++)
        if (strcmp(tensor[k].name, name) == 0)
            return tensor[k].data;
    return NULL;
}

static Case case_new(const char *name, const char *settings, Shape shape)
{
    Case t = {.b = shape.b, .c = shape.c, .d = shape.d};
    int threads = shape.threads > 0 ? shape.threads : 1;
    t.pool = pool_new(threads, &t.err);
    if (head_options_init(&t.options, name, &t.err) == 0)
        head_options_parse(&t.options, settings, &t.err);
    HeadConfig config = {.options = t.options,
                         .identities = t.c,
                         .dim = t.d,
                         .seed = 7,
                         .tile = shape.tile,
                         .max_memory = shape.max_memory,
                         .sample_rate = shape.rate};
    t.head = head_new(&config, t.pool, &t.err);
    if (t.head == NULL) {
        fprintf(stderr, "%s\n", t.err.text);
        exit(1);
    }
    t.x = calloc((size_t)(t.b * t.d), sizeof(real));
    t.dx = calloc((size_t)(t.b * t.d), sizeof(real));
    t.dw = calloc((size_t)(t.c * t.d), sizeof(real));
    t.label = calloc((size_t)t.b, sizeof *t.label);
    t.w = tensor_named(t.head, "weight");
    t.aux = tensor_named(t.head, "bias");
    t.aux_momentum = tensor_named(t.head, "bias.momentum");
    if (t.aux == NULL) {
        t.aux = tensor_named(t.head, "margin");
        t.aux_momentum = tensor_named(t.head, "margin.momentum");
    }
    return t;
}

static void case_free(Case *t)
{
    head_free(t->head);
    pool_free(t->pool);
    free(t->x);
    free(t->dx);
    free(t->dw);
    free(t->label);
}

/* w[n] and v[n] by SGD with the gradient g[n] (0 where g is NULL). */
static void plain_sgd(double *w, double *v, const double *g, const HeadSgd *sgd, int n)
{
    for (int k = 0; k < n; k++) {
        v[k] = sgd->momentum * v[k] + (g != NULL ? g[k] : 0) + sgd->weight_decay * w[k];
        w[k] -= sgd->lr * v[k];
    }
}

/* Embeddings that lean by `pull` towards the centre of their identity (away from it when negative),
 * and centres of any length. The last row has the last identity. */
static void case_fill(Case *t, double pull)
{
    Rng rng = rng_at(11, (uint64_t)t->b, (uint64_t)t->c, 0);
    for (int k = 0; k < t->c * t->d; k++)
        t->w[k] = (real)(rng_normal(&rng) * 0.4 + 0.1);
    for (int i = 0; i < t->b; i++) {
        t->label[i] = i == t->b - 1 ? t->c - 1 : (int64_t)rng_below(&rng, (uint64_t)t->c);
        for (int k = 0; k < t->d; k++)
            t->x[i * t->d + k] =
                (real)(rng_normal(&rng) + pull * (1 - i % 3) * t->w[t->label[i] * t->d + k]);
    }
}

static bool case_run(Case *t)
{
    return head_gradient(t->head, t->dx, t->dw, t->x, t->label, t->b, &t->stats, &t->err) == 0;
}

/* The largest difference of got[n] and want[n], relative to the largest of want. NaN is kept. */
static double distance(const real *got, const double *want, int n)
{
    double scale = 1e-300, worst = 0;
    for (int k = 0; k < n; k++)
        scale = fmax(scale, fabs(want[k]));
    for (int k = 0; k < n; k++) {
        double e = fabs((double)got[k] - want[k]) / scale;
        worst = e <= worst ? worst : e;
    }
    return worst;
}

static double distance_real(const real *got, const real *want, int n)
{
    double *wide = malloc((size_t)n * sizeof *wide);
    for (int k = 0; k < n; k++)
        wide[k] = (double)want[k];
    double e = distance(got, wide, n);
    free(wide);
    return e;
}

static void test_golden(int tile)
{
    Case t =
        case_new("npcface", "", (Shape){.b = GOLDEN_B, .c = GOLDEN_C, .d = GOLDEN_D, .tile = tile});
    for (int k = 0; k < GOLDEN_B * GOLDEN_D; k++)
        t.x[k] = (real)golden_x[k];
    for (int k = 0; k < GOLDEN_C * GOLDEN_D; k++)
        t.w[k] = (real)golden_w[k];
    memcpy(t.label, golden_label, sizeof golden_label);
    CHECK(case_run(&t), "the golden batch runs with tiles of %d", tile);
    CHECK_CLOSE(t.stats.loss, golden_loss, golden_bound, "golden loss");
    for (int i = 0; i < GOLDEN_B; i++) {
        HeadRowStats row = head_row_stats(t.head, i);
        CHECK(fabs(row.loss - golden_row_loss[i]) <= golden_bound * golden_loss,
              "golden loss of row %d: %.15g = %.15g", i, row.loss, golden_row_loss[i]);
        CHECK_CLOSE(row.margin, golden_margin[i], golden_bound, "golden margin");
        CHECK(row.hard == golden_hard[i], "golden hard negatives: %g", row.hard);
    }
    double ex = distance(t.dx, golden_dx, GOLDEN_B * GOLDEN_D);
    double ew = distance(t.dw, golden_dw, GOLDEN_C * GOLDEN_D);
    CHECK(ex <= golden_bound, "golden dx: off by %.2g", ex);
    CHECK(ew <= golden_bound, "golden dw: off by %.2g", ew);
    case_free(&t);
}

/* The numbers and the parameters of identities that a head keeps, after a first step, against the
 * reference. The momentum is then the gradient. */
static double state_distance(Case *t, Reference *r)
{
    HeadSgd sgd = {0.1, 0.9, 0};
    double worst = 0, *gradient = calloc((size_t)t->c, sizeof *gradient);
    reference_gradient(r, gradient, r->aux, t->c);
    if (head_step(t->head, t->dx, t->x, t->label, t->b, &sgd, NULL, &t->err) != 0)
        worst = NAN;
    for (int k = 0; k < 2 && r->state[k] != NULL; k++) {
        double got = (double)*tensor_named(t->head, r->state[k]), scale = fabs(r->after[k]);
        worst = fmax(worst, fabs(got - r->after[k]) / fmax(scale, 1e-3));
    }
    if (t->aux != NULL)
        worst = fmax(worst, distance(t->aux_momentum, gradient, t->c));
    free(gradient);
    return worst;
}

/* Loss, margins, hard negatives, dx, dw and state of a filled case against the reference. */
static void check_reference(Case *t, const char *what)
{
    Reference r = reference_new(&t->options, t->b, t->c, t->d, t->x, t->w, t->aux, t->label);
    double *gx = calloc((size_t)(t->b * t->d), sizeof *gx);
    double *gw = calloc((size_t)(t->c * t->d), sizeof *gw);
    bool ran = case_run(t);
    reference_gradient(&r, gx, r.x, t->b * t->d);
    reference_gradient(&r, gw, r.w, t->c * t->d);
    double loss = creal(reference_loss(&r)), hard = 0, margin = 0;
    for (int i = 0; i < t->b && ran; i++) {
        HeadRowStats row = head_row_stats(t->head, i);
        hard = fmax(hard, fabs(row.hard - r.hard[i]));
        margin = fmax(margin, fabs(row.margin - r.margin[i]));
    }
    double ex = distance(t->dx, gx, t->b * t->d), ew = distance(t->dw, gw, t->c * t->d);
    double el = fabs(loss - t->stats.loss) / fmax(1, fabs(loss)), es = state_distance(t, &r);
    CHECK(ran && el <= reference_bound && ex <= reference_bound && ew <= reference_bound &&
              hard == 0 && margin <= reference_bound && es <= reference_bound,
          "%s %s, B=%d C=%d: off by %.1e in loss, %.1e dx, %.1e dw, %.1e margin, %g hard, %.1e "
          "state %s",
          t->options.info->name, what, t->b, t->c, el, ex, ew, margin, hard, es, t->err.text);
    free(gx);
    free(gw);
    reference_free(&r);
}

static void test_reference(const char *name, const char *settings)
{
    static const struct {
        const char *what;
        Shape shape;
        double pull, stretch;
    } cases[] = {
        {"near their centres", {.b = 6, .c = 11, .d = 7, .tile = 4}, 3, 1},
        {"far from them", {.b = 6, .c = 11, .d = 7, .tile = 11}, 0.5, 1},
        {"all identities in one tile", {.b = 6, .c = 11, .d = 7}, 2, 1},
        {"one row", {.b = 1, .c = 5, .d = 4, .tile = 1}, 1, 1},
        {"two identities", {.b = 3, .c = 2, .d = 6, .tile = 1}, 1, 1},
        {"long embeddings", {.b = 6, .c = 11, .d = 7, .tile = 5}, 2, 12},
        {"longer embeddings", {.b = 6, .c = 11, .d = 7, .tile = 5}, 1, 50},
        {"cosines kept", {.b = 5, .c = 9, .d = 6, .tile = 2, .max_memory = 1 << 20}, 2, 1},
    };
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        Case t = case_new(name, settings, cases[k].shape);
        case_fill(&t, cases[k].pull);
        for (int i = 0; i < t.b * t.d; i++)
            t.x[i] *= (real)cases[k].stretch;
        check_reference(&t, cases[k].what);
        case_free(&t);
    }
}

/* Cases on the axes of the space, where cosines are exact: own cosines 1, -1, 0, and a negative
 * exactly at the limit, which is not hard. */
static void test_hostile_rows(const char *name)
{
    static const real centres[5][4] = {
        {2, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 3, 0}, {1, 1, 1, 1}, {1, -1, 1, 1}};
    static const real rows[4][4] = {{1, 0, 0, 0}, {0, -2, 0, 0}, {0, 1, 0, 0}, {0.5, 0, 0, 0}};
    static const int64_t labels[4] = {0, 1, 2, 3};
    Case t = case_new(name, "", (Shape){.b = 4, .c = 5, .d = 4, .tile = 2});
    memcpy(t.w, centres, sizeof centres);
    memcpy(t.x, rows, sizeof rows);
    memcpy(t.label, labels, sizeof labels);
    Reference r = reference_new(&t.options, t.b, t.c, t.d, t.x, t.w, t.aux, t.label);
    bool ran = case_run(&t);
    double loss = creal(reference_loss(&r)), sum = 0;
    for (int k = 0; k < t.b * t.d; k++)
        sum += (double)t.dx[k];
    for (int k = 0; k < t.c * t.d; k++)
        sum += (double)t.dw[k];
    CHECK(ran && isfinite(sum), "%s: own cosines of 1, -1 and 0 have finite gradients: %g", name,
          sum);
    CHECK_CLOSE(t.stats.loss, loss, rounding, "and the loss of the reference");
    for (int i = 0; i < t.b; i++)
        CHECK(head_row_stats(t.head, i).hard == r.hard[i], "%s: row %d has %g hard negatives", name,
              i, r.hard[i]);
    reference_free(&r);
    case_free(&t);
}

static void test_ties(void)
{
    Case t = case_new("npcface", "m=0", (Shape){.b = 1, .c = 3, .d = 4});
    static const real centres[3][4] = {{1, 1, 1, 1}, {1, -1, 1, 1}, {1, 0, 0, 0.5}};
    memcpy(t.w, centres, sizeof centres);
    t.x[0] = 1;
    bool ran = case_run(&t);
    HeadRowStats row = head_row_stats(t.head, 0);
    CHECK(ran && row.hard == 1, "a negative exactly at the limit is not hard: %g of 2", row.hard);
    case_free(&t);

    t = case_new("npcface", "m=0", (Shape){.b = 1, .c = 3, .d = 4});
    t.x[0] = 1;
    memset(t.w, 0, 12 * sizeof(real));
    t.w[0] = t.w[5] = t.w[10] = 1;
    ran = case_run(&t);
    row = head_row_stats(t.head, 0);
    CHECK(ran && row.hard == 0 && row.margin == 0.4, "no hard negative: the margin is m0");
    case_free(&t);
}

/* The same batch walked in tiles of every size, with cosines kept and not. */
static void test_tiles(const char *name)
{
    Case whole = case_new(name, "", (Shape){.b = 9, .c = 100, .d = 16, .tile = 100});
    case_fill(&whole, 1);
    case_run(&whole);
    static const int sizes[] = {1, 7, 10, 32, 50, 99, 0};
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        Case t = case_new(name, "",
                          (Shape){.b = 9,
                                  .c = 100,
                                  .d = 16,
                                  .tile = sizes[k],
                                  .max_memory = k % 2 == 0 ? 0 : 1 << 24});
        case_fill(&t, 1);
        bool ran = case_run(&t);
        double ex = distance_real(t.dx, whole.dx, t.b * t.d);
        double ew = distance_real(t.dw, whole.dw, t.c * t.d);
        CHECK(ran && t.stats.cosines_kept == (k % 2 != 0) && ex <= rounding && ew <= rounding &&
                  fabs(t.stats.loss - whole.stats.loss) <= rounding * whole.stats.loss,
              "%s: tiles of %d equal one tile: dx %.1e, dw %.1e", name, sizes[k], ex, ew);
        case_free(&t);
    }
    case_free(&whole);
}

/* Every tensor of a has the same bytes in b. */
static bool same_tensors(Head *a, Head *b)
{
    HeadTensor x[HEAD_TENSORS], y[HEAD_TENSORS];
    int n = head_tensors(a, x);
    bool same = head_tensors(b, y) == n;
    for (int k = 0; k < n && same; k++) {
        size_t count = (size_t)(x[k].dims == 2 ? x[k].shape[0] * x[k].shape[1] : x[k].shape[0]);
        same = memcmp(x[k].data, y[k].data, count * sizeof(real)) == 0;
    }
    return same;
}

static void copy_tensors(Head *to, Head *from)
{
    HeadTensor x[HEAD_TENSORS], y[HEAD_TENSORS];
    int n = head_tensors(from, x);
    head_tensors(to, y);
    for (int k = 0; k < n; k++) {
        size_t count = (size_t)(x[k].dims == 2 ? x[k].shape[0] * x[k].shape[1] : x[k].shape[0]);
        memcpy(y[k].data, x[k].data, count * sizeof(real));
    }
}

/* Loss and gradient of the reference on the n sampled centres alone, where the head has them. */
static double sampled_reference(Case *t, double *gx, double *gw, const int64_t *id, int n)
{
    real *part = calloc((size_t)(n * t->d), sizeof *part);
    int64_t *place = calloc((size_t)t->b, sizeof *place);
    for (int i = 0; i < t->b; i++)
        while (id[place[i]] != t->label[i])
            place[i]++;
    Reference r = reference_new(&t->options, t->b, n, t->d, t->x, part, NULL, place);
    for (int k = 0; k < n * t->d; k++)
        r.w[k] = t->w[id[k / t->d] * t->d + k % t->d];
    for (int j = 0; j < n && t->aux != NULL; j++)
        r.aux[j] = t->aux[id[j]];
    reference_gradient(&r, gx, r.x, t->b * t->d);
    reference_gradient(&r, gw, r.w, n * t->d);
    double loss = creal(reference_loss(&r));
    reference_free(&r);
    free(part);
    free(place);
    return loss;
}

/* Partial FC: loss and dx of the sampled identities alone, and after more steps than the history is
 * long the centres that SGD on every centre in every step gives. */
static void test_sampling(const char *name)
{
    enum { STEPS = SAMPLE_HISTORY + 60 };
    Case t = case_new(name, "", (Shape){.b = 2, .c = 40, .d = 3, .tile = 3, .rate = 0.1});
    int all = t.c * t.d;
    double *w = calloc((size_t)all, sizeof *w), *v = calloc((size_t)all, sizeof *v);
    double *gx = calloc(6, sizeof *gx), *gw = calloc((size_t)all, sizeof *gw);
    double loss = 0, dx = 0;
    int wrong = 0, seen = 0;
    Rng rng = rng_at(5, 0, 0, 0);
    case_fill(&t, 1);
    for (int k = 0; k < all; k++)
        w[k] = (double)t.w[k];
    for (int step = 0; step < STEPS; step++) {
        HeadSgd sgd = {step < 100 ? 0.01 : 0.003, 0.9, 0.02};
        const int64_t *id;
        t.label[0] = step % 5;
        for (int k = 0; k < t.b * t.d; k++) /* new ones, or they would fall onto their centres */
            t.x[k] = (real)rng_normal(&rng);
        case_run(&t);
        int n = (int)head_sampled(t.head, &id);
        wrong += n != 4;
        double want = sampled_reference(&t, gx, gw, id, n);
        loss = fmax(loss, fabs(want - t.stats.loss) / fmax(1, fabs(want)));
        dx = fmax(dx, distance(t.dx, gx, 6));
        head_step(t.head, t.dx, t.x, t.label, t.b, &sgd, NULL, &t.err);
        for (int j = 0, at = 0; j < t.c; j++) {
            bool sampled = at < n && id[at] == j;
            plain_sgd(w + j * t.d, v + j * t.d, sampled ? gw + at * t.d : NULL, &sgd, t.d);
            seen += sampled && j >= 5;
            at += sampled;
        }
    }
    bool settled = head_settle(t.head, &t.err) == 0;
    double ew = distance(t.w, w, all),
           ev = distance(tensor_named(t.head, "weight.momentum"), v, all);
    double bound = sqrt(STEPS) * 10 * rounding;
    CHECK(wrong == 0 && seen > STEPS, "%s: every step compares with 4 of 40 identities", name);
    CHECK(settled && loss <= bound && dx <= bound && ew <= bound && ev <= bound,
          "%s sampled for %d steps: off by %.1e in loss, %.1e dx, %.1e centres, %.1e momentum %s",
          name, STEPS, loss, dx, ew, ev, t.err.text);
    free(w);
    free(v);
    free(gx);
    free(gw);
    case_free(&t);
}

/* Each negative is drawn about as often as the others. */
static void test_uniform_sample(void)
{
    enum { C = 50, STEPS = 2000 };
    Case t = case_new("npcface", "", (Shape){.b = 1, .c = C, .d = 2, .rate = 0.3});
    int count[C] = {0}, least = STEPS, most = 0;
    HeadSgd sgd = {0, 0, 0};
    for (int step = 0; step < STEPS; step++) {
        const int64_t *id;
        t.x[0] = 1;
        head_step(t.head, t.dx, t.x, t.label, 1, &sgd, NULL, &t.err);
        for (int64_t k = head_sampled(t.head, &id); k > 0; k--)
            count[id[k - 1]]++;
    }
    for (int j = 1; j < C; j++) {
        least = count[j] < least ? count[j] : least;
        most = count[j] > most ? count[j] : most;
    }
    /* 14 of 49 negatives: 571 expected, deviation 20 */
    CHECK(count[0] == STEPS && least > 480 && most < 660,
          "the positive is in every sample, the others in %d to %d of %d", least, most, STEPS);
    *tensor_named(t.head, "step") = 1000;
    int rc = head_step(t.head, t.dx, t.x, t.label, 1, &sgd, NULL, &t.err);
    CHECK(rc == -1 && strstr(t.err.text, "only the last 256 are known") != NULL, "refused: %s",
          t.err.text);
    case_free(&t);
}

static void test_lonely_sample(void)
{
    Case t = case_new("npcface", "", (Shape){.b = 2, .c = 50, .d = 2, .rate = 0.01});
    const int64_t *id;
    t.x[0] = t.x[2] = 1;
    t.label[0] = t.label[1] = 49;
    bool ran = case_run(&t);
    CHECK(ran && head_sampled(t.head, &id) == 1 && id[0] == 49 && t.stats.loss == 0 &&
              t.dx[0] == 0 && t.dx[1] == 0,
          "a sample of one identity has no loss and no gradient %s", t.err.text);
    case_free(&t);
}

static Case threads_case(const char *name, int threads, size_t max_memory, double rate)
{
    Case t = case_new(name, "",
                      (Shape){.b = 40,
                              .c = 300,
                              .d = 24,
                              .tile = 7,
                              .threads = threads,
                              .rate = rate,
                              .max_memory = max_memory});
    case_fill(&t, 1);
    return t;
}

/* A few steps, each on fewer rows. */
static void take_steps(Case *t, int from, int to)
{
    HeadSgd sgd = {0.1, 0.9, 5e-4};
    for (int step = from; step < to; step++)
        head_step(t->head, t->dx, t->x, t->label, t->b - 5 * step, &sgd, NULL, &t->err);
}

/* The same bytes with 1, 2 and 3 threads, with the cosines kept, and by a head that got the tensors
 * of another halfway. */
static void test_same_bytes(const char *name, double rate)
{
    Case one = threads_case(name, 1, 0, rate), half = threads_case(name, 2, 0, rate);
    take_steps(&half, 0, 2);
    Case resumed = threads_case(name, 1, 0, rate);
    copy_tensors(resumed.head, half.head);
    take_steps(&resumed, 2, 4);
    take_steps(&one, 0, 4);
    CHECK(!err_is_set(&one.err) && same_tensors(one.head, resumed.head),
          "%s at sample rate %g: a head that was saved and loaded goes on to the same bytes", name,
          rate);
    for (int threads = 2; threads <= 4; threads++) {
        bool keep = threads == 4;
        Case t = threads_case(name, threads, keep ? 1 << 26 : 0, rate);
        take_steps(&t, 0, 4);
        CHECK(same_tensors(one.head, t.head) &&
                  memcmp(one.dx, t.dx, (size_t)(t.b * t.d) * sizeof(real)) == 0,
              "%s: %d threads%s give the same bytes as one", name, threads,
              keep ? " and kept cosines" : "");
        case_free(&t);
    }
    case_free(&one);
    case_free(&half);
    case_free(&resumed);
}

static void test_orthogonal(void)
{
    Case t = case_new("npcface", "", (Shape){.b = 8, .c = 20, .d = 12, .tile = 6});
    case_fill(&t, 2);
    case_run(&t);
    double worst = 0;
    for (int i = 0; i < t.b + t.c; i++) {
        const real *v = i < t.b ? t.x + i * t.d : t.w + (i - t.b) * t.d;
        const real *g = i < t.b ? t.dx + i * t.d : t.dw + (i - t.b) * t.d;
        double vg = 0, vv = 0, gg = 1e-300;
        for (int k = 0; k < t.d; k++) {
            vg += (double)v[k] * g[k];
            vv += (double)v[k] * v[k];
            gg += (double)g[k] * g[k];
        }
        worst = fmax(worst, fabs(vg) / sqrt(vv) / fmax(sqrt(gg), 1e-3));
    }
    CHECK(worst <= 10 * rounding, "dx is orthogonal to x and dw to w: cosine %.1e", worst);
    case_free(&t);
}

/* Two updates against SGD written out on the gradient. */
static void test_update(void)
{
    Case t = case_new("npcface", "", (Shape){.b = 6, .c = 15, .d = 5, .tile = 4});
    HeadSgd sgd = {0.3, 0.9, 0.01};
    int n = t.c * t.d;
    double *w = calloc((size_t)n, sizeof *w), *v = calloc((size_t)n, sizeof *v);
    real *dx = calloc((size_t)(t.b * t.d), sizeof *dx);
    case_fill(&t, 1);
    for (int step = 0; step < 2; step++) {
        case_run(&t);
        for (int k = 0; k < n; k++) {
            v[k] = sgd.momentum * v[k] + (double)t.dw[k] + sgd.weight_decay * (double)t.w[k];
            w[k] = (double)t.w[k] - sgd.lr * v[k];
        }
        head_step(t.head, dx, t.x, t.label, t.b, &sgd, &t.stats, &t.err);
        CHECK(memcmp(dx, t.dx, (size_t)(t.b * t.d) * sizeof *dx) == 0,
              "updating changes nothing in dx of the same step");
        double ew = distance(t.w, w, n),
               ev = distance(tensor_named(t.head, "weight.momentum"), v, n);
        CHECK(ew <= rounding && ev <= rounding, "step %d is SGD: w %.1e, v %.1e", step, ew, ev);
    }
    CHECK(*tensor_named(t.head, "step") == 2, "two steps are counted");
    free(w);
    free(v);
    free(dx);
    case_free(&t);
}

static void test_centres(void)
{
    Case a = case_new("npcface", "", (Shape){.b = 1, .c = 10, .d = 64});
    Case b = case_new("npcface", "", (Shape){.b = 1, .c = 5000, .d = 64, .threads = 2});
    double worst = 0;
    for (int j = 0; j < b.c; j++) {
        double sum = 0;
        for (int k = 0; k < b.d; k++)
            sum += (double)b.w[j * b.d + k] * b.w[j * b.d + k];
        worst = fmax(worst, fabs(sum - 1));
    }
    CHECK(worst < 1e-5, "every centre starts with length 1: off by %.1e", worst);
    CHECK(memcmp(a.w, b.w, 640 * sizeof(real)) == 0,
          "a centre depends on the seed and its identity, not on how many there are");
    case_free(&a);
    case_free(&b);
}

/* One bad value in a good batch: refused with these words, and nothing has changed. */
static void refuse(const char *words, int64_t label, real x, real w)
{
    Case t = case_new("npcface", "", (Shape){.b = 4, .c = 6, .d = 3, .tile = 2});
    HeadSgd sgd = {0.1, 0.9, 0};
    case_fill(&t, 1);
    t.label[2] = label;
    t.x[2 * 3 + 1] = x;
    t.w[4 * 3] = w;
    real before[18], *v = tensor_named(t.head, "weight.momentum");
    memcpy(before, t.w, sizeof before);
    int rc = head_step(t.head, t.dx, t.x, t.label, t.b, &sgd, NULL, &t.err);
    bool still = memcmp(before, t.w, sizeof before) == 0 && *tensor_named(t.head, "step") == 0;
    for (int k = 0; k < 18; k++)
        still = still && v[k] == 0;
    CHECK(rc == -1 && strstr(t.err.text, words) != NULL && still, "refused: %s", t.err.text);
    case_free(&t);
}

static void test_bad_batches(void)
{
    refuse("row 2 of the batch has label 6", 6, 1, 1);
    refuse("row 2 of the batch has label -1", -1, 1, 1);
    refuse("loss of row 2 of the batch is", 0, (real)NAN, 1);
    refuse("loss of row 2 of the batch is", 0, (real)INFINITY, 1);
    refuse("of the batch is", 4, 1, (real)NAN);
    refuse("loss of row 0 of the batch is", 0, 1, (real)NAN);

    Case t = case_new("npcface", "", (Shape){.b = 1, .c = 6, .d = 3});
    CHECK(head_step(t.head, t.dx, t.x, t.label, 0, NULL, NULL, &t.err) == -1, "refused: %s",
          t.err.text);
    case_free(&t);
    t = case_new("npcface", "", (Shape){.b = 1, .c = 6, .d = 3});
    CHECK(case_run(&t) && isfinite((double)t.dx[0]), "an embedding of zeros has a finite gradient");
    case_free(&t);
}

static void bad_option(const char *settings, const char *words)
{
    HeadOptions options;
    Err err = {0};
    head_options_init(&options, "npcface", &err);
    CHECK(head_options_parse(&options, settings, &err) == -1 && strstr(err.text, words) != NULL,
          "refused: %s", err.text);
}

static void test_options(void)
{
    HeadOptions options, again;
    Err err = {0};
    char text[512];
    CHECK(head_options_init(&options, "npcface", &err) == 0 &&
              head_options_preset(&options, "paper-v1", &err) == 0 &&
              head_options_set(&options, "s", "31.3", &err) == 0,
          "head, preset and option are known");
    CHECK(head_options_text(&options, text, sizeof text) &&
              strcmp(text, "s=31.3 m=0.4 m0=0.4 m1=0.2 t=1.1 a=0.25 easy=1 init=0") == 0,
          "they print as %s", text);
    CHECK(head_options_init(&again, "npcface", &err) == 0 &&
              head_options_parse(&again, text, &err) == 0 &&
              memcmp(&again, &options, sizeof again) == 0,
          "and read back the same");
    CHECK(!head_options_text(&options, text, 20), "a buffer that is too small is refused");
    bad_option("m2=1", "no option 'm2'; it has: s m m0");
    bad_option("s=", "'' for s is not a number from 0.001 to 10000");
    bad_option("s=-1", "'-1' for s is not a number");
    bad_option("s=nan", "'nan' for s is not a number");
    bad_option("easy", "'easy' is not KEY=VALUE");
    CHECK(head_options_preset(&options, "none", &err) == -1 &&
              strstr(err.text, "facexzoo paper-v1") != NULL,
          "refused: %s", err.text);
    err = (Err){0};
    CHECK(head_options_init(&options, "nppface", &err) == -1 && strstr(err.text, "npcface") != NULL,
          "refused: %s", err.text);
}

/* heads(7) lists every head with its options and their defaults. */
static void test_page(void)
{
    Err err = {0};
    size_t size;
    char *page = file_read("man/heads.7", 1 << 20, &size, &err);
    CHECK(page != NULL, "the page is there, seen from the root of the project %s", err.text);
    for (int i = 0; page != NULL && head_info(i) != NULL; i++) {
        HeadOptions options;
        char text[512], entry[640];
        head_options_init(&options, head_info(i)->name, &err);
        bool fits = head_options_text(&options, text, sizeof text);
        snprintf(entry, sizeof entry, "\n.Ss %s\n.Li %s\n", head_info(i)->name, text);
        CHECK(fits && strstr(page, entry) != NULL, "heads(7) has %s with %s", head_info(i)->name,
              text);
        const HeadPreset *preset = head_info(i)->presets;
        for (; preset != NULL && preset->name != NULL; preset++)
            CHECK(head_options_preset(&options, preset->name, &err) == 0 &&
                      strstr(page, preset->name) != NULL,
                  "and its preset %s", preset->name);
    }
    free(page);
}

static void test_memory(void)
{
    HeadConfig config = {.identities = 1000000, .dim = 512, .max_memory = (size_t)4 << 30};
    HeadMemory m;
    Err err = {0};
    head_options_init(&config.options, "npcface", &err);
    int rc = head_memory(&m, &config, 512, 2, &err);
    size_t cosines = 512000000 * sizeof(real);
    bool fit = m.working + cosines <= config.max_memory;
    CHECK(rc == 0 && m.centres == cosines && m.momentum == cosines &&
              m.cosines == (fit ? cosines : 0),
          "a million identities: %zu MiB of centres, as much momentum", m.centres >> 20);
    CHECK(m.working >> 20 < 128 * sizeof(real) / sizeof(float), "%zu MiB of working memory",
          m.working >> 20);
    config.max_memory = 1 << 30;
    CHECK(head_memory(&m, &config, 512, 2, &err) == 0 && m.cosines == 0,
          "in 1 GiB the cosines are not kept");
    config.identities = INT64_MAX / 2;
    CHECK(head_memory(&m, &config, 512, 2, &err) == -1, "refused: %s", err.text);
    err = (Err){0};
    config.identities = 1;
    CHECK(head_memory(&m, &config, 512, 2, &err) == -1, "refused: %s", err.text);
}

int main(void)
{
    openblas_set_num_threads(1);
    test_golden(8);
    test_golden(3);
    for (int k = 0; k < REFERENCES; k++) {
        test_reference(references[k].name, "");
        test_hostile_rows(references[k].name);
        test_tiles(references[k].name);
        test_same_bytes(references[k].name, 0);
        test_same_bytes(references[k].name, 0.4);
    }
    test_reference("npcface", "easy=0 a=0.25 m=0.4");
    test_reference("npcface", "m=0 t=0.9 a=-0.1 m0=0.1 m1=0.5 s=10");
    test_reference("sphereface", "s=30 m=1.7 lambda-base=0 lambda-least=0 straight=1");
    test_reference("sphereface", "lambda-base=0 lambda-least=0");
    test_reference("cosface", "easy=1");
    test_reference("arcface", "straight=1 past=0");
    test_reference("arcface", "past=2");
    test_reference("mv-am", "easy=2 t=1.12");
    test_reference("mv-am", "easy=0");
    test_reference("mv-arc", "easy=0");
    test_reference("arcnegface", "a=1.5 mu=0.2 sigma=0.4");
    test_reference("curricularface", "keep=0");
    test_reference("adacos", "dynamic=0");
    test_reference("magface", "easy=0 lambda=20");
    test_sampling("npcface");
    test_sampling("softmax");
    test_uniform_sample();
    test_lonely_sample();
    test_ties();
    test_orthogonal();
    test_update();
    test_centres();
    test_bad_batches();
    test_options();
    test_memory();
    test_page();
    return END_TESTS();
}

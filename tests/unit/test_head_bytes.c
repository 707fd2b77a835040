/* The classification head: sampled identities (Partial FC), and the same bytes for any number of
 * threads and after saving and loading. */
#include "head/sample.h"
#include "test_head_case.h"

/* w[n] and v[n] by SGD with the gradient g[n] (0 where g is NULL). */
static void plain_sgd(double *w, double *v, const double *g, const HeadSgd *sgd, int n)
{
    for (int k = 0; k < n; k++) {
        v[k] = sgd->momentum * v[k] + (g != NULL ? g[k] : 0) + sgd->weight_decay * w[k];
        w[k] -= sgd->lr * v[k];
    }
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

int main(void)
{
    openblas_set_num_threads(1);
    for (int k = 0; k < REFERENCES; k++) {
        test_same_bytes(references[k].name, 0);
        test_same_bytes(references[k].name, 0.4);
    }
    test_sampling("npcface");
    test_sampling("softmax");
    test_uniform_sample();
    test_lonely_sample();
    return END_TESTS();
}

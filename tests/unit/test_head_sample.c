/* Sampled identities (Partial FC): each step is that of a head of the sampled identities alone, and
 * momentum and weight decay act on every centre as if all were updated in every step. */
#include "head/sample_internal.h"
#include "test_head_case.h"

enum { STEPS = SAMPLE_HISTORY + 60, B = 2, C = 40, D = 3, SAMPLED = 4 };

/* w[n] and v[n] by SGD with the gradient g[n] (0 where g is NULL). */
static void plain_sgd(double *w, double *v, const double *g, const Optimiser *sgd, int n)
{
    for (int k = 0; k < n; k++) {
        double slope = (g != NULL ? g[k] : 0) + sgd->weight_decay * w[k];
        v[k] = sgd->momentum * v[k] + slope;
        w[k] -= sgd->lr * (sgd->nesterov ? slope + sgd->momentum * v[k] : v[k]);
    }
}

/* The reference of the n sampled identities, with what the head keeps now. */
static Reference sampled_reference(Case *t, const int64_t *id, int n, int64_t place[B],
                                   const Optimiser *sgd)
{
    real *w = calloc((size_t)(n * D), sizeof *w), *aux = calloc((size_t)n, sizeof *aux);
    double all = 0;
    for (int j = 0; j < C && t->aux != NULL; j++)
        all += (double)t->aux[j];
    for (int j = 0; j < n; j++) {
        memcpy(w + j * D, t->w + id[j] * D, D * sizeof *w);
        aux[j] = t->aux != NULL ? t->aux[id[j]] : 0;
        all -= (double)aux[j];
        for (int i = 0; i < B; i++)
            place[i] = id[j] == t->label[i] ? j : place[i];
    }
    Reference r = reference_new(&t->options, B, n, D, t->x, w, aux, place);
    r.identities = C;
    r.sgd = *sgd;
    r.rest = all;
    r.step = (double)*tensor_named(t->head, "step");
    for (int k = 0; k < 2 && r.state[k] != NULL; k++)
        r.before[k] = (double)*tensor_named(t->head, r.state[k]);
    for (int j = 0; j < n * D && t->vector != NULL; j++)
        r.vector[j] = (double)t->vector[id[j / D] * D + j % D];
    free(w);
    free(aux);
    return r;
}

/* Every centre updated in every step, in double. */
typedef struct Dense {
    double w[C * D], v[C * D], aux[C], aux_v[C];
    double gx[B * D], gw[SAMPLED * D], ga[SAMPLED];
} Dense;

/* The largest differences so far. */
typedef struct Worst {
    double loss, dx, dw, rows, state;
} Worst;

/* Loss, gradients, margins and hard negatives of the case and of the reference. */
static void compare(Worst *worst, Case *t, Dense *dense, Reference *r, const int64_t *id)
{
    reference_gradient(r, dense->gx, r->x, B * D);
    reference_gradient(r, dense->gw, r->w, SAMPLED * D);
    reference_gradient(r, dense->ga, r->aux, SAMPLED);
    double loss = creal(reference_loss(r)), gw[C * D] = {0};
    for (int j = 0; j < SAMPLED; j++)
        memcpy(gw + id[j] * D, dense->gw + j * D, D * sizeof *gw); /* and 0 elsewhere */
    worst->loss = fmax(worst->loss, fabs(loss - t->stats.loss) / fmax(1, fabs(loss)));
    worst->dx = fmax(worst->dx, distance_above(1e-3, t->dx, dense->gx, B * D));
    worst->dw = fmax(worst->dw, distance_above(1e-3, t->dw, gw, C * D));
    for (int i = 0; i < B; i++) {
        HeadRowStats row = head_row_stats(t->head, i);
        worst->rows = fmax(worst->rows, fabs(row.margin - r->margin[i]));
        worst->rows = fmax(worst->rows, fabs(row.hard - r->hard[i]));
    }
}

/* What uniformface does to centres beside their update. */
static void move_dense(Dense *dense, const Case *t)
{
    for (int k = 0; k < D; k++) {
        double *w[B] = {dense->w + t->label[0] * D + k, dense->w + t->label[1] * D + k};
        double x[B] = {(double)t->x[k], (double)t->x[D + k]};
        if (t->label[0] == t->label[1])
            *w[0] += 0.001 * (x[0] + x[1] - 2 * *w[0]) / 3;
        for (int i = 0; i < B && t->label[0] != t->label[1]; i++)
            *w[i] += 0.001 * (x[i] - *w[i]) / 2;
    }
}

static void update_dense(Dense *dense, const Case *t, const int64_t *id, const Optimiser *sgd)
{
    bool margins = strcmp(t->options.info->name, "adam-softmax") == 0;
    for (int j = 0, at = 0; j < C; j++) {
        bool sampled = at < SAMPLED && id[at] == j;
        double ga = sampled ? dense->ga[at] : margins ? -70.0 / C : 0;
        plain_sgd(dense->w + j * D, dense->v + j * D, sampled ? dense->gw + at * D : NULL, sgd, D);
        plain_sgd(dense->aux + j, dense->aux_v + j, &ga, sgd, 1);
        if (margins)
            dense->aux[j] = fmax(0, fmin(1, dense->aux[j]));
        at += sampled;
    }
    if (strcmp(t->options.info->name, "uniformface") == 0)
        move_dense(dense, t);
}

/* One step of both. false where the sample is not as it should be. */
static bool take_step(Worst *worst, Case *t, Dense *dense, const Optimiser *sgd)
{
    const int64_t *id;
    int64_t place[B] = {0};
    bool ran = case_run(t);
    if (!ran || head_sampled(t->head, &id) != SAMPLED)
        return false;
    Reference r = sampled_reference(t, id, SAMPLED, place, sgd);
    compare(worst, t, dense, &r, id);
    ran = head_step(t->head, t->dx, t->x, t->label, B, sgd, NULL, &t->err) == 0;
    for (int k = 0; k < 2 && r.state[k] != NULL; k++) {
        double got = (double)*tensor_named(t->head, r.state[k]);
        worst->state = fmax(worst->state, fabs(got - r.after[k]) / fmax(fabs(r.after[k]), 1e-3));
    }
    update_dense(dense, t, id, sgd);
    reference_free(&r);
    return ran;
}

/* More steps than the history of updates is long. The reference starts every step from what the
 * head has then, so that what is added up is the laziness alone. */
static void test_sampling(const char *name, int threads, bool nesterov)
{
    Case t = case_new(name, "",
                      (Shape){.b = B, .c = C, .d = D, .tile = 3, .rate = 0.1, .threads = threads});
    Dense *dense = calloc(1, sizeof *dense);
    Worst worst = {0};
    int done = 0;
    Rng rng = rng_at(5, 0, 0, 0);
    case_fill(&t, 1);
    for (int k = 0; k < C * D; k++)
        dense->w[k] = (double)t.w[k];
    for (int j = 0; j < C && t.aux != NULL; j++)
        dense->aux[j] = (double)t.aux[j];
    for (int step = 0; step < STEPS; step++) {
        Optimiser sgd = {.lr = step < 100 ? 0.01 : 0.003,
                         .momentum = 0.9,
                         .weight_decay = 0.02,
                         .nesterov = nesterov};
        t.label[0] = step % 5;
        for (int k = 0; k < B * D; k++) /* new ones, or they would fall onto their centres */
            t.x[k] = (real)rng_normal(&rng);
        done += take_step(&worst, &t, dense, &sgd);
    }
    bool settled = head_settle(t.head, &t.err) == 0;
    double ew = distance(t.w, dense->w, C * D), ea = 0;
    double ev = distance(tensor_named(t.head, "weight.momentum"), dense->v, C * D);
    if (t.aux != NULL)
        ea = fmax(distance(t.aux, dense->aux, C), distance(t.aux_momentum, dense->aux_v, C));
    double bound = sqrt(STEPS) * 10 * rounding;
    CHECK(done == STEPS, "%s: every step compares with 4 of 40 identities %s", name, t.err.text);
    /* A slope of 1 / sin theta from a cosine that is near 1 and rounded. */
    double steep = strcmp(name, "li-arcface") == 0 ? 4 * reference_bound : reference_bound;
    CHECK(worst.loss <= reference_bound && worst.dx <= steep && worst.dw <= steep &&
              worst.rows <= reference_bound && worst.state <= reference_bound,
          "%s sampled: off by %.1e in loss, %.1e dx, %.1e dw, %.1e margin and hard, %.1e state",
          name, worst.loss, worst.dx, worst.dw, worst.rows, worst.state);
    CHECK(settled && ew <= bound && ev <= bound && ea <= bound,
          "%s after %d steps: off by %.1e in centres, %.1e momentum, %.1e of each identity", name,
          STEPS, ew, ev, ea);
    free(dense);
    case_free(&t);
}

/* Each negative is drawn about as often as the others. */
static void test_uniform_sample(void)
{
    enum { MANY = 50, ROUNDS = 2000 };
    Case t = case_new("npcface", "", (Shape){.b = 1, .c = MANY, .d = 2, .rate = 0.3});
    int count[MANY] = {0}, least = ROUNDS, most = 0;
    Optimiser sgd = {0};
    for (int step = 0; step < ROUNDS; step++) {
        const int64_t *id;
        t.x[0] = 1;
        head_step(t.head, t.dx, t.x, t.label, 1, &sgd, NULL, &t.err);
        for (int64_t k = head_sampled(t.head, &id); k > 0; k--)
            count[id[k - 1]]++;
    }
    for (int j = 1; j < MANY; j++) {
        least = count[j] < least ? count[j] : least;
        most = count[j] > most ? count[j] : most;
    }
    /* 14 of 49 negatives: 571 expected, deviation 20 */
    CHECK(count[0] == ROUNDS && least > 480 && most < 660,
          "the positive is in every sample, the others in %d to %d of %d", least, most, ROUNDS);
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

/* Sub-centres sampled: what is not sampled rests, and settling brings it to where it would be, as
 * with a head that had all of an identity's centres as one longer vector. */
static void test_sub_centres(void)
{
    enum { K = 3 };
    Case t = case_new("cosface", "sub=3", (Shape){.b = B, .c = C, .d = D, .tile = 3, .rate = 0.1});
    double w[C * K * D], v[C * K * D] = {0};
    Optimiser sgd = {.lr = 0.01, .momentum = 0.9, .weight_decay = 0.02};
    Rng rng = rng_at(5, 0, 0, 0);
    case_fill(&t, 1);
    for (int k = 0; k < C * K * D; k++)
        w[k] = (double)t.w[k];
    for (int step = 0; step < STEPS; step++) {
        t.label[0] = step % 5;
        for (int k = 0; k < B * D; k++)
            t.x[k] = (real)rng_normal(&rng);
        case_run(&t);
        double g[C * K * D];
        for (int k = 0; k < C * K * D; k++)
            g[k] = (double)t.dw[k];
        plain_sgd(w, v, g, &sgd, C * K * D);
        head_step(t.head, t.dx, t.x, t.label, B, &sgd, NULL, &t.err);
    }
    head_settle(t.head, &t.err);
    double e = distance(t.w, w, C * K * D);
    CHECK(e <= sqrt(STEPS) * 10 * rounding, "sub-centres after %d steps: off by %.1e %s", STEPS, e,
          t.err.text);
    case_free(&t);
}

int main(void)
{
    openblas_set_num_threads(1);
    test_sub_centres();
    for (int k = 0; k < REFERENCES; k++)
        if (!without_centres(references[k].name))
            test_sampling(references[k].name, 1 + k % 3, k % 2 == 1);
    test_uniform_sample();
    test_lonely_sample();
    return END_TESTS();
}

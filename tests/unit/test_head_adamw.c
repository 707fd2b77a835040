/* head/: what AdamW makes of centres, and of what else is learned */
#include "test_head_case.h"

/* Steps of AdamW written out on the gradient; of sampled identities too, whose others rest. A
 * learned number of each identity starts where it does not reach its limits. */
static void test_adamw(const char *name, double rate)
{
    Case t = case_new(
        name, "",
        (Shape){.b = 6, .c = 15, .d = 5, .tile = 4, .rate = rate, .optimiser = OPTIMISER_ADAMW});
    const Optimiser by = {.kind = OPTIMISER_ADAMW,
                          .lr = 0.01,
                          .weight_decay = 0.1,
                          .beta1 = 0.8,
                          .beta2 = 0.9,
                          .epsilon = 1e-6};
    int n = t.w_rows * t.d;
    double *w = calloc((size_t)n, sizeof *w), *v = calloc((size_t)n, sizeof *v),
           *s = calloc((size_t)n, sizeof *s);
    case_fill(&t, 1);
    for (int k = 0; k < n; k++)
        w[k] = (double)t.w[k];
    for (int step = 1; step <= 3; step++) {
        const int64_t *id;
        case_run(&t);
        head_step(t.head, t.dx, t.x, t.label, t.b, &by, &t.stats, &t.err);
        int64_t sampled = head_sampled(t.head, &id);
        CHECK(t.stats.updates == step - 1, "%d updates were done", step - 1);
        for (int64_t j = 0; j < sampled; j++)
            for (int64_t k = (id != NULL ? id[j] : j) * t.d, m = 0; m < t.d; k++, m++) {
                double g = (double)t.dw[k];
                w[k] *= 1 - by.lr * by.weight_decay;
                v[k] = by.beta1 * v[k] + (1 - by.beta1) * g;
                s[k] = by.beta2 * s[k] + (1 - by.beta2) * g * g;
                w[k] -= by.lr / (1 - pow(by.beta1, step)) * v[k] /
                        (sqrt(s[k] / (1 - pow(by.beta2, step))) + by.epsilon);
            }
        double ew = distance(t.w, w, n),
               ev = distance(tensor_named(t.head, "weight.momentum"), v, n),
               es = distance(tensor_named(t.head, "weight.square"), s, n);
        CHECK(ew <= 10 * rounding && ev <= 10 * rounding && es <= 10 * rounding,
              "%s, %.2g sampled, step %d is AdamW: w %.1e, v %.1e, s %.1e", name, rate, step, ew,
              ev, es);
    }
    free(w), free(v), free(s);
    case_free(&t);
}

/* The first step of AdamW is the learning rate against the sign of the gradient: of biases, of
 * learned margins, of the bias that all share. */
static void test_adamw_numbers(const char *name, const char *number)
{
    Case t = case_new(name, "", (Shape){.b = 6, .c = 15, .d = 5, .optimiser = OPTIMISER_ADAMW});
    const Optimiser by = {
        .kind = OPTIMISER_ADAMW, .lr = 1e-3, .beta1 = 0.8, .beta2 = 0.9, .epsilon = 1e-12};
    char square[40];
    snprintf(square, sizeof square, "%s.square", number);
    case_fill(&t, 1);
    double was = (double)*tensor_named(t.head, number);
    head_step(t.head, t.dx, t.x, t.label, t.b, &by, &t.stats, &t.err);
    double moved = (double)*tensor_named(t.head, number) - was;
    CHECK(fabs(fabs(moved) - by.lr) < 1e-4 * by.lr + 1e-6 * fabs(was), "%s: %s moved by %g", name,
          number, moved);
    CHECK(*tensor_named(t.head, square) > 0, "%s: its square is kept", name);
    case_free(&t);
    t = case_new(name, "", (Shape){.b = 6, .c = 15, .d = 5});
    CHECK(tensor_named(t.head, square) == NULL, "%s: with SGD there is none", name);
    case_free(&t);
}

int main(void)
{
    openblas_set_num_threads(1);
    test_adamw("npcface", 0);
    test_adamw("npcface", 0.3);
    test_adamw("sphereface2", 0);
    test_adamw_numbers("softmax", "bias");
    test_adamw_numbers("adam-softmax", "margin");
    test_adamw_numbers("center", "bias");
    test_adamw_numbers("uniface", "b");
    test_adamw_numbers("sphereface2", "b");
    return END_TESTS();
}

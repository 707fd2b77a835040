/* However the identities are cut into tiles, a head learns the same: after steps with momentum and
 * weight decay all that it keeps equals, to rounding, that of a head that takes all identities at
 * once. Keeping the cosines between the walks changes no byte. */
#include "test_head_case.h"

enum { B = 9, C = 100, D = 16, STEPS = 3 };

static Case case_after_steps(const char *name, const char *settings, int tile, bool keep,
                             double rate)
{
    Case t = case_new(
        name, settings,
        (Shape){
            .b = B, .c = C, .d = D, .tile = tile, .rate = rate, .max_memory = keep ? 1 << 24 : 0});
    Optimiser sgd = {.lr = 0.01, .momentum = 0.9, .weight_decay = 5e-3};
    bool as_asked = true;
    case_fill(&t, 1);
    for (int step = 0; step < STEPS; step++) {
        head_step(t.head, t.dx, t.x, t.label, B - 2 * step, &sgd, &t.stats, &t.err);
        as_asked = as_asked && t.stats.cosines_kept == keep;
    }
    head_settle(t.head, &t.err);
    if (!as_asked || err_is_set(&t.err))
        CHECK(false, "%s: tiles of %d, cosines %s %s", name, tile, keep ? "kept" : "not kept",
              t.err.text);
    return t;
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

/* The largest of the distances of all tensors, dx and the loss. 0: the same. */
static double case_distance(const Case *got, const Case *want)
{
    HeadTensor a[HEAD_TENSORS], b[HEAD_TENSORS];
    int n = head_tensors(got->head, a);
    double worst = fabs(got->stats.loss - want->stats.loss) / want->stats.loss;
    worst = fmax(worst, distance_real(got->dx, want->dx, B * D));
    if (head_tensors(want->head, b) != n)
        return NAN;
    for (int k = 0; k < n; k++) {
        int64_t count = a[k].shape[0] * (a[k].dims == 2 ? a[k].shape[1] : 1);
        double e = distance_real(a[k].data, b[k].data, (int)count);
        worst = e <= worst ? worst : e;
    }
    return worst;
}

static void test_tiles(const char *name, const char *settings, double rate)
{
    static const int sizes[] = {1, 7, 10, 32, 50, 99, 100, 0}; /* of 100, or of 40 sampled */
    Case whole = case_after_steps(name, settings, C, false, rate);
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        Case twice = case_after_steps(name, settings, sizes[k], false, rate);
        Case kept = case_after_steps(name, settings, sizes[k], true, rate);
        double e = case_distance(&twice, &whole);
        CHECK(e <= 3 * rounding, "%s at sample rate %g: tiles of %d equal one tile: %.1e", name,
              rate, sizes[k], e);
        CHECK(case_distance(&kept, &twice) == 0, "and keeping the cosines changes no byte");
        case_free(&twice);
        case_free(&kept);
    }
    case_free(&whole);
}

int main(void)
{
    openblas_set_num_threads(1);
    for (int k = 0; k < REFERENCES; k++) {
        if (without_centres(references[k].name))
            continue;
        test_tiles(references[k].name, "", 0);
        test_tiles(references[k].name, "", 0.4);
    }
    test_tiles("npcface", "sub=3 filter=0.2", 0);
    test_tiles("arcface", "sub=2", 0.4);
    test_tiles("vpl", "from=0", 0);
    test_tiles("vpl", "from=0", 0.4);
    return END_TESTS();
}

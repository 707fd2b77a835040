/* The classification head: golden numbers, an independent reference, updates, options, bad input.
 * test_head_double.c runs the same with the library in double. */
#include "base/file_internal.h"
#include "test_head_check.h"

#include "../golden/npcface.h"

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
        {"labels smoothed", {.b = 6, .c = 11, .d = 7, .tile = 4, .smoothing = 0.3}, 2, 1},
        {"one row", {.b = 1, .c = 5, .d = 4, .tile = 1}, 1, 1},
        {"two identities", {.b = 3, .c = 2, .d = 6, .tile = 1}, 1, 1},
        {"long embeddings", {.b = 6, .c = 11, .d = 7, .tile = 5}, 2, 12},
        {"longer embeddings", {.b = 6, .c = 11, .d = 7, .tile = 5}, 1, 50},
        {"cosines kept", {.b = 5, .c = 9, .d = 6, .tile = 2, .max_memory = 1 << 20}, 2, 1},
    };
    HeadOptions head;
    Err err = {0};
    head_options_init(&head, name, &err);
    for (size_t k = 0; k < sizeof cases / sizeof cases[0]; k++) {
        if (cases[k].shape.smoothing > 0 && !head_traits(head.info).softmax)
            continue;
        Case t = case_new(name, settings, cases[k].shape);
        case_fill(&t, cases[k].pull);
        for (int i = 0; i < t.b * t.d; i++)
            t.x[i] *= (real)cases[k].stretch;
        check_reference(&t, cases[k].what, 1e-300);
        case_free(&t);
    }
}

static bool has_option(const char *head, const char *option)
{
    HeadOptions options;
    Err err = {0};
    head_options_init(&options, head, &err);
    return head_options_set(&options, option, "1", &err) == 0;
}

static void test_presets(const char *name)
{
    int i = 0;
    while (strcmp(head_info(i)->name, name) != 0)
        i++;
    const HeadPreset *preset = head_info(i)->presets;
    for (; preset != NULL && preset->name != NULL; preset++)
        test_reference(name, preset->settings);
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
static void test_update(bool nesterov)
{
    Case t = case_new("npcface", "", (Shape){.b = 6, .c = 15, .d = 5, .tile = 4});
    Optimiser sgd = {.lr = 0.3, .momentum = 0.9, .weight_decay = 0.01, .nesterov = nesterov};
    int n = t.c * t.d;
    double *w = calloc((size_t)n, sizeof *w), *v = calloc((size_t)n, sizeof *v);
    real *dx = calloc((size_t)(t.b * t.d), sizeof *dx);
    case_fill(&t, 1);
    for (int step = 0; step < 2; step++) {
        case_run(&t);
        for (int k = 0; k < n; k++) {
            double g = (double)t.dw[k] + sgd.weight_decay * (double)t.w[k];
            v[k] = sgd.momentum * v[k] + g;
            w[k] = (double)t.w[k] - sgd.lr * (nesterov ? g + sgd.momentum * v[k] : v[k]);
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
    Optimiser sgd = {.lr = 0.1, .momentum = 0.9, .weight_decay = 0};
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
              strcmp(text,
                     "s=31.3 m=0.4 m0=0.4 m1=0.2 t=1.1 a=0.25 easy=1 init=0 filter=0 sub=1") == 0,
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
    bad_option("sub=0", "'0' for sub is not a number from 1 to 16");
    bad_option("filter=1.1", "'1.1' for filter is not a number from 0 to 1");
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
    config.identities = 10;
    head_options_set(&config.options, "sub", "1.5", &err);
    CHECK(head_memory(&m, &config, 512, 2, &err) == -1 && strstr(err.text, "1.5 centres") != NULL,
          "refused: %s", err.text);
    err = (Err){0};
    config.identities = 1;
    CHECK(head_memory(&m, &config, 512, 2, &err) == -1, "refused: %s", err.text);
}

/* The largest number and the length of centres as they start. */
static void start_of(const char *name, const char *settings, double *largest, double *length)
{
    enum { C = 300, D = 50 };
    Err err = {0};
    HeadConfig config = {.identities = C, .dim = D, .seed = 4};
    HeadTensor tensor[HEAD_TENSORS];
    Pool *pool = pool_new(1, &err);
    head_options_init(&config.options, name, &err);
    head_options_parse(&config.options, settings, &err);
    Head *head = head_new(&config, pool, NULL, &err);
    *largest = *length = 0;
    head_tensors(head, tensor);
    for (int k = 0; k < C * D; k++)
        *largest = fmax(*largest, fabs((double)tensor[0].data[k]));
    for (int k = 0; k < D; k++)
        *length += (double)tensor[0].data[k] * (double)tensor[0].data[k];
    *length = sqrt(*length);
    head_free(head);
    pool_free(pool);
}

static void test_starts(void)
{
    double largest, length;
    start_of("arcnegface", "", &largest, &length);
    CHECK(largest <= 1 / sqrt(50) && largest > 0.99 / sqrt(50), "arcnegface: within 1/sqrt(D)");
    start_of("adacos", "", &largest, &length);
    CHECK(largest <= sqrt(6.0 / 350) && largest > 0.99 * sqrt(6.0 / 350), "adacos: Xavier's");
    start_of("adacos", "start=0", &largest, &length);
    CHECK(fabs(length - 1) < 1e-5, "start=0: of length 1");
    start_of("adacos", "init=0.5", &largest, &length);
    CHECK(largest > 1, "init: normal");
    start_of("sface", "", &largest, &length);
    CHECK(fabs(length / sqrt(50 * 8.0 / 300) - 1) < 0.25, "sface: normal, 2 sqrt(2/C)");
    start_of("sphereface2", "", &largest, &length);
    CHECK(fabs(length / sqrt(50 * 2.0 / 350) - 1) < 0.25, "sphereface2: normal, sqrt(2/(C + D))");
    start_of("uniface", "", &largest, &length);
    CHECK(fabs(length - 1) < 0.25, "uniface: normal, 1/sqrt(D)");
    start_of("npcface", "", &largest, &length);
    CHECK(fabs(length - 1) < 1e-5, "npcface: of length 1");
}

/* The b that a new head of c identities starts with, against `want`, or what the reference finds.
 */
static void test_b(const char *name, const char *settings, int c, double want)
{
    Case t = case_new(name, settings, (Shape){.b = 1, .c = c, .d = 2});
    Reference r = case_reference(&t);
    double b = (double)*tensor_named(t.head, "b");
    want = isnan(want) ? sphereface2_start(&r) : want;
    CHECK(fabs(b - want) <= rounding * (1 + fabs(want)), "%s %s of %d: b is %g, not %g", name,
          settings, c, b, want);
    reference_free(&r);
    case_free(&t);
}

static void test_first_b(void)
{
    static const int identities[] = {2, 3, 12, 1000, 10575};
    for (int k = 0; k < 5; k++) {
        test_b("uniface", "", identities[k], log(10.0 * identities[k]));
        test_b("sphereface2", "", identities[k], NAN);
        test_b("sphereface2", "v=1 s=20", identities[k], NAN);
        test_b("sphereface2", "s=64 m=0.5 alpha=0.75", identities[k], NAN);
        test_b("sphereface2-m", "", identities[k], NAN);
    }
}

int main(void)
{
    openblas_set_num_threads(1);
    test_golden(8);
    test_golden(3);
    for (int k = 0; k < REFERENCES; k++) {
        test_reference(references[k].name, "");
        test_presets(references[k].name);
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
    for (int v = 0; v <= 2; v++) {
        char settings[60];
        snprintf(settings, sizeof settings, "v=%d straight=0 m=1.7", v);
        test_reference("sphereface-r", settings);
        snprintf(settings, sizeof settings, "v=%d straight=%d alpha=0.3", v % 2, v / 2);
        test_reference("sphereface2", settings);
        snprintf(settings, sizeof settings, "straight=%d m=1.%d", v % 2, v + 1);
        test_reference("sphereface2-m", settings);
        snprintf(settings, sizeof settings, "sd=0.3 plus=%d", v);
        test_reference("elasticface", settings);
        test_reference("elasticface-cos", settings);
    }
    test_reference("vpl", "from=0");
    test_reference("vpl", "from=0 lambda=0.8 past=1 filter=0.2");
    test_reference("vpl", "from=0 within=0");
    test_reference("uniface", "l=0.2 s=4");
    test_reference("sphereface2", "t=1 straight=0");
    test_reference("sphereface2", "t=2.5 straight=0");
    test_reference("sface", "k=3 a=1.5 b=1.1");
    test_reference("li-arcface", "m=1.5 s=10");
    test_reference("combined", "m1=1.5 m2=0.1 m3=-0.2");
    for (int k = 0; k < REFERENCES; k++) {
        if (has_option(references[k].name, "filter"))
            test_reference(references[k].name, "filter=0.2");
        if (!has_option(references[k].name, "sub"))
            continue;
        test_reference(references[k].name, "sub=3");
        test_reference(references[k].name, "sub=2 filter=0.3");
    }
    test_reference("center", "lambda=3");
    test_reference("uniformface", "alpha=40");
    test_reference("uniformface", "s=30 m=1.7 lambda-base=0 lambda-least=0 straight=1 alpha=5");
    for (int mine = 0; mine <= 2; mine++)
        for (int both = 0; both <= 1; both++) {
            char settings[60];
            snprintf(settings, sizeof settings, "m=1.5 mine=%d both=%d", mine, both);
            test_reference("triplet", settings);
            snprintf(settings, sizeof settings, "m=20 mine=%d both=%d unit=0", mine, both);
            test_reference("triplet", settings);
        }
    test_reference("contrastive", "m=1.9");
    test_reference("contrastive", "m=8 unit=0");
    test_orthogonal();
    test_update(false);
    test_update(true);
    test_centres();
    test_bad_batches();
    test_options();
    test_memory();
    test_starts();
    test_first_b();
    test_page();
    return END_TESTS();
}

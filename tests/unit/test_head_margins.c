/* Margins that warm up, and what is told of hard negatives. */
#include <cblas.h>

#include "test_head_case.h"

/* The loss of a head whose margins have warmed up for `done` of 4 steps. */
static double warming_loss(const char *name, const char *settings, int warmup, real done)
{
    Case t = case_new(name, settings, (Shape){.b = 6, .c = 11, .d = 7, .margin_warmup = warmup});
    case_fill(&t, 2);
    *tensor_named(t.head, "step") = done;
    double loss = case_run(&t) ? t.stats.loss : NAN;
    case_free(&t);
    return loss;
}

/* Margins of 0, a quarter, three quarters and all of what they are in the end, against a head whose
 * options have those values. */
static void test_warming(const char *name, const char *const settings[4])
{
    static const real done[] = {0, 1, 3, 4};
    for (int k = 0; k < 4; k++)
        CHECK_CLOSE(warming_loss(name, settings[3], 4, done[k]),
                    warming_loss(name, settings[k], 0, done[k]), 1e-12, name);
    CHECK(warming_loss(name, settings[3], 4, 1) != warming_loss(name, settings[3], 0, 1),
          "%s: the margin makes a difference", name);
}

static void test_margin_warmup(void)
{
    test_warming("npcface", (const char *[]){"m0=0 m1=0", "m0=0.1 m1=0.05", "m0=0.3 m1=0.15",
                                             "m0=0.4 m1=0.2"});
    test_warming("arcface", (const char *[]){"m=0", "m=0.125", "m=0.375", "m=0.5"});
    test_warming("mv-am", (const char *[]){"m=0", "m=0.1", "m=0.3", "m=0.4"});
    test_warming("magface", (const char *[]){"lm=0 um=0", "lm=0.125 um=0.25", "lm=0.375 um=0.75",
                                             "lm=0.5 um=1"});
    test_warming("combined", (const char *[]){"m1=1 m2=0 m3=0", "m1=1.25 m2=0.1 m3=0.05",
                                              "m1=1.75 m2=0.3 m3=0.15", "m1=2 m2=0.4 m3=0.2"});
    test_warming("sphereface", (const char *[]){"m=1", "m=1.5", "m=2.5", "m=3"});
    for (int i = 0; head_info(i) != NULL; i++) {
        static const char none[] = " softmax normface adacos adam-softmax center sface ";
        char name[40];
        snprintf(name, sizeof name, " %s ", head_info(i)->name);
        CHECK(head_has_margin(head_info(i)) == (strstr(none, name) == NULL), "%s has a margin",
              head_info(i)->name);
    }
}

/* Pearson's correlation over the rows with hard negatives, against its definition. */
static void test_correlation(void)
{
    HeadPairing pairing = {0};
    CHECK(isnan(head_correlation(&pairing)), "no rows, no correlation");
    const double g[] = {0.1, 0.4, 0.3, 0.9}, h[] = {0.2, 0.5, 0.1, 0.8};
    for (int i = 0; i < 4; i++) {
        HeadPairing p = {pairing.rows + 1,         pairing.g + g[i],
                         pairing.h + h[i],         pairing.gg + g[i] * g[i],
                         pairing.hh + h[i] * h[i], pairing.gh + g[i] * h[i]};
        pairing = p;
    }
    CHECK_CLOSE(head_correlation(&pairing), 0.89817294, 1e-7, "correlation");
    Case t = case_new("npcface", "m=0", (Shape){.b = 6, .c = 11, .d = 7});
    case_fill(&t, 0.5);
    case_run(&t);
    double with = 0, own = 0;
    for (int i = 0; i < t.b; i++) {
        HeadRowStats row = head_row_stats(t.head, i);
        with += row.hard > 0;
        own += row.hard > 0 ? row.own_cosine : 0;
    }
    CHECK(with > 0 && t.stats.pairing.rows == with, "%g rows have hard negatives", with);
    CHECK_CLOSE(t.stats.pairing.g, own, 1e-12, "their own cosines");
    case_free(&t);
}

static double cosine(const Case *t, int i, int j)
{
    double xw = 0, xx = 0, ww = 0;
    for (int k = 0; k < t->d; k++) {
        double x = (double)t->x[i * t->d + k], w = (double)t->w[j * t->d + k];
        xw += x * w, xx += x * x, ww += w * w;
    }
    return xw / sqrt(xx * ww);
}

/* Of all rows, whatever is hard. */
static void test_nearest(const char *name, bool cosines)
{
    Case t = case_new(name, "", (Shape){.b = 6, .c = 11, .d = 7});
    double h = 0, g = 0;
    case_fill(&t, 0.5);
    case_run(&t);
    for (int i = 0; i < t.b && cosines; i++) {
        double nearest = -1;
        for (int j = 0; j < t.c; j++)
            nearest = j == t.label[i] ? nearest : fmax(nearest, cosine(&t, i, j));
        g += cosine(&t, i, (int)t.label[i]);
        h += nearest;
    }
    CHECK(t.stats.nearest.rows == (cosines ? t.b : 0), "%s: %g rows have a nearest negative", name,
          t.stats.nearest.rows);
    CHECK(fabs(t.stats.nearest.h - h) < 1e-5 && fabs(t.stats.nearest.g - g) < 1e-5,
          "%s: their cosines", name);
    case_free(&t);
}

int main(void)
{
    openblas_set_num_threads(1);
    test_margin_warmup();
    test_correlation();
    test_nearest("npcface", true);
    test_nearest("cosface", true);
    test_nearest("softmax", false);
    test_nearest("triplet", false);
    return END_TESTS();
}

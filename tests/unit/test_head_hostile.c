/* Rows where a head could stumble: own cosines of 1 and -1, exact ties, all negatives hard or none,
 * one row, two identities, lengths at their limits. Every head with every preset against the
 * reference, gradients too. All vectors have cosines that are exact in any arithmetic. */
#include "test_head_check.h"

enum { ROWS = 5, CENTRES = 5, DIM = 4 };

typedef struct Scene {
    const char *what;
    int b, c;
    real x[ROWS][DIM], w[CENTRES][DIM];
    int64_t label[ROWS];
    int hard; /* of each row, for the heads that know hard negatives; -1: does not matter */
} Scene;

static const Scene scenes[] = {
    {"own cosines 1, -1, 0 and 1/2",
     4,
     5,
     {{1, 0, 0, 0}, {0, -2, 0, 0}, {0, 1, 0, 0}, {0.5, 0, 0, 0}},
     {{2, 0, 0, 0}, {0, 1, 0, 0}, {0, 0, 4, 0}, {1, 1, 1, 1}, {1, -1, 1, 1}},
     {0, 1, 2, 3},
     -1},
    {"own cosines 1 and -1 off the axes",
     3,
     4,
     {{2, -2, 2, 2}, {-0.5, -0.5, -0.5, -0.5}, {1, 1, 1, 1}},
     {{1, 1, 1, 1}, {0, 2, 0, 0}, {1, 1, -1, 1}, {4, -4, 4, 4}},
     {3, 0, 0},
     -1},
    {"all negatives hard",
     2,
     5,
     {{2, 0, 0, 0}, {0.5, -0.5, -0.5, -0.5}},
     {{1, 1, 1, 1}, {0, 1, 0, 0}, {1, -1, 1, -1}, {0, 0, -4, 0}, {-1, 1, 1, 1}},
     {4, 4},
     4},
    {"no negative hard",
     2,
     5,
     {{1, 0, 0, 0}, {2, 2, 2, 2}},
     {{0, 1, 0, 0}, {0, 0, 2, 0}, {-1, 1, 1, -1}, {-1, 0, 0, 0}, {1, 1, 1, 1}},
     {4, 4},
     0},
    {"a twin of the own centre",
     3,
     4,
     {{1, 0, 0, 0}, {1, 1, 1, 1}, {0, 0, 1, 0}},
     {{2, 2, 2, 2}, {0, 1, 0, 0}, {1, 1, 1, 1}, {1, -1, 1, -1}},
     {0, 2, 3},
     -1},
    {"equal to both centres", 1, 2, {{1, 0, 0, 0}}, {{1, 0, 0, 0}, {4, 0, 0, 0}}, {1}, -1},
    {"equal to its centre", 1, 2, {{1, 1, 1, 1}}, {{1, 0, 0, 0}, {1, 1, 1, 1}}, {1}, 0},
    {"opposite to its centre", 1, 2, {{0, 1, 0, 0}}, {{1, 1, 1, 1}, {0, -2, 0, 0}}, {1}, 1},
    {"lengths 5, 10, 100, 110 and 128",
     5,
     5,
     {{0, 0, 5, 0}, {10, 0, 0, 0}, {50, 50, -50, 50}, {0, 110, 0, 0}, {64, 64, 64, 64}},
     {{1, 1, 1, -1}, {1, 1, -1, 1}, {0, 0, 1, 0}, {-1, 1, 1, 1}, {2, 0, 0, 0}},
     {0, 1, 2, 3, 4},
     -1},
};

static bool knows_hard(const char *name)
{
    static const char *const names[] = {"npcface", "mv-am", "mv-arc", "curricularface"};
    for (size_t k = 0; k < sizeof names / sizeof names[0]; k++)
        if (strcmp(name, names[k]) == 0)
            return true;
    return false;
}

/* A gradient is compared relative to its largest number, or to this where all are smaller: slopes
 * of up to 256 that cancel exactly leave their rounding, some 1e-5 in float. */
static const double least_gradient = sizeof(real) == sizeof(float) ? 0.1 : 1e-3;

static void test_scene(const Scene *scene, const char *name, const char *settings, bool count)
{
    Case t = case_new(name, settings, (Shape){.b = scene->b, .c = scene->c, .d = DIM, .tile = 2});
    memcpy(t.w, scene->w, (size_t)(t.c * DIM) * sizeof(real));
    memcpy(t.x, scene->x, (size_t)(t.b * DIM) * sizeof(real));
    memcpy(t.label, scene->label, (size_t)t.b * sizeof *t.label);
    check_reference(&t, scene->what, least_gradient);
    for (int i = 0; count && scene->hard >= 0 && i < t.b; i++)
        CHECK(head_row_stats(t.head, i).hard == scene->hard, "%s %s: row %d has %g hard negatives",
              name, scene->what, i, head_row_stats(t.head, i).hard);
    case_free(&t);
}

static void test_scenes(const char *name, const char *settings, bool count)
{
    for (size_t k = 0; k < sizeof scenes / sizeof scenes[0]; k++)
        test_scene(&scenes[k], name, settings, count);
}

/* With the defaults, with every preset, and without a margin where there is one: then a negative
 * with the cosine of the positive is exactly at the limit, and not hard. */
static void test_head(const HeadInfo *info)
{
    test_scenes(info->name, "", knows_hard(info->name));
    for (const HeadPreset *p = info->presets; p != NULL && p->name != NULL; p++)
        test_scenes(info->name, p->settings, knows_hard(info->name));
    for (const HeadOption *option = info->options; option->name != NULL; option++)
        if (strcmp(option->name, "m") == 0 && option->min <= 0)
            test_scenes(info->name, "m=0", false);
}

static void test_ties(const char *name)
{
    static const Scene tie = {"a negative at the limit and one above",     1,   3, {{1, 0, 0, 0}},
                              {{1, 1, 1, 1}, {1, -1, 1, 1}, {2, 0, 0, 0}}, {0}, 1};
    test_scene(&tie, name, "m=0", true);
}

int main(void)
{
    openblas_set_num_threads(1);
    for (int i = 0; head_info(i) != NULL; i++) {
        test_head(head_info(i));
        if (knows_hard(head_info(i)->name))
            test_ties(head_info(i)->name);
    }
    test_scenes("npcface", "easy=0", true);
    test_scenes("npcface", "m=0 m0=0 m1=0 t=1 a=0", false);
    test_scenes("cosface", "easy=1", false);
    test_scenes("arcface", "past=0", false);
    test_scenes("arcface", "straight=1", false);
    test_scenes("sphereface", "lambda-base=0 lambda-least=0", false);
    test_scenes("mv-am", "m=0.5 easy=2", false); /* limits of 0 and 1/2 are cosines here */
    test_scenes("mv-am", "m=0.5 easy=1", false);
    test_scenes("mv-arc", "easy=0", false);
    test_scenes("circleloss", "m=0.5", false);
    test_scenes("adacos", "dynamic=0", false);
    test_scenes("arcface", "filter=0.4", false);
    test_scenes("vpl", "from=0", false);
    test_scenes("npcface", "filter=0.5", false); /* which is a cosine here, and not above it */
    test_scenes("combined", "m1=1.5 m2=1 m3=0", false);
    return END_TESTS();
}

/* nn/: the layers that only imported graphs have, against their definitions written out, and their
 * gradients against differences */
#include "layers/activation_internal.h"
#include "layers/affine_internal.h"
#include "layers/concat_internal.h"
#include "layers/grouped_internal.h"
#include "layers/maximum_internal.h"
#include "layers/multiply_internal.h"
#include "layers/norm_internal.h"
#include "layers/plane_internal.h"
#include "layers/pooling_internal.h"
#include "layers/resize_internal.h"
#include "layers/select_internal.h"
#include "nn_gradient.h"

#define BOUND 1e-7

typedef enum Layer { GROUPED, MAX_POOL, MEAN_POOL, MEAN_POOL_PADDED, PAD, UPSAMPLE } Layer;

/* A layer that reads one image. */
typedef struct Case {
    Layer layer;
    Shape shape;
    Window window;
    int n, groups;
    real *x, *w, *y, *r, *dx, *dw, *scratch;
    size_t nx, nw, ny;
} Case;

static void forward(Case *k)
{
    const Window *w = &k->window;
    if (k->layer == GROUPED)
        grouped_forward(k->y, k->x, k->w, k->n, &k->shape, w, k->groups, NULL, k->scratch);
    else if (k->layer == MAX_POOL)
        max_pool_forward(k->y, k->x, k->n, &k->shape, w);
    else if (k->layer == PAD)
        pad_forward(k->y, k->x, k->n, &k->shape, w->top, w->left, -2);
    else if (k->layer == UPSAMPLE)
        upsample_forward(k->y, k->x, k->n, &k->shape);
    else
        mean_pool_forward(k->y, k->x, k->n, &k->shape, w, k->layer == MEAN_POOL_PADDED);
}

static void backward(Case *k)
{
    const Window *w = &k->window;
    if (k->layer == GROUPED) {
        grouped_backward_input(k->dx, k->r, k->w, k->n, &k->shape, w, k->groups, NULL, k->scratch);
        grouped_backward_weight(k->dw, k->r, k->x, k->n, &k->shape, w, k->groups, NULL, k->scratch);
    } else if (k->layer == MAX_POOL)
        max_pool_backward(k->dx, k->r, k->x, k->n, &k->shape, w);
    else if (k->layer == PAD)
        pad_backward(k->dx, k->r, k->n, &k->shape, w->top, w->left);
    else if (k->layer == UPSAMPLE)
        upsample_backward(k->dx, k->r, k->n, &k->shape);
    else
        mean_pool_backward(k->dx, k->r, k->n, &k->shape, w, k->layer == MEAN_POOL_PADDED);
}

static double loss(void *arg)
{
    Case *k = arg;
    forward(k);
    return weighted_sum(k->y, k->r, k->ny);
}

/* x at image i, row y, column x, channel c; NULL outside */
static const real *pixel(const Case *k, int i, int y, int x, int c)
{
    const Shape *s = &k->shape;
    if (y < 0 || y >= s->h || x < 0 || x >= s->w)
        return NULL;
    return k->x + (((size_t)i * s->h + y) * s->w + x) * s->c + c;
}

/* One output of a layer with a window. */
static double seen(const Case *k, int i, int oy, int ox, int o)
{
    const Shape *s = &k->shape;
    const Window *w = &k->window;
    int in = s->c / k->groups, first = k->layer == GROUPED ? o / (s->o / k->groups) * in : o;
    int count = 0;
    double sum = 0, most = -INFINITY;
    for (int ky = 0; ky < w->kh; ky++)
        for (int kx = 0; kx < w->kw; kx++)
            for (int c = 0; c < (k->layer == GROUPED ? in : 1); c++) {
                const real *x = pixel(k, i, oy * w->sh - w->top + ky * w->dh,
                                      ox * w->sw - w->left + kx * w->dw, first + c);
                double weight =
                    k->layer == GROUPED ? k->w[((c * w->kh + ky) * w->kw + kx) * s->o + o] : 1;
                sum += x != NULL ? *x * weight : 0;
                most = x != NULL ? fmax(most, *x) : most;
                count += x != NULL;
            }
    if (k->layer == MAX_POOL)
        return count > 0 ? most : 0;
    if (k->layer == GROUPED)
        return sum;
    return k->layer == MEAN_POOL_PADDED ? sum / (w->kh * w->kw) : count > 0 ? sum / count : 0;
}

static double defined(const Case *k, int i, int oy, int ox, int o)
{
    const Shape *s = &k->shape;
    if (k->layer == PAD) {
        const real *x = pixel(k, i, oy - k->window.top, ox - k->window.left, o);
        return x != NULL ? *x : -2;
    }
    if (k->layer == UPSAMPLE)
        return *pixel(k, i, oy * s->h / s->oh, ox * s->w / s->ow, o);
    return seen(k, i, oy, ox, o);
}

static double worst_output(Case *k)
{
    const Shape *s = &k->shape;
    double worst = 0;
    size_t at = 0;
    forward(k);
    for (int i = 0; i < k->n; i++)
        for (int oy = 0; oy < s->oh; oy++)
            for (int ox = 0; ox < s->ow; ox++)
                for (int o = 0; o < s->o; o++)
                    worst = fmax(worst, fabs(k->y[at++] - defined(k, i, oy, ox, o)));
    return worst;
}

static void check_case(Case *k, const char *name)
{
    k->nx = (size_t)k->n * k->shape.h * k->shape.w * k->shape.c;
    k->ny = (size_t)k->n * k->shape.oh * k->shape.ow * k->shape.o;
    k->nw = (size_t)k->window.kh * k->window.kw * k->shape.c / k->groups * k->shape.o + 1;
    k->x = random_reals(k->nx, 1);
    k->w = random_reals(k->nw, 2);
    k->r = random_reals(k->ny, 3);
    k->y = calloc(k->ny, sizeof *k->y);
    k->dx = calloc(k->nx, sizeof *k->dx);
    k->dw = calloc(k->nw, sizeof *k->dw);
    size_t room = k->layer == GROUPED ? grouped_scratch(&k->shape, &k->window, k->groups) : 1;
    k->scratch = calloc(room, sizeof *k->scratch);
    CHECK(worst_output(k) < 1e-12, "%s: forward as defined", name);
    backward(k);
    double h = k->layer == MAX_POOL ? 1e-6 : 0.5, bound = k->layer == MAX_POOL ? 1e-6 : BOUND;
    double dx = gradient_error(loss, k, k->x, k->dx, k->nx, k->nx / 150 + 1, h), dw = 0;
    if (k->layer == GROUPED)
        dw = gradient_error(loss, k, k->w, k->dw, k->nw - 1, k->nw / 150 + 1, h);
    CHECK(dx < bound && dw < BOUND, "%s: dx %.1e, dw %.1e", name, dx, dw);
    real *once = malloc(k->nx * sizeof *once);
    memcpy(once, k->dx, k->nx * sizeof *once);
    backward(k);
    double twice = 0;
    for (size_t i = 0; i < k->nx; i++)
        twice = fmax(twice, fabs(k->dx[i] - 2 * once[i]));
    CHECK(twice < 1e-12, "%s: backward adds", name);
    free(once);
    free(k->x), free(k->w), free(k->r), free(k->y), free(k->dx), free(k->dw), free(k->scratch);
}

static void test_window(Layer layer, int h, int w, int c, int o, int groups, Window window,
                        int after)
{
    static const char *const names[] = {"grouped", "max pool", "mean pool", "mean pool, padded"};
    char name[120];
    int oh = window_outputs(h, window.kh, window.sh, window.dh, window.top, after, false);
    int ow = window_outputs(w, window.kw, window.sw, window.dw, window.left, after, true);
    Case k = {.layer = layer,
              .shape = {.h = h, .w = w, .c = c, .oh = oh, .ow = ow, .o = o},
              .window = window,
              .n = 2,
              .groups = groups};
    snprintf(name, sizeof name, "%s %dx%dx%d to %dx%dx%d, %d groups, kernel %dx%d", names[layer], h,
             w, c, oh, ow, o, groups, window.kh, window.kw);
    check_case(&k, name);
}

static Window window_of(int kh, int kw, int sh, int sw, int dh, int dw, int top, int left)
{
    return (Window){
        .kh = kh, .kw = kw, .sh = sh, .sw = sw, .dh = dh, .dw = dw, .top = top, .left = left};
}

/* Narrow groups and wide ones; dilation, strides and padding that differ by axis and side. */
static void test_windows(void)
{
    test_window(GROUPED, 7, 6, 8, 12, 4, window_of(3, 3, 1, 1, 1, 1, 1, 1), 1);
    test_window(GROUPED, 7, 9, 6, 6, 6, window_of(3, 2, 2, 1, 1, 2, 0, 1), 2);
    test_window(GROUPED, 8, 7, 24, 10, 2, window_of(3, 3, 2, 1, 2, 1, 1, 0), 2);
    test_window(GROUPED, 5, 6, 20, 7, 1, window_of(1, 5, 1, 2, 1, 1, 0, 2), 1);
    test_window(GROUPED, 3, 4, 4, 4, 2, window_of(1, 2, 1, 2, 1, 1, 3, 4), 5);
    test_window(GROUPED, 4, 3, 24, 6, 2, window_of(2, 1, 2, 1, 3, 1, 6, 2), 4);
    for (Layer layer = MAX_POOL; layer <= MEAN_POOL_PADDED; layer++) {
        test_window(layer, 8, 8, 5, 5, 1, window_of(2, 2, 2, 2, 1, 1, 0, 0), 0);
        test_window(layer, 7, 9, 33, 33, 1, window_of(3, 3, 2, 2, 1, 1, 1, 1), 1);
        test_window(layer, 9, 7, 4, 4, 1, window_of(2, 3, 1, 2, 2, 1, 0, 2), 1);
    }
}

static void test_counts_of_windows(void)
{
    CHECK(window_outputs(5, 2, 2, 1, 0, 0, false) == 2 &&
              window_outputs(5, 2, 2, 1, 0, 0, true) == 3,
          "a window that hangs over the edge counts if asked to");
    CHECK(window_outputs(4, 1, 3, 1, 0, 1, true) == 2, "but not one that begins behind the image");
    CHECK(window_outputs(2, 3, 1, 1, 0, 0, true) == 0, "nor one that is larger than all there is");
}

static void test_sizes(void)
{
    Case pad = {.layer = PAD,
                .shape = {.h = 3, .w = 4, .c = 5, .oh = 6, .ow = 7, .o = 5},
                .window = {.top = 1, .left = 3},
                .n = 3,
                .groups = 1};
    check_case(&pad, "pad");
    Case upsample = {.layer = UPSAMPLE,
                     .shape = {.h = 3, .w = 2, .c = 3, .oh = 6, .ow = 6, .o = 3},
                     .n = 2,
                     .groups = 1};
    check_case(&upsample, "upsample");
}

/* Layers of vectors: n rows of c numbers. */
typedef struct Vectors {
    int rows, c, each;
    Activation curve;
    bool prelu;
    real *x, *b, *gamma, *slope, *y, *r, *scale, *shift;
} Vectors;

enum { ROWS = 6, C = 19, ALL = ROWS * C };

static Vectors vectors_new(void)
{
    Vectors k = {.rows = ROWS, .c = C};
    k.x = random_reals(ALL, 1);
    k.b = random_reals(2 * ALL, 2); /* of which one test reads other parts */
    k.gamma = random_reals(C, 3);
    k.slope = random_reals(C, 4);
    k.r = random_reals(2 * ALL, 5);
    k.y = calloc(2 * ALL, sizeof *k.y);
    k.scale = calloc(2 * C, sizeof *k.scale);
    k.shift = k.scale + C;
    return k;
}

static void vectors_free(Vectors *k)
{
    free(k->x), free(k->b), free(k->gamma), free(k->slope);
    free(k->y), free(k->r), free(k->scale);
}

static double affine_loss(void *arg)
{
    Vectors *k = arg;
    affine_coefficients(k->scale, k->shift, k->gamma, k->b, C);
    norm_forward(k->y, k->x, k->scale, k->shift, k->prelu ? k->slope : NULL, ROWS, C);
    return weighted_sum(k->y, k->r, ALL);
}

static void test_affine(bool prelu)
{
    Vectors k = vectors_new();
    k.prelu = prelu;
    real dx[ALL] = {0}, dgamma[C] = {0}, dbeta[C] = {0}, dslope[C] = {0};
    affine_loss(&k);
    double worst = 0;
    for (int i = 0; i < ALL; i++) {
        double z = k.gamma[i % C] * k.x[i] + k.b[i % C];
        worst = fmax(worst, fabs(k.y[i] - (prelu && z < 0 ? k.slope[i % C] * z : z)));
    }
    CHECK(worst < 1e-14, "affine, prelu %d: as defined", prelu);
    const real *slope = prelu ? k.slope : NULL;
    affine_backward(dx, dgamma, dbeta, prelu ? dslope : NULL, k.r, k.x, k.scale, k.shift, slope,
                    ROWS, C);
    double ex = gradient_error(affine_loss, &k, k.x, dx, ALL, 1, 1e-6);
    double eg = gradient_error(affine_loss, &k, k.gamma, dgamma, C, 1, 1e-6);
    double eb = gradient_error(affine_loss, &k, k.b, dbeta, C, 1, 1e-6);
    double es = prelu ? gradient_error(affine_loss, &k, k.slope, dslope, C, 1, 1e-6) : 0;
    CHECK(ex < 1e-6 && eg < 1e-6 && eb < 1e-6 && es < 1e-6,
          "affine, prelu %d: dx %.1e dgamma %.1e dbeta %.1e dslope %.1e", prelu, ex, eg, eb, es);
    affine_coefficients(k.scale, k.shift, NULL, NULL, C);
    CHECK(k.scale[C - 1] == 1 && k.shift[C - 1] == 0, "affine: what is absent is 1 and 0");
    vectors_free(&k);
}

static double multiply_loss(void *arg)
{
    Vectors *k = arg;
    multiply_forward(k->y, k->x, k->b, 2, ROWS / 2, k->each, C);
    return weighted_sum(k->y, k->r, ALL);
}

static void test_multiply(int each)
{
    Vectors k = vectors_new();
    k.each = each;
    real da[ALL] = {0}, db[ALL] = {0};
    multiply_loss(&k);
    int row = each == 1 ? 1 : ROWS - 1; /* of b, for the last pixel */
    CHECK(k.y[ALL - 1] == k.x[ALL - 1] * k.b[row * C + C - 1], "multiply by %d: as defined", each);
    multiply_backward(da, db, k.r, k.x, k.b, 2, ROWS / 2, each, C);
    double ea = gradient_error(multiply_loss, &k, k.x, da, ALL, 1, 0.5);
    double eb = gradient_error(multiply_loss, &k, k.b, db, (size_t)2 * each * C, 1, 0.5);
    CHECK(ea < BOUND && eb < BOUND, "multiply by %d: da %.1e db %.1e", each, ea, eb);
    vectors_free(&k);
}

static double concat_loss(void *arg)
{
    Vectors *k = arg;
    concat_forward(k->y, k->x, k->b, ROWS, C, C - 4);
    return weighted_sum(k->y, k->r, ROWS * (2 * C - 4));
}

static void test_concat(void)
{
    Vectors k = vectors_new();
    real da[ALL] = {0}, db[ALL] = {0};
    concat_loss(&k);
    CHECK(k.y[2 * C - 4] == k.x[C] && k.y[2 * (2 * C - 4) - 1] == k.b[2 * (C - 4) - 1],
          "concat: as defined");
    concat_backward(da, db, k.r, ROWS, C, C - 4);
    CHECK(gradient_error(concat_loss, &k, k.x, da, ALL, 1, 0.5) < BOUND, "concat: da");
    CHECK(gradient_error(concat_loss, &k, k.b, db, ROWS * (C - 4), 1, 0.5) < BOUND, "concat: db");
    vectors_free(&k);
}

/* The first constant of a curve: the slope, or the lower bound. */
static double first_of(Activation curve)
{
    return curve == ACTIVATION_CLIP ? -0.4 : 0.7;
}

static double curve_defined(Activation curve, double x)
{
    if (curve == ACTIVATION_SIGMOID)
        return 1 / (1 + exp(-x));
    if (curve == ACTIVATION_HARD_SIGMOID)
        return fmax(0, fmin(1, 0.7 * x + 0.3));
    if (curve == ACTIVATION_HARD_SWISH)
        return x * fmax(0, fmin(1, x / 6 + 0.5));
    switch (curve) {
    case ACTIVATION_TANH:
        return tanh(x);
    case ACTIVATION_EXP:
        return exp(x);
    case ACTIVATION_LOG:
        return log(x);
    case ACTIVATION_POWER:
        return pow(x, 0.7);
    case ACTIVATION_ELU:
        return 0.3 * (x > 0 ? x : 0.7 * (exp(x) - 1));
    case ACTIVATION_SOFTPLUS:
        return log(1 + exp(x));
    case ACTIVATION_SOFTSIGN:
        return x / (1 + fabs(x));
    case ACTIVATION_ERF:
        return erf(x);
    case ACTIVATION_GELU:
        return 0.5 * x * (1 + tanh(sqrt(2 / M_PI) * (x + 0.044715 * x * x * x)));
    default:
        return fmax(-0.4, fmin(0.3, x));
    }
}

static double curve_loss(void *arg)
{
    Vectors *k = arg;
    activation_forward(k->y, k->x, k->curve, first_of(k->curve), 0.3, ALL);
    return weighted_sum(k->y, k->r, ALL);
}

static void test_curve(Activation curve)
{
    Vectors k = vectors_new();
    k.curve = curve;
    for (int i = 0; i < ALL; i++)
        k.x[i] =
            curve == ACTIVATION_LOG || curve == ACTIVATION_POWER ? 0.1 + fabs(k.x[i]) : 4 * k.x[i];
    curve_loss(&k);
    real dx[ALL] = {0};
    double worst = 0;
    for (int i = 0; i < ALL; i++)
        worst = fmax(worst, fabs(k.y[i] - curve_defined(curve, k.x[i])));
    CHECK(worst < 1e-14, "curve %d: as defined", curve);
    activation_backward(dx, k.r, k.x, curve, first_of(curve), 0.3, ALL);
    double error = gradient_error(curve_loss, &k, k.x, dx, ALL, 1, 1e-6);
    CHECK(error < 1e-6, "curve %d: dx %.1e", curve, error);
    vectors_free(&k);
}

static double maximum_loss(void *arg)
{
    Vectors *k = arg;
    maximum_forward(k->y, k->x, k->b, ALL);
    return weighted_sum(k->y, k->r, ALL);
}

static double channel_max_loss(void *arg)
{
    Vectors *k = arg;
    channel_max_forward(k->y, k->x, ROWS, C);
    return weighted_sum(k->y, k->r, ROWS);
}

static void test_maximum(void)
{
    Vectors k = vectors_new();
    real da[ALL] = {0}, db[ALL] = {0}, dx[ALL] = {0};
    maximum_loss(&k);
    bool right = true;
    for (int i = 0; i < ALL; i++)
        right = right && k.y[i] == fmax(k.x[i], k.b[i]);
    CHECK(right, "maximum: as defined");
    maximum_backward(da, db, k.r, k.x, k.b, ALL);
    double ea = gradient_error(maximum_loss, &k, k.x, da, ALL, 1, 1e-6);
    double eb = gradient_error(maximum_loss, &k, k.b, db, ALL, 1, 1e-6);
    CHECK(ea < 1e-6 && eb < 1e-6, "maximum: da %.1e db %.1e", ea, eb);
    channel_max_loss(&k);
    for (int i = 0; i < ALL; i++)
        right = right && k.y[i / C] >= k.x[i];
    CHECK(right, "the largest channel: as defined");
    channel_max_backward(dx, k.r, k.x, ROWS, C);
    double ex = gradient_error(channel_max_loss, &k, k.x, dx, ALL, 1, 1e-6);
    CHECK(ex < 1e-6, "the largest channel: dx %.1e", ex);
    vectors_free(&k);
}

static const Selection shuffle = {2, 3, 5, 1}; /* 2 7 12 3 8 13 4 */

static double select_loss(void *arg)
{
    Vectors *k = arg;
    select_forward(k->y, k->x, ROWS, 7, C, &shuffle);
    return weighted_sum(k->y, k->r, ROWS * 7);
}

static void test_select(void)
{
    static const int64_t index[7] = {2, 7, 12, 3, 8, 13, 4}, odd[4] = {1, 2, 4, 7};
    Vectors k = vectors_new();
    real dx[ALL] = {0};
    Selection found;
    select_loss(&k);
    bool right = true;
    for (int i = 0; i < ROWS * 7; i++)
        right = right && k.y[i] == k.x[i / 7 * C + index[i % 7]];
    CHECK(right, "select: as defined");
    select_backward(dx, k.r, ROWS, 7, C, &shuffle);
    CHECK(gradient_error(select_loss, &k, k.x, dx, ALL, 1, 0.5) < BOUND, "select: dx");
    CHECK(selection_of(&found, index, 7) && memcmp(&found, &shuffle, sizeof found) == 0,
          "the selection of a list is found");
    CHECK(!selection_of(&found, odd, 4) && selection_of(&found, odd, 1), "where there is one");
    CHECK(selection_fits(&shuffle, 7, 14) && !selection_fits(&shuffle, 7, 13), "and fits or not");
    vectors_free(&k);
}

static double plane_loss(void *arg)
{
    Vectors *k = arg;
    plane_forward(k->y, k->x, k->b, k->b + ALL, 2, ALL / 2);
    return weighted_sum(k->y, k->r, ALL);
}

static void test_plane(void)
{
    Vectors k = vectors_new();
    real dx[ALL] = {0}, dgamma[ALL] = {0}, dbeta[ALL] = {0};
    plane_loss(&k);
    CHECK(k.y[ALL - 1] == k.x[ALL - 1] * k.b[ALL / 2 - 1] + k.b[ALL + ALL / 2 - 1],
          "plane: as defined");
    plane_backward(dx, dgamma, dbeta, k.r, k.x, k.b, 2, ALL / 2);
    double ex = gradient_error(plane_loss, &k, k.x, dx, ALL, 1, 0.5);
    double eg = gradient_error(plane_loss, &k, k.b, dgamma, ALL / 2, 1, 0.5);
    double eb = gradient_error(plane_loss, &k, k.b + ALL, dbeta, ALL / 2, 1, 0.5);
    CHECK(ex < BOUND && eg < BOUND && eb < BOUND, "plane: dx %.1e dgamma %.1e dbeta %.1e", ex, eg,
          eb);
    vectors_free(&k);
}

int main(void)
{
    openblas_set_num_threads(1);
    test_windows();
    test_counts_of_windows();
    test_sizes();
    test_affine(false);
    test_affine(true);
    test_multiply(1);
    test_multiply(ROWS / 2);
    test_concat();
    test_maximum();
    test_select();
    test_plane();
    for (Activation curve = ACTIVATION_SIGMOID; curve < ACTIVATIONS; curve++)
        test_curve(curve);
    return END_TESTS();
}

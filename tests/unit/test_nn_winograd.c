/* nn/winograd: how far from the exact result, next to the same convolution by patches */
#include "layers/im2col_internal.h"
#include "layers/winograd_internal.h"
#include "normals.h"
#include "unit.h"

enum { IMAGES = 3 };

typedef struct Case {
    Shape shape;
    size_t nx, ny, nw;
    real *x, *y, *w, *other, *col, *filter, *scratch;
} Case;

static Case case_new(int side, int c, int o)
{
    Case k = {.shape = shape_of(side, side, c, o, 3, 1, 1)};
    size_t patch = 9 * (size_t)c, pixels = (size_t)IMAGES * side * side;
    k.nx = pixels * c, k.ny = pixels * o, k.nw = patch * o;
    k.x = normals(k.nx, 1, 1);
    k.y = normals(k.ny, 2, 1);
    k.w = normals(k.nw, 3, 1 / sqrt((double)patch));
    k.other = calloc(k.nx + k.ny + 2 * k.nw, sizeof *k.other);
    k.col = calloc(pixels * patch, sizeof *k.col);
    k.filter = calloc(winograd_filter_size(&k.shape), sizeof *k.filter);
    k.scratch = calloc(winograd_scratch(&k.shape), sizeof *k.scratch);
    return k;
}

static void case_free(Case *k)
{
    free(k->x), free(k->y), free(k->w), free(k->other);
    free(k->col), free(k->filter), free(k->scratch);
}

static void transform(Case *k, bool backward)
{
    for (int i = 0; i < winograd_filter_shares(&k->shape, backward); i++)
        winograd_filter(k->filter, k->w, &k->shape, backward, i);
}

/* Root mean square distances from sums in double, relative to the root mean square of those. */
typedef struct Errors {
    double winograd, patches;
} Errors;

typedef struct Sums {
    double exact, winograd, patches;
} Sums;

static void add(Sums *sums, double exact, double winograd, double patches)
{
    sums->exact += exact * exact;
    sums->winograd += (winograd - exact) * (winograd - exact);
    sums->patches += (patches - exact) * (patches - exact);
}

static Errors errors_of(const Sums *sums)
{
    return (Errors){sqrt(sums->winograd / sums->exact), sqrt(sums->patches / sums->exact)};
}

static Errors forward_errors(Case *k)
{
    const Shape *s = &k->shape;
    int patch = 9 * s->c, rows = IMAGES * s->h * s->w;
    Sums sums = {0};
    transform(k, false);
    winograd_forward(k->y, k->x, k->filter, IMAGES, s, k->scratch);
    im2col(k->col, k->x, s, 0, rows);
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, s->o, patch, 1, k->col, patch, k->w,
              patch, 0, k->other, s->o);
    for (int r = 0; r < rows; r += 7)
        for (int o = 0; o < s->o; o++) {
            double exact = 0;
            for (int i = 0; i < patch; i++)
                exact += (double)k->col[(size_t)r * patch + i] * k->w[(size_t)o * patch + i];
            add(&sums, exact, k->y[(size_t)r * s->o + o], k->other[(size_t)r * s->o + o]);
        }
    return errors_of(&sums);
}

static Errors weight_errors(Case *k)
{
    const Shape *s = &k->shape;
    int patch = 9 * s->c, rows = IMAGES * s->h * s->w;
    real *ours = k->other, *theirs = k->other + k->nw;
    Sums sums = {0};
    memset(k->other, 0, 2 * k->nw * sizeof *ours);
    winograd_backward_weight(ours, k->y, k->x, IMAGES, s, k->scratch);
    im2col(k->col, k->x, s, 0, rows);
    real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, s->o, patch, rows, 1, k->y, s->o, k->col,
              patch, 0, theirs, patch);
    for (size_t i = 0; i < k->nw; i += 11) {
        double exact = 0;
        for (int r = 0; r < rows; r++)
            exact +=
                (double)k->y[(size_t)r * s->o + i / patch] * k->col[(size_t)r * patch + i % patch];
        add(&sums, exact, ours[i], theirs[i]);
    }
    return errors_of(&sums);
}

/* The gradient of the input is the forward pass of other filters: <dx, x> = <dy, y> tells whether
 * it is those. */
static double input_error(Case *k)
{
    double left = 0, right = 0, size = 0;
    real *dy = normals(k->ny, 5, 1);
    transform(k, false);
    winograd_forward(k->y, k->x, k->filter, IMAGES, &k->shape, k->scratch);
    transform(k, true);
    memset(k->other, 0, k->nx * sizeof *k->other);
    winograd_backward_input(k->other, dy, k->filter, IMAGES, &k->shape, k->scratch);
    for (size_t i = 0; i < k->nx; i++)
        left += (double)k->other[i] * k->x[i];
    for (size_t i = 0; i < k->ny; i++) {
        right += (double)dy[i] * k->y[i];
        size += fabs((double)dy[i] * k->y[i]);
    }
    free(dy);
    return fabs(left - right) / size;
}

static void test_accuracy(int side, int c, int o)
{
    Case k = case_new(side, c, o);
    Errors y = forward_errors(&k), w = weight_errors(&k);
    CHECK(winograd_fits(&k.shape), "%dx%dx%d to %d: fits", side, side, c, o);
    CHECK(y.winograd < 3e-6 && y.winograd < 8 * y.patches,
          "%dx%dx%d to %d: outputs are %.1e from exact, those by patches %.1e", side, side, c, o,
          y.winograd, y.patches);
    CHECK(w.winograd < 2e-6 && w.winograd < 8 * w.patches,
          "%dx%dx%d to %d: gradients are %.1e from exact, those by patches %.1e", side, side, c, o,
          w.winograd, w.patches);
    double x = input_error(&k);
    CHECK(x < 1e-6, "%dx%dx%d to %d: gradient of the input: %.1e", side, side, c, o, x);
    case_free(&k);
}

static void test_fits(void)
{
    const Shape two = shape_of(28, 28, 64, 64, 3, 2, 1), odd = shape_of(28, 28, 96, 64, 3, 1, 1);
    const Shape five = shape_of(28, 28, 64, 64, 5, 1, 2), bare = shape_of(28, 28, 64, 64, 3, 1, 0);
    CHECK(!winograd_fits(&two), "stride 2 does not fit");
    CHECK(!winograd_fits(&odd), "nor do channels that leave a panel unfilled");
    CHECK(!winograd_fits(&five) && !winograd_fits(&bare), "nor other kernels and paddings");
}

int main(void)
{
    openblas_set_num_threads(1);
    test_fits();
    test_accuracy(14, 256, 256);
    test_accuracy(28, 64, 128);
    test_accuracy(9, 128, 64);
    return END_TESTS();
}

/* Products and convolutions in bfloat16: how far from the exact result, and a row's bits whatever
 * the number of rows */
#include <cblas.h>

#include "base/bfloat_internal.h"
#include "layers/conv_internal.h"
#include "product_check.h"

static Kernels *bfloat_kernels(void)
{
    Err err = {0};
    Kernels *kernels = kernels_new(NULL, &err);
    if (kernels == NULL || kernels_set_precision(kernels, PRECISION_BF16, &err) != 0) {
        CHECK(strstr(err.text, "bf16") != NULL, "%s", err.text);
        printf("ok %d - # SKIP %s\n", ++unit_count, err.text);
        kernels_free(kernels);
        return NULL;
    }
    return kernels;
}

static void check_refusal(void)
{
    Err err = {0};
    Kernels *kernels = kernels_new("openblas", &err);
    CHECK(kernels_set_precision(kernels, PRECISION_BF16, &err) != 0 &&
              kernels_precision(kernels) == PRECISION_FLOAT,
          "OpenBLAS: %s", err.text);
    kernels_free(kernels);
}

/* Processors round as float_to_bfloat() does. */
static void check_rounding(void)
{
    enum { N = 997 };
    real *x = product_numbers(N, 1);
    Bfloat y[N];
    int other = 0;
    x[0] = 1 + 1 / (real)256, x[1] = 1 + 3 / (real)256, x[2] = -x[1], x[3] = (real)3.4e38;
    x[4] = INFINITY, x[5] = 0;
    bfloat_round(y, x, N);
    for (int i = 0; i < N; i++)
        other += y[i] != float_to_bfloat((float)x[i]);
    CHECK(other == 0, "%d of %d numbers are rounded in another way", other, N);
    free(x);
}

static real rounded(real x)
{
    return (real)bfloat_to_float(float_to_bfloat((float)x));
}

/* Of numbers that are bfloat16 already, products are as good as in float. */
static void check_form(Kernels *kernels, const int shape[3], bool turned, bool add)
{
    Product p = product_forward(shape[0], shape[1], shape[2]), packed;
    p.add = add;
    p.b_turned = turned;
    p.ldb = turned ? p.k : p.n;
    packed = p;
    packed.bfloat = packed.b_packed = true;
    size_t length = product_packed(kernels, &packed);
    if (length == 0)
        return;
    real *a = product_numbers(p.m * p.k, 1), *b = product_numbers(p.n * p.k, 2);
    real *c = product_numbers(p.m * p.n, 3), *before = product_numbers(p.m * p.n, 3);
    real *panels = product_numbers((int64_t)length, 4);
    Bfloat *left = malloc((size_t)(p.m * p.k) * sizeof *left);
    for (int64_t i = 0; i < p.n * p.k; i++)
        b[i] = rounded(b[i]);
    bfloat_round(left, a, (size_t)(p.m * p.k));
    for (int64_t i = 0; i < p.m * p.k; i++)
        a[i] = rounded(a[i]);
    product_pack(panels, b, &packed);
    product_run(kernels, c, left, panels, &packed);
    double error = product_error(&p, c, before, a, b), bound = 2.4e-7 * (4 + sqrt((double)p.k));
    CHECK(error < bound, "bf16 %d x %d x %d%s%s: within %.2g", shape[0], shape[1], shape[2],
          turned ? ", b turned" : "", add ? ", added" : "", error);
    int other = 0;
    for (int64_t m = 1; !add && m < p.m; m++) {
        packed.m = m;
        product_run(kernels, before, left + (p.m - m) * p.k, panels, &packed);
        other += memcmp(before, c + (p.m - m) * p.n, (size_t)(m * p.n) * sizeof *c) != 0;
    }
    CHECK(other == 0, "%d numbers of rows give a row other bits", other);
    free(a), free(b), free(c), free(before), free(panels), free(left);
}

/* Convolutions: root mean square distances from sums in double, relative to those. */
typedef struct Case {
    int side, c, o, kernel, stride;
    double bound;
} Case;

enum { IMAGES = 3 };

static double exact(const real *x, const real *w, const Shape *s, int image, int oy, int ox, int o)
{
    double sum = 0;
    for (int ky = 0; ky < s->kernel; ky++)
        for (int kx = 0; kx < s->kernel; kx++) {
            int y = oy * s->stride - s->pad + ky, z = ox * s->stride - s->pad + kx;
            if (y < 0 || z < 0 || y >= s->h || z >= s->w)
                continue;
            for (int c = 0; c < s->c; c++)
                sum += (double)x[(((size_t)image * s->h + y) * s->w + z) * s->c + c] *
                       (double)w[(((size_t)o * s->kernel + ky) * s->kernel + kx) * s->c + c];
        }
    return sum;
}

static double distance(const real *y, const real *x, const real *w, const Shape *s)
{
    double squares = 0, apart = 0;
    for (int i = 0; i < IMAGES; i++)
        for (int at = 0; at < s->oh * s->ow; at++)
            for (int o = 0; o < s->o; o += 7) {
                double want = exact(x, w, s, i, at / s->ow, at % s->ow, o);
                double got = (double)y[((size_t)i * s->oh * s->ow + at) * s->o + o];
                squares += want * want;
                apart += (got - want) * (got - want);
            }
    return sqrt(apart / squares);
}

/* The same of the gradient of the weights, of a few of them. */
static double weight_distance(const real *dw, const real *dy, const real *x, const Shape *s)
{
    double squares = 0, apart = 0;
    int patch = s->kernel * s->kernel * s->c, pixels = s->oh * s->ow;
    for (int o = 0; o < s->o; o += 13)
        for (int k = 0; k < patch; k += 5) {
            double want = 0;
            int ky = k / s->c / s->kernel, kx = k / s->c % s->kernel;
            for (int at = 0; at < IMAGES * pixels; at++) {
                int y = at % pixels / s->ow * s->stride - s->pad + ky;
                int z = at % s->ow * s->stride - s->pad + kx;
                size_t row = ((size_t)(at / pixels) * s->h + y) * s->w + z;
                if (y >= 0 && z >= 0 && y < s->h && z < s->w)
                    want += (double)dy[(size_t)at * s->o + o] * (double)x[row * s->c + k % s->c];
            }
            squares += want * want;
            apart += pow((double)dw[(size_t)o * patch + k] - want, 2);
        }
    return sqrt(apart / squares);
}

/* The gradient of the input is the transpose of the convolution: <dx, x> = <dy, y>. */
static double mismatch(const real *dx, const real *x, size_t nx, const real *dy, const real *y,
                       size_t ny)
{
    double a = 0, b = 0, aa = 0, bb = 0;
    for (size_t i = 0; i < nx; i++)
        a += (double)dx[i] * (double)x[i], aa += (double)dx[i] * (double)dx[i];
    for (size_t i = 0; i < ny; i++)
        b += (double)dy[i] * (double)y[i], bb += (double)x[i % nx] * (double)x[i % nx];
    return fabs(a - b) / sqrt(aa * bb);
}

static void pack(Kernels *kernels, real *filter, const real *w, const Shape *s, bool backward)
{
    for (int i = 0; i < conv_filter_shares(s, kernels, backward); i++)
        conv_filter(filter, w, s, kernels, backward, i);
}

static void check_conv(Kernels *kernels, const Case *k)
{
    Shape s = shape_of(k->side, k->side, k->c, k->o, k->kernel, k->stride, k->kernel / 2);
    size_t nx = (size_t)IMAGES * s.h * s.w * s.c, ny = (size_t)IMAGES * s.oh * s.ow * s.o;
    size_t forward = conv_filter_size(&s, kernels, false);
    size_t backward = conv_filter_size(&s, kernels, true);
    real *x = product_numbers((int64_t)nx, 1), *dx = product_numbers((int64_t)nx, 1);
    real *y = product_numbers((int64_t)ny, 2), *dy = product_numbers((int64_t)ny, 3);
    real *alone = product_numbers((int64_t)ny, 5);
    real *w = product_numbers((int64_t)s.o * s.kernel * s.kernel * s.c, 4);
    real *filter = product_numbers((int64_t)(forward > backward ? forward : backward), 6);
    Conv conv = {.shape = &s, .kernels = kernels, .filter = filter, .packed = true};
    conv.col = product_numbers((int64_t)conv_scratch(&s, kernels), 7);
    pack(kernels, filter, w, &s, false);
    conv_forward(y, x, IMAGES, &conv);
    double error = distance(y, x, w, &s);
    for (int i = 0; i < IMAGES; i++)
        conv_forward(alone + i * (ny / IMAGES), x + i * (nx / IMAGES), 1, &conv);
    pack(kernels, filter, w, &s, true);
    conv_backward_input(dx, dy, IMAGES, &conv, true);
    double transposed = mismatch(dx, x, nx, dy, y, ny);
    CHECK(forward > 0 && error < k->bound && error > 1e-4,
          "%dx%d, %d to %d channels, kernel %d, stride %d: %.2g from the exact ones", k->side,
          k->side, k->c, k->o, k->kernel, k->stride, error);
    CHECK(memcmp(y, alone, ny * sizeof *y) == 0, "an image by itself has the same bits");
    memset(w, 0, (size_t)s.o * s.kernel * s.kernel * s.c * sizeof *w);
    conv_backward_weight(w, dy, x, IMAGES, &conv);
    error = weight_distance(w, dy, x, &s);
    CHECK(error < 3.2e-3, "the gradient of the weights: %.2g from the exact ones", error);
    CHECK(transposed < 1e-4, "the gradient of the input is the transpose: %.2g", transposed);
    free(x), free(dx), free(y), free(dy), free(alone), free(w), free(filter), free(conv.col);
}

int main(void)
{
    static const int shapes[][3] = {{70, 64, 64}, {49, 512, 128}, {33, 64, 27}, {5, 128, 576}};
    /* Rounding both factors to eight bits gives 2.4e-3. Winograd's are rounded after their
     * transforms: an output then is a sum of products whose variance is 5 along an axis where that
     * of the plain sum is 3, which makes the error 5/3 as large. */
    static const Case cases[] = {{14, 64, 128, 1, 1, 2.5e-3}, {15, 64, 64, 3, 2, 2.5e-3},
                                 {16, 3, 64, 3, 2, 2.5e-3},   {14, 128, 256, 3, 1, 4.3e-3},
                                 {7, 256, 128, 3, 1, 4.3e-3}, {9, 128, 256, 3, 1, 4.3e-3}};
    (void)check_kernels;
    openblas_set_num_threads(1);
    check_refusal();
    Kernels *kernels = bfloat_kernels();
    if (kernels == NULL)
        return END_TESTS();
    check_rounding();
    for (int i = 0; i < (int)(sizeof shapes / sizeof *shapes); i++)
        for (int form = 0; form < 4; form++)
            check_form(kernels, shapes[i], form & 1, form & 2);
    for (int i = 0; i < (int)(sizeof cases / sizeof *cases); i++)
        check_conv(kernels, &cases[i]);
    Err err = {0};
    CHECK(kernels_check(kernels, &err) == 0, "%s did not fail", kernels_name(kernels));
    kernels_free(kernels);
    return END_TESTS();
}

/* nn/: every layer against its definition written out, and its gradients against differences */
#include "layers/add_internal.h"
#include "layers/conv_internal.h"
#include "layers/depthwise_internal.h"
#include "layers/linear_internal.h"
#include "layers/norm_internal.h"
#include "layers/pixels.h"
#include "layers/prelu_internal.h"
#include "nn_gradient.h"

#define BOUND 1e-7

typedef struct Case {
    Shape shape;
    int n;
    bool depthwise;
    real *x, *w, *y, *r, *dx, *dw, *col, *filter;
    size_t nx, nw, ny;
} Case;

static Case case_new(Shape shape, int n, bool depthwise)
{
    Case k = {.shape = shape, .n = n, .depthwise = depthwise};
    size_t taps = (size_t)shape.kernel * shape.kernel;
    k.nx = (size_t)n * shape.h * shape.w * shape.c;
    k.ny = (size_t)n * shape.oh * shape.ow * shape.o;
    k.nw = taps * shape.c * (depthwise ? 1 : shape.o);
    k.x = random_reals(k.nx, 1);
    k.w = random_reals(k.nw, 2);
    k.r = random_reals(k.ny, 3);
    k.y = calloc(k.ny, sizeof *k.y);
    k.dx = calloc(k.nx, sizeof *k.dx);
    k.dw = calloc(k.nw, sizeof *k.dw);
    k.col = calloc(conv_scratch(&shape, NULL) + 1, sizeof *k.col);
    k.filter = calloc(conv_filter_size(&shape, NULL, false) + 1, sizeof *k.filter);
    return k;
}

static void case_free(Case *k)
{
    free(k->x);
    free(k->w);
    free(k->r);
    free(k->y);
    free(k->dx);
    free(k->dw);
    free(k->col);
    free(k->filter);
}

/* With the weights as the kernels take them */
static Conv conv_of(Case *k, bool backward)
{
    bool packed = conv_filter_size(&k->shape, NULL, backward) > 0;
    for (int i = 0; packed && i < conv_filter_shares(&k->shape, NULL, backward); i++)
        conv_filter(k->filter, k->w, &k->shape, NULL, backward, i);
    return (Conv){
        .shape = &k->shape, .filter = packed ? k->filter : k->w, .packed = packed, .col = k->col};
}

static void forward(Case *k)
{
    Conv conv = conv_of(k, false);
    if (k->depthwise)
        depthwise_forward(k->y, k->x, k->w, k->n, &k->shape);
    else
        conv_forward(k->y, k->x, k->n, &conv);
}

/* Only dx, over what was there */
static void backward_fresh(Case *k)
{
    Conv conv = conv_of(k, true);
    if (k->depthwise)
        depthwise_backward_input(k->dx, k->r, k->w, k->n, &k->shape, true);
    else
        conv_backward_input(k->dx, k->r, k->n, &conv, true);
}

static void backward(Case *k)
{
    if (k->depthwise) {
        depthwise_backward_input(k->dx, k->r, k->w, k->n, &k->shape, false);
        depthwise_backward_weight(k->dw, k->r, k->x, k->n, &k->shape);
    } else {
        Conv conv = conv_of(k, true);
        conv_backward_input(k->dx, k->r, k->n, &conv, false);
        conv_backward_weight(k->dw, k->r, k->x, k->n, &conv);
    }
}

static double loss(void *arg)
{
    Case *k = arg;
    forward(k);
    return weighted_sum(k->y, k->r, k->ny);
}

/* One output, by the definition. */
static double defined(const Case *k, int i, int oy, int ox, int o)
{
    const Shape *s = &k->shape;
    double sum = 0;
    for (int ky = 0; ky < s->kernel; ky++)
        for (int kx = 0; kx < s->kernel; kx++) {
            int y = oy * s->stride + ky - s->pad, x = ox * s->stride + kx - s->pad;
            if (y < 0 || y >= s->h || x < 0 || x >= s->w)
                continue;
            const real *xi = k->x + (((size_t)i * s->h + y) * s->w + x) * s->c;
            int tap = ky * s->kernel + kx;
            if (k->depthwise)
                sum += (double)xi[o] * k->w[tap * s->c + o];
            for (int c = 0; !k->depthwise && c < s->c; c++)
                sum += (double)xi[c] * k->w[(o * s->kernel * s->kernel + tap) * s->c + c];
        }
    return sum;
}

static double worst_output(Case *k)
{
    double worst = 0;
    const Shape *s = &k->shape;
    size_t at = 0;
    forward(k);
    for (int i = 0; i < k->n; i++)
        for (int oy = 0; oy < s->oh; oy++)
            for (int ox = 0; ox < s->ow; ox++)
                for (int o = 0; o < s->o; o++)
                    worst = fmax(worst, fabs(k->y[at++] - defined(k, i, oy, ox, o)));
    return worst;
}

static void test_convolution(int h, int w, int c, int o, int kernel, int stride, int pad, int n,
                             bool depthwise)
{
    char name[100];
    Case k = case_new(shape_of(h, w, c, o, kernel, stride, pad), n, depthwise);
    snprintf(name, sizeof name, "%s %d images %dx%dx%d to %d, kernel %d stride %d pad %d",
             depthwise ? "depthwise" : "dense", n, h, w, c, o, kernel, stride, pad);
    CHECK(worst_output(&k) < 1e-12, "%s: forward as defined", name);
    backward(&k);
    /* The sum is linear in x and in w, so a large step costs nothing and rounds least. */
    double dx = gradient_error(loss, &k, k.x, k.dx, k.nx, k.nx / 150 + 1, 0.5);
    double dw = gradient_error(loss, &k, k.w, k.dw, k.nw, k.nw / 150 + 1, 0.5);
    CHECK(dx < BOUND && dw < BOUND, "%s: dx %.1e, dw %.1e", name, dx, dw);
    real dx0 = k.dx[0], dw0 = k.dw[0];
    backward(&k);
    CHECK(fabs(k.dx[0] - 2 * dx0) < 1e-12 && fabs(k.dw[0] - 2 * dw0) < 1e-12, "%s: backward adds",
          name);
    double apart = 0;
    real *twice = malloc(k.nx * sizeof *twice);
    memcpy(twice, k.dx, k.nx * sizeof *twice);
    backward_fresh(&k);
    for (size_t i = 0; i < k.nx; i++)
        apart = fmax(apart, fabs(twice[i] - 2 * k.dx[i]));
    CHECK(apart < 1e-12, "%s: or begins afresh", name);
    free(twice);
    case_free(&k);
}

/* Enough rows for more than one tile of im2col. */
static void test_convolutions(void)
{
    test_convolution(5, 7, 3, 4, 1, 1, 0, 3, false);
    test_convolution(8, 6, 5, 7, 3, 1, 1, 2, false);
    test_convolution(7, 9, 3, 6, 3, 2, 1, 3, false);
    test_convolution(6, 6, 4, 5, 1, 2, 0, 2, false);
    test_convolution(16, 16, 65, 2, 3, 1, 1, 2, false);
    test_convolution(14, 15, 32, 64, 3, 1, 1, 2, false); /* Winograd's way */
    test_convolution(21, 25, 64, 32, 3, 1, 1, 4, false); /* and in more than one block of tiles */
    test_convolution(8, 6, 5, 5, 3, 1, 1, 2, true);
    test_convolution(7, 9, 70, 70, 3, 2, 1, 2, true);
    test_convolution(7, 7, 33, 33, 7, 1, 0, 3, true);
    test_convolution(2, 2, 3, 3, 5, 1, 2, 1, true); /* a kernel larger than the image */
    for (int side = 1; side <= 9; side++) /* spans of 4, 7 and 8 outputs, and what is left */
        for (int stride = 1; stride <= 2; stride++)
            for (int pad = 0; pad <= 2; pad++)
                if (side + 2 * pad >= 3)
                    test_convolution(10 - side + 2, side, 16, 16, 3, stride, pad, 2, true);
    test_convolution(14, 28, 8, 8, 3, 1, 1, 1, true);
    test_convolution(13, 28, 24, 24, 3, 2, 1, 1, true);
    /* Where padding is wider than the kernel some windows see nothing of the image. */
    for (int depthwise = 0; depthwise < 2; depthwise++) {
        test_convolution(4, 5, 6, 6, 1, 1, 2, 2, depthwise);
        test_convolution(5, 4, 19, 19, 3, 2, 5, 2, depthwise);
        test_convolution(2, 3, 3, 3, 2, 3, 7, 1, depthwise);
        test_convolution(1, 1, 2, 2, 3, 1, 4, 1, depthwise);
    }
}

/* Batch norm in training, as the executor strings its kernels together: moments in two parts. */
typedef struct Norm {
    int rows, c;
    bool prelu;
    real *x, *gamma, *beta, *slope, *y, *r, *scale, *shift, *center;
    double *mean, *m2, *var;
} Norm;

static double norm_loss(void *arg)
{
    Norm *k = arg;
    int half = k->rows / 3;
    double *mean = calloc(2 * k->c, sizeof *mean), *m2 = mean + k->c;
    norm_moments(k->mean, k->m2, 0, k->x, half, k->c);
    norm_moments(mean, m2, 0, k->x + half * k->c, k->rows - half, k->c);
    norm_moments_join(k->mean, k->m2, half, mean, m2, k->rows - half, k->c);
    free(mean);
    for (int j = 0; j < k->c; j++) {
        k->var[j] = k->m2[j] / k->rows;
        k->center[j] = (real)k->mean[j];
    }
    norm_coefficients(k->scale, k->shift, k->mean, k->var, k->gamma, k->beta, 1e-5, k->c);
    norm_forward(k->y, k->x, k->scale, k->shift, k->prelu ? k->slope : NULL, k->rows, k->c);
    return weighted_sum(k->y, k->r, (size_t)k->rows * k->c);
}

static double norm_defined_error(const Norm *k)
{
    double worst = 0;
    for (int j = 0; j < k->c; j++) {
        double mean = 0, var = 0;
        for (int r = 0; r < k->rows; r++)
            mean += k->x[r * k->c + j] / (double)k->rows;
        for (int r = 0; r < k->rows; r++)
            var += pow(k->x[r * k->c + j] - mean, 2) / k->rows;
        for (int r = 0; r < k->rows; r++) {
            double z = (k->x[r * k->c + j] - mean) / sqrt(var + 1e-5) * k->gamma[j] + k->beta[j];
            if (k->prelu && z <= 0)
                z *= k->slope[j];
            worst = fmax(worst, fabs(z - k->y[r * k->c + j]));
        }
    }
    return worst;
}

static void test_norm(int rows, int c, bool prelu)
{
    size_t n = (size_t)rows * c;
    Norm k = {.rows = rows, .c = c, .prelu = prelu};
    k.x = random_reals(n, 1);
    k.r = random_reals(n, 2);
    k.gamma = random_reals(c, 3);
    k.beta = random_reals(c, 4);
    k.slope = random_reals(c, 5);
    k.y = calloc(n, sizeof *k.y);
    real *zero = calloc(8 * c + n, sizeof *zero), *dgamma = zero + 3 * c, *dbeta = zero + 4 * c;
    real *dslope = zero + 5 * c, *pull = zero + 6 * c, *push = zero + 7 * c, *dx = zero + 8 * c;
    double *sums = calloc(6 * c, sizeof *sums);
    k.scale = zero, k.shift = zero + c, k.center = zero + 2 * c;
    k.mean = sums + 3 * c, k.m2 = sums + 4 * c, k.var = sums + 5 * c;
    norm_loss(&k);
    CHECK(norm_defined_error(&k) < 1e-12, "norm %dx%d prelu %d: forward as defined", rows, c,
          prelu);
    const real *slope = prelu ? k.slope : NULL;
    norm_sums(sums, k.r, k.x, k.scale, k.shift, slope, k.center, rows / 2, c);
    norm_sums(sums, k.r + rows / 2 * c, k.x + rows / 2 * c, k.scale, k.shift, slope, k.center,
              rows - rows / 2, c);
    norm_backward_coefficients(dgamma, dbeta, prelu ? dslope : NULL, pull, push, sums, k.var,
                               k.scale, 1e-5, rows, c);
    norm_backward(dx, k.r, k.x, k.scale, k.shift, slope, k.center, pull, push, rows, c);
    size_t step = n / 300 + 1;
    double ex = gradient_error(norm_loss, &k, k.x, dx, n, step, 1e-5);
    double eg = gradient_error(norm_loss, &k, k.gamma, dgamma, c, 1, 1e-5);
    double eb = gradient_error(norm_loss, &k, k.beta, dbeta, c, 1, 1e-5);
    double es = gradient_error(norm_loss, &k, k.slope, dslope, c, 1, 1e-5);
    CHECK(ex < 1e-6 && eg < 1e-6 && eb < 1e-6 && (!prelu || es < 1e-6),
          "norm %dx%d prelu %d: dx %.1e dgamma %.1e dbeta %.1e dslope %.1e", rows, c, prelu, ex, eg,
          eb, es);
    free(k.x), free(k.r), free(k.gamma), free(k.beta), free(k.slope), free(k.y);
    free(zero), free(sums);
}

static void test_running(void)
{
    real mean = 1, var = 2;
    double batch_mean = 3, m2 = 8;
    norm_running(&mean, &var, &batch_mean, &m2, 5, 0.1, 1);
    CHECK_CLOSE(mean, 1.2, 1e-15, "running mean = 0.9 old + 0.1 batch");
    CHECK_CLOSE(var, 0.9 * 2 + 0.1 * 2, 1e-15, "running variance takes the unbiased 8 / 4");
}

typedef struct Small {
    int n, o, k;
    real *x, *w, *b, *y, *r;
} Small;

static double linear_loss(void *arg)
{
    Small *k = arg;
    for (int first = 0; first < k->o; first += 3)
        linear_forward(k->y, k->x, k->w, k->b, k->n, k->o, k->k, first,
                       first + 3 < k->o ? 3 : k->o - first, NULL);
    return weighted_sum(k->y, k->r, (size_t)k->n * k->o);
}

static void test_linear(void)
{
    Small k = {.n = 4, .o = 7, .k = 11};
    k.x = random_reals(44, 1), k.w = random_reals(77, 2), k.b = random_reals(7, 3);
    k.r = random_reals(28, 4), k.y = calloc(28, sizeof *k.y);
    real dx[44] = {0}, dw[77] = {0}, db[7] = {0}, each[28];
    linear_loss(&k);
    double expected = k.b[6];
    for (int i = 0; i < 11; i++)
        expected += k.x[3 * 11 + i] * k.w[6 * 11 + i];
    CHECK_CLOSE(k.y[27], expected, 1e-14, "linear: the last output as defined");
    linear_forward_each(each, k.x, k.w, k.b, 4, 7, 11, 0, 7);
    double differ = 0;
    for (int i = 0; i < 28; i++)
        differ = fmax(differ, fabs(each[i] - k.y[i]));
    CHECK(differ < 1e-14, "linear: one dot product each gives the same");
    linear_backward_input(dx, k.r, k.w, 4, 7, 11, 0, 6, NULL);
    linear_backward_input(dx, k.r, k.w, 4, 7, 11, 6, 5, NULL);
    linear_backward_weight(dw, db, k.r, k.x, 4, 7, 11, 0, 4, NULL);
    linear_backward_weight(dw, db, k.r, k.x, 4, 7, 11, 4, 3, NULL);
    CHECK(gradient_error(linear_loss, &k, k.x, dx, 44, 1, 0.5) < BOUND, "linear: dx");
    CHECK(gradient_error(linear_loss, &k, k.w, dw, 77, 1, 0.5) < BOUND, "linear: dweight");
    CHECK(gradient_error(linear_loss, &k, k.b, db, 7, 1, 0.5) < BOUND, "linear: dbias");
    linear_forward(k.y, k.x, k.w, NULL, 4, 7, 11, 0, 7, NULL);
    CHECK_CLOSE(k.y[27], expected - k.b[6], 1e-13, "linear without bias");
    free(k.x), free(k.w), free(k.b), free(k.r), free(k.y);
}

static double prelu_loss(void *arg)
{
    Small *k = arg;
    prelu_forward(k->y, k->x, k->w, k->n, k->o);
    return weighted_sum(k->y, k->r, (size_t)k->n * k->o);
}

static void test_prelu_and_add(void)
{
    Small k = {.n = 6, .o = 9};
    k.x = random_reals(54, 1), k.w = random_reals(9, 2), k.r = random_reals(54, 4);
    k.y = calloc(54, sizeof *k.y);
    real dx[54] = {0}, dw[9] = {0}, zero[2] = {0, 0}, one[2] = {1, 1}, slope = 0.25;
    prelu_backward(dx, dw, k.r, k.x, k.w, 6, 9);
    CHECK(gradient_error(prelu_loss, &k, k.x, dx, 54, 1, 1e-3) < BOUND, "prelu: dx");
    CHECK(gradient_error(prelu_loss, &k, k.w, dw, 9, 1, 0.5) < BOUND, "prelu: dslope");
    prelu_backward(dx, dw, one, zero, &slope, 1, 1);
    CHECK(fabs(dx[0] - k.r[0] * (k.x[0] > 0 ? 1 : k.w[0]) - 0.25) < 1e-15,
          "prelu: at 0 the slope counts, as in PyTorch");
    add_forward(k.y, k.x, k.r, 54);
    CHECK(k.y[53] == k.x[53] + k.r[53], "add: forward");
    memcpy(dx, k.x, sizeof dx);
    add_backward(dx, k.r, 54);
    CHECK(memcmp(dx, k.y, sizeof dx) == 0, "add: backward adds");
    free(k.x), free(k.w), free(k.r), free(k.y);
}

static void test_pixels(void)
{
    uint8_t rgb[2 * 2 * 3] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255};
    real y[12];
    Pixels pixels = PIXELS_ALIKE(127.5, 1 / 127.5, false);
    pixels_forward(y, rgb, 1, 2, 2, &pixels, false);
    CHECK(y[0] == -1 && y[11] == 1 && fabs(y[4] - (4 / 127.5 - 1)) < 1e-15, "pixels to [-1, 1]");
    pixels = (Pixels){.mean = {1, 2, 3}, .scale = {1, .5, .25}, .bgr = true};
    pixels_forward(y, rgb, 2, 1, 2, &pixels, true);
    const real expected[12] = {.5, 1, 2, -.25, -.5, -1, 63, 4, 8, 1.25, 2.5, 5};
    CHECK(memcmp(y, expected, sizeof y) == 0,
          "pixels mirrored, blue first, each colour with its own mean and scale");
}

int main(void)
{
    test_convolutions();
    test_norm(150, 37, true);
    test_norm(200, 32, false);
    test_norm(3, 5, true);
    test_running();
    test_linear();
    test_prelu_and_add();
    test_pixels();
    return END_TESTS();
}

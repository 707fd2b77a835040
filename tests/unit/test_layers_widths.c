/* layers/: vectors of 32 bytes give what a sum in double gives, and what those of 64 do */
#include "base/cpu_internal.h"
#include "layers/depthwise_kernels_internal.h"
#include "layers/winograd_blocks_internal.h"
#include "layers/winograd_internal.h"
#include "normals.h"
#include "unit.h"

/* Of numbers near 1, whose sums have at most some hundred terms */
#define TOLERANCE 1e-4

/* Sums at output pixel `at`: of channel `out` of a depthwise convolution, or of a dense one */
static double sum_at(const real *x, const real *weight, const Shape *s, int at, int out, bool dense)
{
    Taps y = taps_at(at / s->ow, s->h, s->kernel, s->stride, s->pad);
    Taps z = taps_at(at % s->ow, s->w, s->kernel, s->stride, s->pad);
    double sum = 0;
    for (int ky = y.first; ky < y.end; ky++)
        for (int kx = z.first; kx < z.end; kx++)
            for (int c = dense ? 0 : out; c < (dense ? s->c : out + 1); c++) {
                int tap = ky * s->kernel + kx;
                double w =
                    weight[(dense ? (size_t)out * s->kernel * s->kernel + tap : (size_t)tap) *
                               s->c +
                           c];
                sum += w * x[((size_t)(y.origin + ky) * s->w + z.origin + kx) * s->c + c];
            }
    return sum;
}

static void check(const char *what, const real *y, const real *x, const real *weight,
                  const Shape *s, bool dense)
{
    double worst = 0;
    for (int at = 0; at < s->oh * s->ow; at++)
        for (int o = 0; o < s->o; o++)
            worst =
                fmax(worst, fabs(y[(size_t)at * s->o + o] - sum_at(x, weight, s, at, o, dense)));
    CHECK(worst < TOLERANCE, "%s, %dx%d pixels, %d channels, kernel %d, stride %d: off by %g", what,
          s->h, s->w, s->c, s->kernel, s->stride, worst);
}

static void depthwise(const char *what, const DepthwiseKernels *kernels, int side, int c,
                      int kernel, int stride)
{
    Shape s = shape_of(side, side, c, c, kernel, stride, kernel / 2);
    real *x = normals((size_t)side * side * c, 1, 1),
         *w = normals((size_t)kernel * kernel * c, 2, 1);
    real *y = normals((size_t)s.oh * s.ow * c, 3, 1);
    kernels->forward(y, x, w, 1, &s);
    check(what, y, x, w, &s, false);
    if (kernel == 3 && stride == 1) {
        kernels->three(y, x, w, &s, c, false);
        check(what, y, x, w, &s, false);
    }
    free(x);
    free(w);
    free(y);
}

static void winograd(const char *what, const WinogradBlocks *blocks, int side, int c, int o)
{
    Shape s = shape_of(side, side, c, o, 3, 1, 1);
    real *x = normals((size_t)side * side * c, 4, 1), *w = normals((size_t)9 * c * o, 5, 1.0 / 16);
    real *y = normals((size_t)side * side * o, 6, 1),
         *scratch = normals(winograd_scratch(&s), 7, 1);
    real *filter = normals(winograd_filter_size(&s), 8, 1);
    for (int i = 0; i < winograd_filter_shares(&s, false); i++)
        blocks->filter(filter, w, &s, false, i);
    blocks->convolve(y, x, filter, 1, &s, c, o, scratch, false);
    check(what, y, x, w, &s, true);
    free(x);
    free(w);
    free(y);
    free(scratch);
    free(filter);
}

static void check_width(const char *what, const DepthwiseKernels *kernels,
                        const WinogradBlocks *blocks)
{
    depthwise(what, kernels, 14, 64, 3, 1);
    depthwise(what, kernels, 16, 16, 3, 1);
    depthwise(what, kernels, 4, 80, 3, 1);
    depthwise(what, kernels, 9, 27, 3, 2);
    depthwise(what, kernels, 7, 100, 7, 1);
    winograd(what, blocks, 14, 64, 128);
    winograd(what, blocks, 9, 128, 64);
}

int main(void)
{
    check_width("narrow", &depthwise_kernels_narrow, &winograd_blocks_narrow);
    if (cpu_has_avx512())
        check_width("wide", &depthwise_kernels_wide, &winograd_blocks_wide);
    else
        printf("ok %d - # SKIP no AVX-512 here\n", ++unit_count);
    return END_TESTS();
}

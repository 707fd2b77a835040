#include "layers/conv_integer_internal.h"

#include <string.h>

#include "base/real_internal.h"
#include "product/integer_internal.h"

/* A tile of patches takes about this many bytes. */
enum { TILE_BYTES = 256 * 1024, TILE_ROWS_MIN = 48, ALIGNED = 64 };

/* Weights are off their steps by this share of one, at most: by what floats lose. */
#define OFF 1e-3

static int64_t patch(const Shape *shape)
{
    return (int64_t)shape->kernel * shape->kernel * shape->c;
}

static int64_t tile_rows(const Shape *shape)
{
    int64_t rows = TILE_BYTES / (integer_stride(patch(shape)) * (int64_t)integer_width());
    return rows < TILE_ROWS_MIN ? TILE_ROWS_MIN : rows;
}

static Integer product_of(const Node *node)
{
    return (Integer){.n = node->shape.o, .k = patch(&node->shape), .low = node->low};
}

static size_t aligned(size_t bytes)
{
    return (bytes + ALIGNED - 1) / ALIGNED * ALIGNED;
}

static double largest_of(const real *weight, int64_t n)
{
    real largest = 0;
    for (int64_t i = 0; i < n; i++)
        largest = fmax(largest, fabs(weight[i]));
    return (double)largest;
}

static bool are_whole(const real *weight, int64_t n, double step)
{
    for (int64_t i = 0; i < n; i++) {
        double steps = (double)weight[i] / step;
        if (!(fabs(steps - rint(steps)) <= OFF))
            return false;
    }
    return true;
}

double conv_integer_finest(const real *weight, int64_t n)
{
    double largest = largest_of(weight, n);
    return largest > 0 ? largest / CONV_INTEGER_STEPS : 1;
}

double conv_integer_step(const real *weight, int64_t n)
{
    double largest = largest_of(weight, n);
    if (largest == 0)
        return 1;
    for (int steps = CONV_INTEGER_STEPS; steps > 0; steps--)
        if (are_whole(weight, n, largest / steps))
            return largest / steps;
    return 0;
}

bool conv_integer_fits(const real *weight, const Shape *shape)
{
    int64_t k = patch(shape);
    for (int64_t j = 0; j < shape->o; j++)
        if (conv_integer_step(weight + j * k, k) == 0)
            return false;
    return k <= INTEGER_DEEPEST;
}

bool conv_is_integer(const Node *node, const Kernels *kernels)
{
    return node->step > 0 && kernels_integer(kernels);
}

/* The image in whole numbers, then patches. */
size_t conv_integer_scratch(const Shape *shape)
{
    size_t width = integer_width();
    size_t image = aligned((size_t)shape->h * (size_t)shape->w * (size_t)shape->c * width);
    size_t tile = (size_t)(tile_rows(shape) * integer_stride(patch(shape))) * width;
    return (image + aligned(tile)) / sizeof(real);
}

/* The packed weights, then the scale of each output. */
static size_t scales_at(const Node *node)
{
    Integer product = product_of(node);
    return aligned(integer_packed(&product)) / sizeof(real);
}

size_t conv_integer_filter_size(const Node *node)
{
    return scales_at(node) + aligned((size_t)node->shape.o * sizeof(real)) / sizeof(real);
}

/* Sums are of products of both steps; until the weights are packed the scale is that of the weights
 * alone. */
void conv_integer_filter(real *filter, const real *weight, const Node *node)
{
    Integer product = product_of(node);
    real *scale = filter + scales_at(node);
    for (int64_t j = 0; j < product.n; j++)
        scale[j] = (real)conv_integer_step(weight + j * product.k, product.k);
    integer_pack(filter, weight, scale, &product);
    for (int64_t j = 0; j < product.n; j++)
        scale[j] = (real)((double)scale[j] * node->step);
}

/* Rows of patches of an image of whole numbers, as im2col() lays them out, each a stride long */
static void lay_out(char *col, const char *image, const Node *node, int64_t first, int64_t rows)
{
    const Shape *s = &node->shape;
    size_t width = integer_width(), pixel = (size_t)s->c * width;
    size_t across = (size_t)s->kernel * pixel;
    size_t stride = (size_t)integer_stride(patch(s)) * width;
    for (int64_t r = first; r < first + rows; r++, col += stride) {
        Taps y = taps_at((int)(r / s->ow), s->h, s->kernel, s->stride, s->pad);
        Taps x = taps_at((int)(r % s->ow), s->w, s->kernel, s->stride, s->pad);
        size_t middle = (size_t)(x.end - x.first) * pixel;
        if (middle < across || y.end - y.first < s->kernel || stride > across * (size_t)s->kernel)
            integer_zero(col, stride / width, node->low);
        for (int ky = y.first; ky < y.end && middle > 0; ky++)
            memcpy(col + (size_t)ky * across + (size_t)x.first * pixel,
                   image + ((size_t)(y.origin + ky) * s->w + (size_t)(x.origin + x.first)) * pixel,
                   middle);
    }
}

void conv_integer_forward(real *y, const real *x, const real *filter, int n, const Node *node,
                          real *scratch)
{
    const Shape *s = &node->shape;
    Integer product = product_of(node);
    size_t numbers = (size_t)s->h * (size_t)s->w * (size_t)s->c;
    char *image = (char *)scratch, *col = image + aligned(numbers * integer_width());
    int64_t total = (int64_t)s->oh * s->ow, tile = tile_rows(s);
    for (int i = 0; i < n; i++, x += numbers) {
        integer_round(image, x, numbers, (real)node->step, node->low, node->high);
        for (int64_t first = 0; first < total; first += tile) {
            int64_t rows = total - first < tile ? total - first : tile;
            lay_out(col, image, node, first, rows);
            integer_run(y, col, filter, filter + scales_at(node), rows, &product);
            y += rows * s->o;
        }
    }
}

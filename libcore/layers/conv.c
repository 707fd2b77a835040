#include "layers/conv_internal.h"

#include <string.h>

#include "base/bfloat_internal.h"
#include "layers/conv_integer_internal.h"
#include "layers/fit_internal.h"
#include "layers/im2col_internal.h"
#include "layers/winograd_bfloat_internal.h"
#include "layers/winograd_internal.h"

/* A tile of patches takes about this many numbers (512 KiB of floats) and has at least so many
 * rows that packing the weights, which OpenBLAS does for each product, is worth it. */
enum { TILE_REALS = 128 * 1024, TILE_ROWS_MIN = 192 };

/* Transformed weights are four times as many: an image must have so many pixels that fetching them
 * pays. With 14x14 and 256 channels Winograd takes half the time of patches for a single image;
 * with 7x7 and 512 channels as long, but half of it for four, and longer for the gradient of the
 * weights. */
enum { WINOGRAD_PIXELS_MIN = 7 * 7, WINOGRAD_WEIGHT_PIXELS_MIN = 14 * 14 };

static bool is_matrix(const Shape *shape)
{
    return shape->kernel == 1 && shape->stride == 1 && shape->pad == 0;
}

static bool is_winograd(const Shape *shape)
{
    return winograd_fits(shape) && shape->oh * shape->ow >= WINOGRAD_PIXELS_MIN;
}

/* With fewer weights F(2x2, 3x3) in bfloat16 is slower than F(4x4, 3x3) in float: transforms take
 * the time. With 128 channels and 128 outputs they are about even, with 256 and 256 the one takes
 * two thirds of the other's time. */
enum { BFLOAT_WINOGRAD_MIN = 128 * 256 };

static bool is_bfloat_winograd(const Shape *shape, Kernels *kernels)
{
    return kernels_bfloat(kernels) && is_winograd(shape) &&
           shape->c * shape->o >= BFLOAT_WINOGRAD_MIN;
}

static int patch(const Shape *shape)
{
    return shape->kernel * shape->kernel * shape->c;
}

static int64_t tile_rows(const Shape *shape)
{
    int64_t rows = TILE_REALS / patch(shape);
    return rows < TILE_ROWS_MIN ? TILE_ROWS_MIN : rows;
}

static int64_t row_count(int n, const Shape *shape)
{
    return (int64_t)n * shape->oh * shape->ow;
}

static int64_t rows_left(int64_t first, int64_t total, int64_t tile)
{
    return total - first < tile ? total - first : tile;
}

/* The products with packed weights: rows are those of an image, which is as good as any number. */
static Product packed_product(const Shape *shape, Kernels *kernels, bool backward)
{
    int64_t rows = (int64_t)shape->oh * shape->ow;
    Product p = backward ? product_input(rows, shape->o, patch(shape))
                         : product_forward(rows, shape->o, patch(shape));
    p.add = p.add && is_matrix(shape); /* patches are written */
    p.bfloat = kernels_bfloat(kernels);
    return p;
}

size_t conv_filter_size(const Shape *shape, Kernels *kernels, bool backward)
{
    if (is_winograd(shape))
        return is_bfloat_winograd(shape, kernels) ? winograd_bfloat_filter_size(shape, backward)
                                                  : winograd_filter_size(shape);
    Product product = packed_product(shape, kernels, backward);
    return product_packed(kernels, &product);
}

int conv_filter_shares(const Shape *shape, Kernels *kernels, bool backward)
{
    if (!is_winograd(shape))
        return 1;
    return is_bfloat_winograd(shape, kernels) ? winograd_bfloat_shares(shape, backward)
                                              : winograd_filter_shares(shape, backward);
}

void conv_filter(real *filter, const real *weight, const Shape *shape, Kernels *kernels,
                 bool backward, int share)
{
    Product product = packed_product(shape, kernels, backward);
    if (!is_winograd(shape))
        product_pack(filter, weight, &product);
    else if (is_bfloat_winograd(shape, kernels))
        winograd_bfloat_filter(filter, weight, shape, backward, share);
    else
        winograd_filter(filter, weight, shape, backward, share);
}

/* Patches, and behind them what is rounded of the outputs. */
static Bfloat *rounded_outputs(const Conv *conv)
{
    return (Bfloat *)(conv->col + tile_rows(conv->shape) * patch(conv->shape));
}

size_t conv_scratch(const Shape *shape, Kernels *kernels)
{
    size_t rows = (size_t)tile_rows(shape), tile = is_matrix(shape) ? 0 : rows * patch(shape);
    size_t tiles = is_winograd(shape) ? winograd_scratch(shape) : 0;
    if (kernels_bfloat(kernels)) {
        tile = rows * ((size_t)patch(shape) + shape->o);
        size_t bfloat = is_bfloat_winograd(shape, kernels) ? winograd_bfloat_scratch(shape) : 0;
        tiles = bfloat > tiles ? bfloat : tiles; /* the gradient of the weights is in float */
    }
    return tile > tiles ? tile : tiles;
}

static bool in_bfloat(const Conv *conv)
{
    return conv->packed && kernels_bfloat(conv->kernels);
}

/* y[rows,o] = x[rows,k] . weight[o,k]^T */
static void multiply(real *y, const void *x, int64_t rows, const Conv *conv)
{
    Product product = product_forward(rows, conv->shape->o, patch(conv->shape));
    product.b_packed = conv->packed;
    product.bfloat = in_bfloat(conv);
    product_run(conv->kernels, y, x, conv->filter, &product);
}

static void patches_forward(real *y, const real *x, int n, const Conv *conv)
{
    const Shape *shape = conv->shape;
    int64_t total = row_count(n, shape), tile = tile_rows(shape);
    for (int64_t first = 0; first < total; first += tile) {
        int64_t rows = rows_left(first, total, tile);
        if (in_bfloat(conv))
            im2col_bfloat((Bfloat *)conv->col, x, shape, first, rows);
        else
            im2col(conv->col, x, shape, first, rows);
        multiply(y + first * shape->o, conv->col, rows, conv);
    }
}

/* The image is the matrix, but for its rounding. */
static void matrix_forward(real *y, const real *x, int64_t total, const Conv *conv)
{
    const Shape *shape = conv->shape;
    int64_t tile = in_bfloat(conv) ? tile_rows(shape) : total;
    for (int64_t first = 0; first < total; first += tile) {
        int64_t rows = rows_left(first, total, tile);
        const void *part = x + first * shape->c;
        if (in_bfloat(conv)) {
            bfloat_round((Bfloat *)conv->col, part, (size_t)(rows * shape->c));
            part = conv->col;
        }
        multiply(y + first * shape->o, part, rows, conv);
    }
}

void conv_forward(real *y, const real *x, int n, const Conv *conv)
{
    if (is_matrix(conv->shape))
        matrix_forward(y, x, row_count(n, conv->shape), conv);
    else if (is_bfloat_winograd(conv->shape, conv->kernels))
        winograd_bfloat_forward(y, x, conv->filter, n, conv->shape, conv->kernels, conv->col);
    else if (is_winograd(conv->shape))
        winograd_forward(y, x, conv->filter, n, conv->shape, conv->col);
    else
        patches_forward(y, x, n, conv);
}

/* dx[rows,k] = or += dy[rows,o] . weight[o,k] */
static void multiply_input(real *dx, const real *dy, int64_t rows, const Conv *conv, bool add)
{
    Product product = product_input(rows, conv->shape->o, patch(conv->shape));
    product.b_packed = conv->packed;
    product.bfloat = in_bfloat(conv);
    product.add = add;
    const void *left = dy;
    if (product.bfloat) {
        bfloat_round(rounded_outputs(conv), dy, (size_t)(rows * conv->shape->o));
        left = rounded_outputs(conv);
    }
    product_run(conv->kernels, dx, left, conv->filter, &product);
}

static void patches_backward_input(real *dx, const real *dy, int n, const Conv *conv)
{
    const Shape *shape = conv->shape;
    int64_t total = row_count(n, shape), tile = tile_rows(shape);
    for (int64_t first = 0; first < total; first += tile) {
        int64_t rows = rows_left(first, total, tile);
        multiply_input(conv->col, dy + first * shape->o, rows, conv, false);
        im2col_backward(dx, conv->col, shape, first, rows);
    }
}

static void matrix_backward_input(real *dx, const real *dy, int64_t total, const Conv *conv,
                                  bool add)
{
    const Shape *shape = conv->shape;
    int64_t tile = in_bfloat(conv) ? tile_rows(shape) : total;
    for (int64_t first = 0; first < total; first += tile)
        multiply_input(dx + first * shape->c, dy + first * shape->o, rows_left(first, total, tile),
                       conv, add);
}

void conv_backward_input(real *dx, const real *dy, int n, const Conv *conv, bool fresh)
{
    const Shape *s = conv->shape;
    if (is_matrix(s)) {
        matrix_backward_input(dx, dy, row_count(n, s), conv, !fresh);
        return;
    }
    if (fresh)
        memset(dx, 0, (size_t)n * s->h * s->w * s->c * sizeof *dx);
    if (is_bfloat_winograd(s, conv->kernels))
        winograd_bfloat_backward_input(dx, dy, conv->filter, n, s, conv->kernels, conv->col);
    else if (is_winograd(s))
        winograd_backward_input(dx, dy, conv->filter, n, s, conv->col);
    else
        patches_backward_input(dx, dy, n, conv);
}

/* dweight[o,k] += dy[rows,o]^T . x[rows,k] */
static void multiply_weight(real *dweight, const real *dy, const real *x, int64_t rows,
                            const Conv *conv)
{
    Product product = product_weight(rows, conv->shape->o, patch(conv->shape));
    product_run(conv->kernels, dweight, dy, x, &product);
}

static bool weight_in_bfloat(int64_t rows, const Conv *conv)
{
    Product product = product_weight(rows, conv->shape->o, patch(conv->shape));
    product.bfloat = true;
    return product_has(conv->kernels, &product);
}

/* The same for any kernel, of a tile: patches and gradients are rounded first. */
static void bfloat_backward_weight(real *dweight, const real *dy, const real *x, int64_t first,
                                   int64_t rows, const Conv *conv)
{
    const Shape *shape = conv->shape;
    Product product = product_weight(rows, shape->o, patch(shape));
    product.bfloat = true;
    if (is_matrix(shape))
        bfloat_round((Bfloat *)conv->col, x + first * shape->c, (size_t)(rows * shape->c));
    else
        im2col_bfloat((Bfloat *)conv->col, x, shape, first, rows);
    bfloat_round(rounded_outputs(conv), dy + first * shape->o, (size_t)(rows * shape->o));
    product_run(conv->kernels, dweight, rounded_outputs(conv), conv->col, &product);
}

static void patches_backward_weight(real *dweight, const real *dy, const real *x, int n,
                                    const Conv *conv)
{
    const Shape *shape = conv->shape;
    int64_t total = row_count(n, shape), tile = tile_rows(shape);
    for (int64_t first = 0; first < total; first += tile) {
        int64_t rows = rows_left(first, total, tile);
        im2col(conv->col, x, shape, first, rows);
        multiply_weight(dweight, dy + first * shape->o, conv->col, rows, conv);
    }
}

/* False, and nothing done, where the kernels have no such product. */
static bool tiles_backward_weight(real *dweight, const real *dy, const real *x, int n,
                                  const Conv *conv)
{
    int64_t total = row_count(n, conv->shape), tile = tile_rows(conv->shape);
    if (!weight_in_bfloat(total < tile ? total : tile, conv) ||
        (total > tile && total % tile > 0 && !weight_in_bfloat(total % tile, conv)))
        return false;
    for (int64_t first = 0; first < total; first += tile)
        bfloat_backward_weight(dweight, dy, x, first, rows_left(first, total, tile), conv);
    return true;
}

void conv_backward_weight(real *dweight, const real *dy, const real *x, int n, const Conv *conv)
{
    const Shape *s = conv->shape;
    if (is_winograd(s) && s->oh * s->ow >= WINOGRAD_WEIGHT_PIXELS_MIN)
        winograd_backward_weight(dweight, dy, x, n, s, conv->col);
    else if (tiles_backward_weight(dweight, dy, x, n, conv))
        return;
    else if (is_matrix(s))
        multiply_weight(dweight, dy, x, row_count(n, s), conv);
    else
        patches_backward_weight(dweight, dy, x, n, conv);
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static const Field fields[] = {FIELD_WORD(FIELD_NAME), FIELDS_SQUARE, {FIELD_END, 0, 0, 0}};

static bool fit(Node *node, const Shape *a, const Shape *b)
{
    (void)b;
    return fit_square(node, a, node->shape.o);
}

static void params(Param param[NODE_PARAMS], const Node *node, Init init)
{
    param[0] = param_square(node, node->shape.c, init);
}

static Conv conv_of(const LayerRun *run)
{
    return (Conv){.shape = &run->node->shape,
                  .kernels = run->kernels,
                  .filter = run->weight,
                  .packed = run->packed,
                  .col = run->scratch};
}

static void forward(const LayerRun *run)
{
    Conv conv = conv_of(run);
    if (conv_is_integer(run->node, run->kernels))
        conv_integer_forward(run->y, run->x[0], run->weight, run->n, run->node, run->scratch);
    else
        conv_forward(run->y, run->x[0], run->n, &conv);
}

static void backward(const LayerRun *run)
{
    Conv conv = conv_of(run);
    conv_backward_weight(run->dvalue[0], run->dy, run->x[0], run->n, &conv);
    if (run->dx[0] != NULL)
        conv_backward_input(run->dx[0], run->dy, run->n, &conv, run->fresh[0]);
}

static size_t scratch(const Node *node, Kernels *kernels)
{
    return conv_is_integer(node, kernels) ? conv_integer_scratch(&node->shape)
                                          : conv_scratch(&node->shape, kernels);
}

static size_t packed(const Node *node, Kernels *kernels, bool backward_pass)
{
    return conv_is_integer(node, kernels) ? conv_integer_filter_size(node)
                                          : conv_filter_size(&node->shape, kernels, backward_pass);
}

static int pack_shares(const Node *node, Kernels *kernels, bool backward_pass)
{
    return conv_is_integer(node, kernels)
               ? 1
               : conv_filter_shares(&node->shape, kernels, backward_pass);
}

static void pack(real *filter, const real *weight, const Node *node, Kernels *kernels,
                 bool backward_pass, int share)
{
    if (conv_is_integer(node, kernels))
        conv_integer_filter(filter, weight, node);
    else
        conv_filter(filter, weight, &node->shape, kernels, backward_pass, share);
}

const Layer layer_conv = {.name = "conv",
                          .inputs = 1,
                          .traits = LAYER_WEIGHTED | LAYER_ROUNDS | LAYER_BEGINS,
                          .fields = fields,
                          .fit = fit,
                          .params = params,
                          .forward = forward,
                          .backward = backward,
                          .scratch = scratch,
                          .packed = packed,
                          .pack_shares = pack_shares,
                          .pack = pack};

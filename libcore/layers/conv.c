#include "layers/conv_internal.h"

#include "layers/fit_internal.h"
#include "layers/im2col_internal.h"
#include "layers/winograd_internal.h"

/* A tile of patches takes about this many numbers (512 KiB of floats) and has at least so many
 * rows that packing the weights, which the BLAS does for each product, is worth it. */
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

size_t conv_filter_size(const Shape *shape)
{
    return is_winograd(shape) ? winograd_filter_size(shape) : 0;
}

int conv_filter_shares(const Shape *shape, bool backward)
{
    return winograd_filter_shares(shape, backward);
}

void conv_filter(real *filter, const real *weight, const Shape *shape, bool backward, int share)
{
    winograd_filter(filter, weight, shape, backward, share);
}

size_t conv_scratch(const Shape *shape)
{
    size_t tile = is_matrix(shape) ? 0 : (size_t)(tile_rows(shape) * patch(shape));
    size_t tiles = is_winograd(shape) ? winograd_scratch(shape) : 0;
    return tile > tiles ? tile : tiles;
}

/* y[rows,o] = x[rows,k] . weight[o,k]^T */
static void multiply(real *y, const real *x, const real *weight, int64_t rows, int o, int k)
{
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, o, k, 1, x, k, weight, k, 0, y,
              o);
}

static void patches_forward(real *y, const real *x, const real *weight, int n, const Shape *shape,
                            real *col)
{
    int k = patch(shape), o = shape->o;
    int64_t total = row_count(n, shape), tile = tile_rows(shape);
    for (int64_t first = 0; first < total; first += tile) {
        int64_t rows = rows_left(first, total, tile);
        im2col(col, x, shape, first, rows);
        multiply(y + first * o, col, weight, rows, o, k);
    }
}

void conv_forward(real *y, const real *x, const real *filter, int n, const Shape *shape, real *col)
{
    if (is_matrix(shape))
        multiply(y, x, filter, row_count(n, shape), shape->o, patch(shape));
    else if (is_winograd(shape))
        winograd_forward(y, x, filter, n, shape, col);
    else
        patches_forward(y, x, filter, n, shape, col);
}

static void patches_backward_input(real *dx, const real *dy, const real *weight, int n,
                                   const Shape *shape, real *col)
{
    int k = patch(shape), o = shape->o;
    int64_t total = row_count(n, shape), tile = tile_rows(shape);
    for (int64_t first = 0; first < total; first += tile) {
        int64_t rows = rows_left(first, total, tile);
        real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, k, o, 1, dy + first * o, o,
                  weight, k, 0, col, k);
        im2col_backward(dx, col, shape, first, rows);
    }
}

void conv_backward_input(real *dx, const real *dy, const real *filter, int n, const Shape *shape,
                         real *col)
{
    int k = patch(shape), o = shape->o;
    if (is_matrix(shape))
        real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)row_count(n, shape), k, o, 1, dy,
                  o, filter, k, 1, dx, k);
    else if (is_winograd(shape))
        winograd_backward_input(dx, dy, filter, n, shape, col);
    else
        patches_backward_input(dx, dy, filter, n, shape, col);
}

/* dweight[o,k] += dy[rows,o]^T . x[rows,k] */
static void multiply_weight(real *dweight, const real *dy, const real *x, int64_t rows, int o,
                            int k)
{
    real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, o, k, (int)rows, 1, dy, o, x, k, 1, dweight,
              k);
}

static void patches_backward_weight(real *dweight, const real *dy, const real *x, int n,
                                    const Shape *shape, real *col)
{
    int k = patch(shape), o = shape->o;
    int64_t total = row_count(n, shape), tile = tile_rows(shape);
    for (int64_t first = 0; first < total; first += tile) {
        int64_t rows = rows_left(first, total, tile);
        im2col(col, x, shape, first, rows);
        multiply_weight(dweight, dy + first * o, col, rows, o, k);
    }
}

void conv_backward_weight(real *dweight, const real *dy, const real *x, int n, const Shape *shape,
                          real *col)
{
    if (is_matrix(shape))
        multiply_weight(dweight, dy, x, row_count(n, shape), shape->o, patch(shape));
    else if (is_winograd(shape) && shape->oh * shape->ow >= WINOGRAD_WEIGHT_PIXELS_MIN)
        winograd_backward_weight(dweight, dy, x, n, shape, col);
    else
        patches_backward_weight(dweight, dy, x, n, shape, col);
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

static void forward(const LayerRun *run)
{
    conv_forward(run->y, run->x[0], run->weight, run->n, &run->node->shape, run->scratch);
}

static void backward(const LayerRun *run)
{
    const Shape *s = &run->node->shape;
    conv_backward_weight(run->dvalue[0], run->dy, run->x[0], run->n, s, run->scratch);
    if (run->dx[0] != NULL)
        conv_backward_input(run->dx[0], run->dy, run->weight, run->n, s, run->scratch);
}

static size_t scratch(const Node *node)
{
    return conv_scratch(&node->shape);
}

static size_t packed(const Node *node)
{
    return conv_filter_size(&node->shape);
}

static int pack_shares(const Node *node, bool backward_pass)
{
    return conv_filter_shares(&node->shape, backward_pass);
}

static void pack(real *filter, const real *weight, const Node *node, bool backward_pass, int share)
{
    conv_filter(filter, weight, &node->shape, backward_pass, share);
}

const Layer layer_conv = {.name = "conv",
                          .inputs = 1,
                          .traits = LAYER_WEIGHTED | LAYER_ROUNDS,
                          .fields = fields,
                          .fit = fit,
                          .params = params,
                          .forward = forward,
                          .backward = backward,
                          .scratch = scratch,
                          .packed = packed,
                          .pack_shares = pack_shares,
                          .pack = pack};

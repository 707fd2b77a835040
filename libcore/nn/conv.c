#include "nn/conv.h"

#include <stdbool.h>

#include "nn/im2col.h"

/* A tile of patches takes about this many numbers (512 KiB of floats) and has at least so many
 * rows that packing the weights, which the BLAS does for each product, is worth it. */
enum { TILE_REALS = 128 * 1024, TILE_ROWS_MIN = 192 };

static bool is_matrix(const Shape *shape)
{
    return shape->kernel == 1 && shape->stride == 1 && shape->pad == 0;
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

size_t conv_scratch(const Shape *shape)
{
    return is_matrix(shape) ? 0 : (size_t)(tile_rows(shape) * patch(shape));
}

/* y[rows,o] = x[rows,k] . weight[o,k]^T */
static void multiply(real *y, const real *x, const real *weight, int64_t rows, int o, int k)
{
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)rows, o, k, 1, x, k, weight, k, 0, y,
              o);
}

void conv_forward(real *y, const real *x, const real *weight, int n, const Shape *shape, real *col)
{
    int k = patch(shape), o = shape->o;
    int64_t total = row_count(n, shape), tile = tile_rows(shape);
    if (is_matrix(shape)) {
        multiply(y, x, weight, total, o, k);
        return;
    }
    for (int64_t first = 0; first < total; first += tile) {
        int64_t rows = rows_left(first, total, tile);
        im2col(col, x, shape, first, rows);
        multiply(y + first * o, col, weight, rows, o, k);
    }
}

void conv_backward_input(real *dx, const real *dy, const real *weight, int n, const Shape *shape,
                         real *col)
{
    int k = patch(shape), o = shape->o;
    int64_t total = row_count(n, shape), tile = tile_rows(shape);
    if (is_matrix(shape)) {
        real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)total, k, o, 1, dy, o, weight, k,
                  1, dx, k);
        return;
    }
    for (int64_t first = 0; first < total; first += tile) {
        int64_t rows = rows_left(first, total, tile);
        real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)rows, k, o, 1, dy + first * o, o,
                  weight, k, 0, col, k);
        im2col_backward(dx, col, shape, first, rows);
    }
}

/* dweight[o,k] += dy[rows,o]^T . x[rows,k] */
static void multiply_weight(real *dweight, const real *dy, const real *x, int64_t rows, int o,
                            int k)
{
    real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, o, k, (int)rows, 1, dy, o, x, k, 1, dweight,
              k);
}

void conv_backward_weight(real *dweight, const real *dy, const real *x, int n, const Shape *shape,
                          real *col)
{
    int k = patch(shape), o = shape->o;
    int64_t total = row_count(n, shape), tile = tile_rows(shape);
    if (is_matrix(shape)) {
        multiply_weight(dweight, dy, x, total, o, k);
        return;
    }
    for (int64_t first = 0; first < total; first += tile) {
        int64_t rows = rows_left(first, total, tile);
        im2col(col, x, shape, first, rows);
        multiply_weight(dweight, dy + first * o, col, rows, o, k);
    }
}

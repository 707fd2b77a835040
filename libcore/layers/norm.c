#include "layers/norm_internal.h"

#include <stdbool.h>
#include <string.h>

#include "layers/fit_internal.h"
#include "layers/prelu_internal.h"

/* Sums of `real` run over this many rows, in blocks of channels that stay in registers or at
 * least in the first cache, and then go into the doubles. */
enum { ROWS = 64, BLOCK = 32 };

INLINE void join(double *mean, double *m2, int64_t have, double other_mean, double other_m2,
                 int64_t rows)
{
    double share = (double)rows / (double)(have + rows), delta = other_mean - *mean;
    *mean += delta * share;
    *m2 += other_m2 + delta * delta * (double)have * share;
}

INLINE void moments_block(double *mean, double *m2, int64_t have, const real *x, int rows, int c,
                          int width)
{
    real sum[BLOCK] = {0}, square[BLOCK] = {0}, about[BLOCK];
    memcpy(about, x, (size_t)width * sizeof *x);
    for (int r = 1; r < rows; r++) {
        const real *xr = x + (size_t)r * c;
#pragma omp simd
        for (int j = 0; j < width; j++) {
            real d = xr[j] - about[j];
            sum[j] += d;
            square[j] += d * d;
        }
    }
    for (int j = 0; j < width; j++) {
        double s = sum[j], m = s / rows;
        if (have == 0)
            mean[j] = m2[j] = 0;
        join(&mean[j], &m2[j], have, about[j] + m, square[j] - s * m, rows);
    }
}

CLONES void norm_moments(double *mean, double *m2, int64_t have, const real *x, int64_t rows, int c)
{
    for (int64_t first = 0; first < rows; first += ROWS) {
        int some = rows - first < ROWS ? (int)(rows - first) : ROWS;
        const real *xr = x + first * c;
        int j = 0;
        for (; j + BLOCK <= c; j += BLOCK)
            moments_block(mean + j, m2 + j, have + first, xr + j, some, c, BLOCK);
        if (j < c)
            moments_block(mean + j, m2 + j, have + first, xr + j, some, c, c - j);
    }
}

void norm_moments_join(double *mean, double *m2, int64_t have, const double *other_mean,
                       const double *other_m2, int64_t rows, int c)
{
    for (int j = 0; j < c; j++) {
        if (have == 0)
            mean[j] = m2[j] = 0;
        join(&mean[j], &m2[j], have, other_mean[j], other_m2[j], rows);
    }
}

void norm_coefficients(real *scale, real *shift, const double *mean, const double *var,
                       const real *gamma, const real *beta, double eps, int c)
{
    for (int j = 0; j < c; j++) {
        double a = gamma[j] / sqrt(var[j] + eps);
        scale[j] = (real)a;
        shift[j] = (real)(beta[j] - mean[j] * a);
    }
}

void norm_running(real *running_mean, real *running_var, const double *mean, const double *m2,
                  int64_t rows, double momentum, int c)
{
    double unbias = rows > 1 ? 1.0 / (double)(rows - 1) : 0;
    for (int j = 0; j < c; j++) {
        running_mean[j] = (real)((1 - momentum) * running_mean[j] + momentum * mean[j]);
        running_var[j] = (real)((1 - momentum) * running_var[j] + momentum * m2[j] * unbias);
    }
}

CLONES void norm_forward(real *y, const real *x, const real *scale, const real *shift,
                         const real *slope, int64_t rows, int c)
{
    for (int64_t r = 0; r < rows; r++, y += c, x += c) {
        if (slope != NULL) {
#pragma omp simd
            for (int j = 0; j < c; j++) {
                real z = scale[j] * x[j] + shift[j];
                y[j] = z > 0 ? z : slope[j] * z;
            }
        } else {
#pragma omp simd
            for (int j = 0; j < c; j++)
                y[j] = scale[j] * x[j] + shift[j];
        }
    }
}

/* The per-channel arrays of the backward pass, moved along together. */
typedef struct Channel {
    const real *scale, *shift, *slope, *center;
} Channel;

INLINE void sums_block(double *sums, const real *dy, const real *x, Channel p, int rows, int c,
                       int width, bool prelu)
{
    real s0[BLOCK] = {0}, s1[BLOCK] = {0}, s2[BLOCK] = {0};
    for (int r = 0; r < rows; r++) {
        const real *xr = x + (size_t)r * c, *dyr = dy + (size_t)r * c;
#pragma omp simd
        for (int j = 0; j < width; j++) {
            real g = dyr[j];
            if (prelu) {
                real z = p.scale[j] * xr[j] + p.shift[j];
                s2[j] += z > 0 ? 0 : g * z;
                g = z > 0 ? g : p.slope[j] * g;
            }
            s0[j] += g;
            s1[j] += g * (xr[j] - p.center[j]);
        }
    }
    for (int j = 0; j < width; j++) {
        sums[j] += s0[j];
        sums[c + j] += s1[j];
        if (prelu)
            sums[2 * c + j] += s2[j];
    }
}

INLINE void sums_rows(double *sums, const real *dy, const real *x, Channel p, int64_t rows, int c,
                      bool prelu)
{
    for (int64_t first = 0; first < rows; first += ROWS) {
        int some = rows - first < ROWS ? (int)(rows - first) : ROWS;
        for (int j = 0; j < c; j += BLOCK) {
            Channel at = {p.scale + j, p.shift + j, prelu ? p.slope + j : NULL, p.center + j};
            const real *dyr = dy + first * c + j, *xr = x + first * c + j;
            if (j + BLOCK <= c)
                sums_block(sums + j, dyr, xr, at, some, c, BLOCK, prelu);
            else
                sums_block(sums + j, dyr, xr, at, some, c, c - j, prelu);
        }
    }
}

CLONES void norm_sums(double *sums, const real *dy, const real *x, const real *scale,
                      const real *shift, const real *slope, const real *center, int64_t rows, int c)
{
    Channel p = {scale, shift, slope, center};
    if (slope != NULL)
        sums_rows(sums, dy, x, p, rows, c, true);
    else
        sums_rows(sums, dy, x, p, rows, c, false);
}

void norm_backward_coefficients(real *dgamma, real *dbeta, real *dslope, real *pull, real *push,
                                const double *sums, const double *var, const real *scale,
                                double eps, int64_t rows, int c)
{
    for (int j = 0; j < c; j++) {
        double rstd = 1 / sqrt(var[j] + eps), of_xhat = sums[c + j] * rstd;
        dgamma[j] += (real)of_xhat;
        dbeta[j] += (real)sums[j];
        if (dslope != NULL)
            dslope[j] += (real)sums[2 * c + j];
        pull[j] = (real)(-scale[j] * rstd * of_xhat / (double)rows);
        push[j] = (real)(-scale[j] * sums[j] / (double)rows);
    }
}

CLONES void norm_backward(real *dx, const real *dy, const real *x, const real *scale,
                          const real *shift, const real *slope, const real *center,
                          const real *pull, const real *push, int64_t rows, int c)
{
    for (int64_t r = 0; r < rows; r++, dx += c, dy += c, x += c) {
        if (slope != NULL) {
#pragma omp simd
            for (int j = 0; j < c; j++) {
                real z = scale[j] * x[j] + shift[j];
                real g = z > 0 ? dy[j] : slope[j] * dy[j];
                dx[j] += scale[j] * g + pull[j] * (x[j] - center[j]) + push[j];
            }
        } else {
#pragma omp simd
            for (int j = 0; j < c; j++)
                dx[j] += scale[j] * dy[j] + pull[j] * (x[j] - center[j]) + push[j];
        }
    }
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static const Field fields[] = {
    FIELD_WORD(FIELD_NAME), FIELD_WORD(FIELD_SLOPE), {FIELD_END, 0, 0, 0}};

static void params(Param param[NODE_PARAMS], const Node *node, Init init)
{
    const Init zero = {INIT_CONSTANT, 0}, one = {INIT_CONSTANT, 1};
    int c = node->shape.o;
    (void)init;
    param[NORM_GAMMA] = param_vector("weight", PARAM_NORM, c, one);
    param[NORM_BETA] = param_vector("bias", PARAM_NORM, c, zero);
    param[NORM_MEAN] = param_vector("running_mean", PARAM_STATE, c, zero);
    param[NORM_VAR] = param_vector("running_var", PARAM_STATE, c, one);
    param[NORM_COUNT] = (Param){.leaf = "num_batches_tracked", .role = PARAM_COUNT};
    param[NORM_SLOPE] = param_vector("weight", PARAM_SLOPE, c, PRELU_START);
}

void forward_scaled(const LayerRun *run)
{
    norm_forward(run->y, run->x[0], run->scale, run->shift, run->value[NORM_SLOPE],
                 node_rows(run->node, run->n), run->node->shape.o);
}

static void backward(const LayerRun *run)
{
    if (run->dx[0] != NULL)
        norm_backward(run->dx[0], run->dy, run->x[0], run->scale, run->shift,
                      run->value[NORM_SLOPE], run->center, run->pull, run->push,
                      node_rows(run->node, run->n), run->node->shape.o);
}

const Layer layer_norm = {.name = "norm",
                          .inputs = 1,
                          .traits = LAYER_CHEAP | LAYER_IN_PLACE | LAYER_SCALES | LAYER_NORMALISES,
                          .fields = fields,
                          .fit = fit_as_input,
                          .params = params,
                          .forward = forward_scaled,
                          .backward = backward};

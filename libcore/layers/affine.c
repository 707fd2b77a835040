#include "layers/affine_internal.h"

#include "layers/fit_internal.h"
#include "layers/norm_internal.h"
#include "layers/prelu_internal.h"

void affine_coefficients(real *scale, real *shift, const real *gamma, const real *beta, int c)
{
    for (int j = 0; j < c; j++) {
        scale[j] = gamma != NULL ? gamma[j] : 1;
        shift[j] = beta != NULL ? beta[j] : 0;
    }
}

/* A row of the gradient as it was before the PReLU. */
typedef struct Row {
    const real *dy, *x, *scale, *shift, *slope;
    int c;
} Row;

INLINE real before(const Row *row, int j)
{
    real z = row->scale[j] * row->x[j] + row->shift[j];
    return z > 0 ? row->dy[j] : row->slope[j] * row->dy[j];
}

INLINE void add_input(real *restrict dx, const Row *row)
{
#pragma omp simd
    for (int j = 0; j < row->c; j++)
        dx[j] += row->scale[j] * (row->slope != NULL ? before(row, j) : row->dy[j]);
}

INLINE void add_gamma(real *restrict dgamma, const Row *row)
{
#pragma omp simd
    for (int j = 0; j < row->c; j++)
        dgamma[j] += row->x[j] * (row->slope != NULL ? before(row, j) : row->dy[j]);
}

INLINE void add_beta(real *restrict dbeta, const Row *row)
{
#pragma omp simd
    for (int j = 0; j < row->c; j++)
        dbeta[j] += row->slope != NULL ? before(row, j) : row->dy[j];
}

INLINE void add_slope(real *restrict dslope, const Row *row)
{
#pragma omp simd
    for (int j = 0; j < row->c; j++) {
        real z = row->scale[j] * row->x[j] + row->shift[j];
        dslope[j] += z > 0 ? 0 : row->dy[j] * z;
    }
}

CLONES void affine_backward(real *dx, real *dgamma, real *dbeta, real *dslope, const real *dy,
                            const real *x, const real *scale, const real *shift, const real *slope,
                            int64_t rows, int c)
{
    for (int64_t r = 0; r < rows; r++) {
        Row row = {dy + r * c, x + r * c, scale, shift, slope, c};
        if (dx != NULL)
            add_input(dx + r * c, &row);
        if (dgamma != NULL)
            add_gamma(dgamma, &row);
        if (dbeta != NULL)
            add_beta(dbeta, &row);
        if (dslope != NULL)
            add_slope(dslope, &row);
    }
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static const Field fields[] = {FIELD_WORD(FIELD_NAME),
                               FIELD_OF(FIELD_FLAG, scale),
                               FIELD_OF(FIELD_FLAG, shift),
                               FIELD_WORD(FIELD_SLOPE),
                               {FIELD_END, 0, 0, 0}};

static void params(Param param[NODE_PARAMS], const Node *node, Init init)
{
    int c = node->shape.o;
    (void)init;
    if (node->scale)
        param[NORM_GAMMA] = param_vector("weight", PARAM_NORM, c, (Init){INIT_CONSTANT, 1});
    if (node->shift)
        param[NORM_BETA] = param_vector("bias", PARAM_NORM, c, (Init){INIT_CONSTANT, 0});
    param[NORM_SLOPE] = param_vector("weight", PARAM_SLOPE, c, PRELU_START);
}

static void backward(const LayerRun *run)
{
    affine_backward(run->dx[0], run->dvalue[NORM_GAMMA], run->dvalue[NORM_BETA],
                    run->dvalue[NORM_SLOPE], run->dy, run->x[0], run->scale, run->shift,
                    run->value[NORM_SLOPE], node_rows(run->node, run->n), run->node->shape.o);
}

const Layer layer_affine = {.name = "affine",
                            .inputs = 1,
                            .traits = LAYER_CHEAP | LAYER_IN_PLACE | LAYER_SCALES,
                            .fields = fields,
                            .fit = fit_as_input,
                            .params = params,
                            .forward = forward_scaled,
                            .backward = backward};

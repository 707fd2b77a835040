#include "layers/linear_internal.h"

#include "layers/layer_internal.h"

void linear_forward(real *y, const real *x, const real *weight, const real *bias, int n, int o,
                    int k, int first, int count)
{
    for (int i = 0; i < n; i++)
        for (int j = first; j < first + count; j++)
            y[(size_t)i * o + j] = bias != NULL ? bias[j] : 0;
    real_gemm(CblasRowMajor, CblasNoTrans, CblasTrans, n, count, k, 1, x, k,
              weight + (size_t)first * k, k, 1, y + first, o);
}

INLINE real dot(const real *a, const real *b, int n)
{
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (int i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

CLONES void linear_forward_each(real *y, const real *x, const real *weight, const real *bias, int n,
                                int o, int k, int first, int count)
{
    for (int j = first; j < first + count; j++)
        for (int i = 0; i < n; i++) {
            real sum = dot(x + (size_t)i * k, weight + (size_t)j * k, k);
            y[(size_t)i * o + j] = bias != NULL ? sum + bias[j] : sum;
        }
}

void linear_backward_input(real *dx, const real *dy, const real *weight, int n, int o, int k,
                           int first, int count)
{
    real_gemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, n, count, o, 1, dy, o, weight + first, k,
              1, dx + first, k);
}

void linear_backward_weight(real *dweight, real *dbias, const real *dy, const real *x, int n, int o,
                            int k, int first, int count)
{
    real_gemm(CblasRowMajor, CblasTrans, CblasNoTrans, count, k, n, 1, dy + first, o, x, k, 1,
              dweight + (size_t)first * k, k);
    if (dbias == NULL)
        return;
    for (int i = 0; i < n; i++)
        for (int j = first; j < first + count; j++)
            dbias[j] += dy[(size_t)i * o + j];
}

/* As a layer of a graph ------------------------------------------------------------------------ */

static const Field fields[] = {
    FIELD_WORD(FIELD_NAME), FIELD_SIDE(shape.o), FIELD_OF(FIELD_FLAG, shift), {FIELD_END, 0, 0, 0}};

static bool fit(Node *node, const Shape *a, const Shape *b)
{
    (void)b;
    node->shape = (Shape){.h = a->oh, .w = a->ow, .c = a->o, .oh = 1, .ow = 1, .o = node->shape.o};
    return true;
}

static void params(Param param[NODE_PARAMS], const Node *node, Init init)
{
    const Shape *s = &node->shape;
    int64_t taps = (int64_t)s->h * s->w;
    param[0] = (Param){.leaf = "weight",
                       .role = PARAM_WEIGHT,
                       .rank = 2,
                       .shape = {s->o, taps * s->c},
                       .init = init,
                       .channels = s->c,
                       .taps = taps};
    if (node->shift)
        param[1] = param_vector("bias", PARAM_BIAS, s->o, init);
}

/* Its tasks are those of nn/trainer_linear.c and nn/infer.c. */
const Layer layer_linear = {.name = "linear",
                            .inputs = 1,
                            .traits = LAYER_WEIGHTED | LAYER_WHOLE,
                            .fields = fields,
                            .fit = fit,
                            .params = params};

#include "layers/linear_internal.h"

#include "base/bfloat_internal.h"
#include "layers/layer_internal.h"
#include "product/product_internal.h"

void linear_forward(real *y, const real *x, const real *weight, const real *bias, int n, int o,
                    int k, int first, int count, Kernels *kernels)
{
    Product product = product_forward(n, count, k);
    product.ldc = o;
    product.add = true;
    for (int i = 0; i < n; i++)
        for (int j = first; j < first + count; j++)
            y[(size_t)i * o + j] = bias != NULL ? bias[j] : 0;
    product_run(kernels, y + first, x, weight + (size_t)first * k, &product);
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

/* With packed weights, a block of outputs for ROWS images at a time. */
enum { ROWS = 64 };

static Product packed_product(const Shape *s, int rows, Kernels *kernels)
{
    Product product = product_forward(rows, LINEAR_BLOCK, linear_inputs(s));
    product.b_packed = true;
    product.bfloat = kernels_bfloat(kernels);
    return product;
}

/* All blocks have their own packed weights, and all are full: no others are packed. */
size_t linear_filter_size(const Shape *s, Kernels *kernels)
{
    Product product = packed_product(s, ROWS, kernels);
    size_t block = s->o % LINEAR_BLOCK == 0 ? product_packed(kernels, &product) : 0;
    return block * (size_t)(s->o / LINEAR_BLOCK);
}

static size_t block_at(const Product *product, int block)
{
    return (size_t)block * product_panels(product);
}

size_t linear_scratch(const Shape *s, Kernels *kernels)
{
    return kernels_bfloat(kernels) ? (size_t)ROWS * linear_inputs(s) : 0;
}

void linear_filter(real *filter, const real *weight, const Shape *s, Kernels *kernels, int block)
{
    Product product = packed_product(s, ROWS, kernels);
    product_pack(filter + block_at(&product, block),
                 weight + (size_t)block * LINEAR_BLOCK * linear_inputs(s), &product);
}

void linear_forward_packed(real *y, const real *x, const real *filter, const real *bias, int n,
                           const Shape *s, int block, Kernels *kernels, real *scratch)
{
    int first = block * LINEAR_BLOCK;
    for (int i = 0; i < n; i += ROWS) {
        real sum[ROWS * LINEAR_BLOCK];
        int rows = n - i < ROWS ? n - i : ROWS;
        Product product = packed_product(s, rows, kernels);
        const void *part = x + (size_t)i * linear_inputs(s);
        if (product.bfloat) {
            bfloat_round((Bfloat *)scratch, part, (size_t)rows * linear_inputs(s));
            part = scratch;
        }
        product_run(kernels, sum, part, filter + block_at(&product, block), &product);
        for (int r = 0; r < rows; r++)
            for (int j = 0; j < LINEAR_BLOCK; j++)
                y[(size_t)(i + r) * s->o + first + j] =
                    sum[r * LINEAR_BLOCK + j] + (bias != NULL ? bias[first + j] : 0);
    }
}

void linear_backward_input(real *dx, const real *dy, const real *weight, int n, int o, int k,
                           int first, int count, Kernels *kernels)
{
    Product product = product_input(n, o, count);
    product.ldb = product.ldc = k;
    product_run(kernels, dx + first, dy, weight + first, &product);
}

void linear_backward_weight(real *dweight, real *dbias, const real *dy, const real *x, int n, int o,
                            int k, int first, int count, Kernels *kernels)
{
    Product product = product_weight(n, count, k);
    product.lda = o;
    product_run(kernels, dweight + (size_t)first * k, dy + first, x, &product);
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

static size_t packed(const Node *node, Kernels *kernels, bool backward)
{
    return backward ? 0 : linear_filter_size(&node->shape, kernels);
}

static size_t scratch_size(const Node *node, Kernels *kernels)
{
    return linear_scratch(&node->shape, kernels);
}

static int pack_shares(const Node *node, Kernels *kernels, bool backward)
{
    (void)kernels;
    (void)backward;
    return node->shape.o / LINEAR_BLOCK;
}

static void pack(real *filter, const real *weight, const Node *node, Kernels *kernels,
                 bool backward, int share)
{
    (void)backward;
    linear_filter(filter, weight, &node->shape, kernels, share);
}

/* Its tasks are those of nn/trainer_linear.c and nn/infer.c. */
const Layer layer_linear = {.name = "linear",
                            .inputs = 1,
                            .traits = LAYER_WEIGHTED | LAYER_WHOLE,
                            .fields = fields,
                            .fit = fit,
                            .params = params,
                            .scratch = scratch_size,
                            .packed = packed,
                            .pack_shares = pack_shares,
                            .pack = pack};

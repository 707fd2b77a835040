/* Operators that treat every number alike, or every channel. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onnx/importer.h"

/* With a constant: scale and shift. */
static int with_constant(Importer *im, Value *value, const Constant *number, bool constant_first)
{
    char operation = im->node->op_type[0];
    int c = channels_of(im, value);
    if (operation == 'D' && constant_first)
        return importer_fail(im, "a constant divided by a value is not supported");
    double *k = channel_numbers(im, value, number), *scale = malloc((size_t)c * sizeof *scale);
    for (int j = 0; k != NULL && scale != NULL && j < c; j++) {
        scale[j] = operation == 'M'                     ? k[j]
                   : operation == 'D'                   ? 1 / k[j]
                   : operation == 'S' && constant_first ? -1
                                                        : 1;
        k[j] = operation == 'A' || (operation == 'S' && constant_first) ? k[j]
               : operation == 'S'                                       ? -k[j]
                                                                        : 0;
    }
    int rc = k != NULL && scale != NULL ? put_affine(im, value, scale, k) : -1;
    free(scale);
    free(k);
    return rc;
}

static bool alike(const Importer *im, const Value *a, const Value *b)
{
    const Shape *s = shape_at(im, a->node), *t = shape_at(im, b->node);
    return a->rank == b->rank && memcmp(a->dims, b->dims, (size_t)a->rank * sizeof *a->dims) == 0 &&
           s->oh == t->oh && s->ow == t->ow && s->o == t->o &&
           (a->last == b->last || is_orderless(im, a));
}

/* Is b one number for each channel of a? */
static bool gates(const Importer *im, const Value *a, const Value *b)
{
    const Shape *t = shape_at(im, b->node);
    return is_image(im, a) && b->rank == 4 && is_image(im, b) && t->oh == 1 && t->ow == 1 &&
           t->o == channels_of(im, a);
}

static int negated(Importer *im, int node)
{
    char name[NAME_ROOM];
    int c = im->graph->nodes[node].shape.o;
    float *minus = malloc((size_t)c * sizeof *minus);
    for (int j = 0; minus != NULL && j < c; j++)
        minus[j] = -1;
    module_name(im, name, -1);
    node = graph_affine(im->graph, node, name, true, false, NULL);
    int param = im->graph->nodes[node].param[NORM_GAMMA];
    if (minus == NULL || fill(im, param, minus, minus) != 0)
        return err_memory(im->err, "a network", (size_t)c * sizeof *minus);
    im->graph->params[param].trainable = false;
    return node;
}

static int of_two(Importer *im, Value *a, Value *b)
{
    char operation = im->node->op_type[0];
    bool gate = operation == 'M' && !alike(im, a, b);
    if (gate && gates(im, b, a)) {
        Value *kept = a;
        a = b;
        b = kept;
    }
    if (operation == 'D' || (gate ? !gates(im, a, b) : !alike(im, a, b)))
        return importer_fail(im, operation == 'D' ? "a value divided by another is not supported"
                                                  : "its inputs do not fit each other");
    int x = settled(im, a), y = x >= 0 ? settled(im, b) : -1;
    if (y >= 0 && operation == 'S')
        y = negated(im, y);
    if (y < 0)
        return -1;
    int node = operation == 'M' ? graph_multiply(im->graph, x, y) : graph_add(im->graph, x, y);
    return put_computed(im, node, a) != NULL ? 0 : -1;
}

int op_arithmetic(Importer *im)
{
    Value *a = input(im, 0), *b = a != NULL ? input(im, 1) : NULL;
    if (b == NULL)
        return -1;
    if (b->kind == VALUE_CONSTANT)
        return with_constant(im, a, &b->constant, false);
    if (a->kind == VALUE_CONSTANT)
        return with_constant(im, b, &a->constant, true);
    return of_two(im, a, b);
}

/* A PReLU: part of the scale or norm before it where there is one for it alone. */
static int put_prelu(Importer *im, Value *value, const double *slope, const char *name,
                     bool trained)
{
    Graph *graph = im->graph;
    int node = settled(im, value), param, c;
    if (node < 0)
        return -1;
    c = graph->nodes[node].shape.o;
    if (value->uses == 1 && node == graph->node_count - 1 && node_scales(&graph->nodes[node]) &&
        graph->nodes[node].param[NORM_SLOPE] < 0) {
        graph_fuse_prelu(graph, name);
        param = graph->nodes[node].param[NORM_SLOPE];
    } else {
        node = graph_prelu(graph, node, name);
        param = graph->nodes[node].param[0];
    }
    if (fill_from(im, param, slope, c) != 0)
        return -1;
    graph->params[param].trainable = trained;
    return put_computed(im, node, value) != NULL ? 0 : -1;
}

static int put_relu(Importer *im, Value *value, double alpha)
{
    char name[NAME_ROOM];
    int c = channels_of(im, value);
    double *slope = malloc((size_t)c * sizeof *slope);
    for (int j = 0; slope != NULL && j < c; j++)
        slope[j] = alpha;
    module_name(im, name, -1);
    int rc = slope != NULL ? put_prelu(im, value, slope, name, false)
                           : err_memory(im->err, "a network", (size_t)c * sizeof *slope);
    free(slope);
    return rc;
}

int op_relu(Importer *im)
{
    Value *in = computed(im, 0);
    double alpha = im->node->op_type[0] == 'L' ? real_of(im, "alpha", 0.01) : 0;
    return in != NULL ? put_relu(im, in, alpha) : -1;
}

/* A slope of [C] counts channels, whatever broadcasting says: exporters were known to write it. */
static double *slopes_of(Importer *im, const Value *in, const Constant *slope)
{
    Constant each = *slope;
    if (slope->rank == 1 && slope->dims[0] == channels_of(im, in) && in->rank > 2 && !in->last) {
        each.rank = in->rank - 1;
        for (int d = 1; d < each.rank; d++)
            each.dims[d] = 1;
    }
    return channel_numbers(im, in, &each);
}

int op_prelu(Importer *im)
{
    char name[NAME_ROOM];
    Value *in = computed(im, 0);
    const Constant *slope = in != NULL ? constant(im, 1) : NULL;
    double *number = slope != NULL ? slopes_of(im, in, slope) : NULL;
    if (number == NULL)
        return -1;
    module_name(im, name, 1);
    int rc = put_prelu(im, in, number, name, true);
    free(number);
    return rc;
}

static int put_curve(Importer *im, Value *in, Curve curve, double a, double b)
{
    bool sound = curve == CURVE_CLIP ? !isnan(a) && !isnan(b) : isfinite(a) && isfinite(b);
    if (!sound)
        return importer_fail(im, "its constants are no numbers");
    int node = settled(im, in);
    if (node < 0)
        return -1;
    node = graph_curve(im->graph, node, curve, a, b);
    return put_computed(im, node, in) != NULL ? 0 : -1;
}

int op_curve(Importer *im)
{
    Value *in = computed(im, 0);
    const char *name = im->node->op_type;
    if (in == NULL)
        return -1;
    if (strcmp(name, "HardSigmoid") == 0)
        return put_curve(im, in, CURVE_HARD_SIGMOID, real_of(im, "alpha", 0.2),
                         real_of(im, "beta", 0.5));
    return put_curve(im, in, name[0] == 'S' ? CURVE_SIGMOID : CURVE_HARD_SWISH, 0, 0);
}

/* A bound of Clip: an attribute, since opset 11 an input. */
static int bound(Importer *im, size_t i, const char *name, double *value)
{
    *value = real_of(im, name, *value);
    if (!has_input(im, i))
        return 0;
    const Constant *number = constant(im, i);
    if (number == NULL)
        return -1;
    if (number->count != 1)
        return importer_fail(im, "its bound is not one number");
    *value = constant_at(number, 0);
    return 0;
}

int op_clip(Importer *im)
{
    const double most = 3.4e38;
    double low = -INFINITY, high = INFINITY;
    Value *in = computed(im, 0);
    if (in == NULL || bound(im, 1, "min", &low) != 0 || bound(im, 2, "max", &high) != 0)
        return -1;
    if (low <= -most && high >= most)
        return put_same(im, in);
    if (low == 0 && high >= most)
        return put_relu(im, in, 0);
    return put_curve(im, in, CURVE_CLIP, low, high);
}

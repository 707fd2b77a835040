/* Add, Sub, Mul, Div, Max, Min, Pow, Sum and Mean, of values and of constants. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "onnx/importer_internal.h"

typedef enum Operation { ADD, SUB, MUL, DIV, MAX, MIN } Operation;

static Operation operation_of(const Importer *im)
{
    static const char *const names[] = {"Add", "Sub", "Mul", "Div", "Max", "Min"};
    int i = MIN;
    while (i > ADD && strcmp(im->node->op_type, names[i]) != 0)
        i--;
    return (Operation)i; /* Sum and Mean add, too */
}

/* Two values
 * --------------------------------------------------------------------------------------*/

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
    return (forms_of(im, a) & forms_of(im, b)) != 0 && t->oh == 1 && t->ow == 1 &&
           t->o == channels_of(im, a);
}

/* Both get the larger of each dimension, of which the smaller one is 1. */
static int grow_both(Importer *im, Value *a, Value *b)
{
    unsigned forms = forms_of(im, a) & forms_of(im, b);
    int64_t dims[CONSTANT_RANK];
    if (forms == 0)
        return importer_fail(im, "its inputs do not match");
    for (int i = 0; i < a->rank; i++)
        dims[i] = a->dims[i] > b->dims[i] ? a->dims[i] : b->dims[i];
    return grown(im, a, forms, dims) == 0 ? grown(im, b, forms, dims) : -1;
}

static int node_of(Importer *im, Operation operation, int x, int y)
{
    if (operation == SUB)
        y = scaled(im, y, -1, 0);
    if (operation == MIN) {
        x = scaled(im, x, -1, 0);
        y = x >= 0 ? scaled(im, y, -1, 0) : -1;
    }
    if (x < 0 || y < 0)
        return -1;
    if (operation == MUL || operation == DIV)
        return graph_multiply(im->graph, x, y);
    if (operation == MAX || operation == MIN) {
        x = graph_maximum(im->graph, x, y);
        return operation == MIN ? scaled(im, x, -1, 0) : x;
    }
    return graph_add(im->graph, x, y);
}

/* a becomes what the operation makes of both; what it was otherwise stays with the value. */
static int join(Importer *im, Operation operation, Value *a, Value b)
{
    if (operation == DIV)
        b.node = powered(im, b.node, -1);
    bool product = operation == MUL || operation == DIV;
    if (product && !alike(im, a, &b) && gates(im, &b, a)) {
        Value kept = *a;
        *a = b;
        b = kept;
    } else if (!alike(im, a, &b) && !(product && gates(im, a, &b)) && grow_both(im, a, &b) != 0) {
        return -1;
    }
    a->node = node_of(im, operation, a->node, b.node);
    return a->node < 0 ? -1 : 0;
}

/* A copy of a value, with its own node for all that was pending. */
static int settled_copy(Importer *im, Value *copy, Value *value)
{
    if (settled(im, value) < 0)
        return -1;
    *copy = *value;
    copy->constant = (Constant){0};
    return 0;
}

/* A value and a constant
 * --------------------------------------------------------------------------*/

/* scale[n] and shift[n] that do it, shift being the constant's numbers. */
static void coefficients(Operation operation, bool first, double *scale, double *shift, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        double k = shift[j];
        bool product = operation == MUL || operation == DIV;
        scale[j] = product                     ? (operation == DIV && !first ? 1 / k : k)
                   : operation == SUB && first ? -1
                                               : 1;
        shift[j] = product ? 0 : operation == SUB && !first ? -k : k;
    }
}

/* Where number (row, column, channel) of a value is in a constant that may be 1 along some axes. */
static size_t place_in(const Constant *number, int rank, unsigned forms, const int64_t at[3])
{
    int64_t along[CONSTANT_RANK] = {0};
    size_t place = 0;
    for (int i = 0; i < 3; i++)
        along[plane_axis(forms, i)] = at[i];
    for (int d = 0; d < number->rank; d++) {
        int axis = rank - number->rank + d;
        int64_t i = number->dims[d] == 1 || axis == 0 ? 0 : along[axis];
        place = place * (size_t)number->dims[d] + (size_t)i;
    }
    return place;
}

/* The constant's numbers for each of an image, as [c,h,w]; NULL after a failure. */
static double *plane_numbers(Importer *im, const Value *value, const Constant *number,
                             unsigned forms)
{
    const Shape *s = shape_at(im, value->node);
    if (check_parameters(im, (size_t)s->o * s->oh * s->ow) != 0)
        return NULL;
    double *all = malloc((size_t)s->o * s->oh * s->ow * sizeof *all);
    if (all == NULL)
        err_memory(im->err, "a network", (size_t)s->o * s->oh * s->ow * sizeof *all);
    for (int64_t c = 0, i = 0; all != NULL && c < s->o; c++)
        for (int64_t y = 0; y < s->oh; y++)
            for (int64_t x = 0; x < s->ow; x++, i++)
                all[i] = constant_at(
                    number, place_in(number, value->rank, forms, (const int64_t[]){y, x, c}));
    return all;
}

/* A scale or a shift for each number of an image. */
static int put_plane(Importer *im, Value *value, const double *scale, const double *shift)
{
    char name[NAME_ROOM];
    int n = (int)node_size(&im->graph->nodes[value->node]);
    bool scales = false, shifts = false;
    for (int i = 0; i < n; i++) {
        scales = scales || scale[i] != 1;
        shifts = shifts || shift[i] != 0;
    }
    module_name(im, name, -1);
    int node = graph_plane(im->graph, value->node, name, scales, shifts);
    if ((scales && fill_from(im, im->graph->nodes[node].param[NORM_GAMMA], scale, n) != 0) ||
        (shifts && fill_from(im, im->graph->nodes[node].param[NORM_BETA], shift, n) != 0))
        return -1;
    return put_computed(im, node, value) != NULL ? 0 : -1;
}

/* The value as large as the constant wants it. */
static int grow_to(Importer *im, Value *value, const Constant *number, unsigned *forms)
{
    int64_t dims[CONSTANT_RANK];
    *forms = forms_of(im, value);
    bool fits = *forms != 0 && number->rank <= value->rank;
    memcpy(dims, value->dims, sizeof dims);
    for (int d = 0; fits && d < number->rank; d++) {
        int axis = value->rank - number->rank + d;
        int64_t size = number->dims[d];
        fits = size == 1 || (axis > 0 && (size == dims[axis] || dims[axis] == 1));
        dims[axis] = axis > 0 && size != 1 ? size : dims[axis];
    }
    if (!fits)
        return importer_fail(im, "its constant of %zu numbers does not fit its other input",
                             number->count);
    if (memcmp(dims, value->dims, (size_t)value->rank * sizeof *dims) == 0)
        return 0;
    if (settled(im, value) < 0)
        return -1;
    return grown(im, value, *forms, dims);
}

static int with_numbers(Importer *im, Value *value, const Constant *number, Operation operation,
                        bool first)
{
    unsigned forms = 0;
    bool each = !is_channelwise(im, value, number);
    if (each && (grow_to(im, value, number, &forms) != 0 || settled(im, value) < 0))
        return -1;
    each = each && !is_channelwise(im, value, number);
    size_t n = each ? node_size(&im->graph->nodes[value->node]) : (size_t)channels_of(im, value);
    double *k = each ? plane_numbers(im, value, number, forms) : channel_numbers(im, value, number);
    double *scale = malloc(n * sizeof *scale);
    int rc = -1;
    if (k != NULL && scale != NULL) {
        coefficients(operation, first, scale, k, n);
        rc = each ? put_plane(im, value, scale, k) : put_affine(im, value, scale, k);
    }
    free(scale);
    free(k);
    return rc;
}

static int with_constant(Importer *im, Value *value, const Constant *number, bool first)
{
    Operation operation = operation_of(im);
    if (operation == MAX || operation == MIN) {
        if (number->count != 1)
            return importer_fail(im, "its constant is not one number");
        double bound = constant_at(number, 0);
        return put_clipped(im, value, operation == MAX ? bound : -INFINITY,
                           operation == MAX ? INFINITY : bound);
    }
    Value changed;
    if (forms_of(im, value) != 0 && !is_channelwise(im, value, number)) {
        if (settled_copy(im, &changed, value) != 0)
            return -1;
        value = &changed;
    }
    if (operation == DIV && first) {
        if (value != &changed && settled_copy(im, &changed, value) != 0)
            return -1;
        value = &changed;
        value->node = powered(im, value->node, -1);
        value->uses = 1;
    }
    return with_numbers(im, value, number, operation, first);
}

int op_arithmetic(Importer *im)
{
    Value *a = input(im, 0), *b = a != NULL ? input(im, 1) : NULL, result, other;
    if (b == NULL)
        return -1;
    if (b->kind == VALUE_CONSTANT)
        return with_constant(im, a, &b->constant, false);
    if (a->kind == VALUE_CONSTANT)
        return with_constant(im, b, &a->constant, true);
    if (settled_copy(im, &result, a) != 0 || settled_copy(im, &other, b) != 0 ||
        join(im, operation_of(im), &result, other) != 0)
        return -1;
    return put_computed(im, result.node, &result) != NULL ? 0 : -1;
}

int op_variadic(Importer *im)
{
    Value result, other, *in = input(im, 0);
    size_t n = im->node->n_input;
    if (in == NULL || n == 1)
        return in != NULL ? put_same(im, in) : -1;
    bool mean = strcmp(im->node->op_type, "Mean") == 0;
    if (n == 2 && !mean)
        return op_arithmetic(im);
    in = computed(im, 0);
    if (in == NULL || settled_copy(im, &result, in) != 0)
        return -1;
    for (size_t i = 1; i < n; i++) {
        Value *more = computed(im, i);
        if (more == NULL || settled_copy(im, &other, more) != 0 ||
            join(im, operation_of(im), &result, other) != 0)
            return -1;
    }
    if (mean)
        result.node = scaled(im, result.node, 1.0 / (double)n, 0);
    return result.node >= 0 && put_computed(im, result.node, &result) != NULL ? 0 : -1;
}

int op_pow(Importer *im)
{
    Value *in = computed(im, 0);
    const Constant *exponent = in != NULL ? constant(im, 1) : NULL;
    if (exponent == NULL)
        return -1;
    double power = exponent->count == 1 ? constant_at(exponent, 0) : NAN;
    if (!isfinite(power))
        return importer_fail(im, "its exponent is not one number");
    if (power == 1)
        return put_same(im, in);
    int node = settled(im, in);
    if (node < 0)
        return -1;
    node = power == 2 ? graph_multiply(im->graph, node, node) : powered(im, node, power);
    return put_computed(im, node, in) != NULL ? 0 : -1;
}

int op_expand(Importer *im)
{
    Value *in = computed(im, 0), copy;
    int64_t shape[CONSTANT_RANK], dims[CONSTANT_RANK];
    int rank = in != NULL ? whole_input(im, 1, shape, CONSTANT_RANK) : -1;
    if (rank < 0 || settled_copy(im, &copy, in) != 0)
        return -1;
    unsigned forms = forms_of(im, &copy);
    if (rank > copy.rank || forms == 0)
        return importer_fail(im, "it adds dimensions");
    memcpy(dims, copy.dims, sizeof dims);
    for (int i = 0; i < rank; i++) {
        int axis = copy.rank - rank + i;
        if (axis == 0 && shape[i] != 1 && shape[i] != dims[0])
            return importer_fail(im, "it repeats the images of a batch");
        dims[axis] = axis > 0 && shape[i] != 1 ? shape[i] : dims[axis];
    }
    if (grown(im, &copy, forms, dims) != 0)
        return -1;
    return put_computed(im, copy.node, &copy) != NULL ? 0 : -1;
}

/* What follows from shapes and constants alone is computed while loading. */
#include <math.h>
#include <string.h>

#include "onnx/importer_internal.h"

/* The most numbers an operator may make of fewer. */
enum { GROWN_MAX = 1 << 20 };

typedef struct Entry {
    const char *name;
    int (*run)(Importer *im, Constant *out);
} Entry;

static int make(Importer *im, Constant *out, int rank, const int64_t *dims, bool whole)
{
    Err why = {0};
    if (constant_init(out, rank, dims, whole, &why) != 0)
        return importer_fail(im, "%s", why.text);
    return 0;
}

/* Numbers `from` .. of a constant to numbers `to` .. of another of the same kind. */
static void copy(Constant *out, size_t to, const Constant *in, size_t from, size_t n)
{
    if (n > 0 && in->whole != NULL)
        memcpy(out->whole + to, in->whole + from, n * sizeof *in->whole);
    else if (n > 0)
        memcpy(out->real + to, in->real + from, n * sizeof *in->real);
}

static int fold_constant(Importer *im, Constant *out)
{
    const Onnx__AttributeProto *a = im->node->n_attribute > 0 ? im->node->attribute[0] : NULL;
    Err why = {0};
    if (a == NULL)
        return importer_fail(im, "it has no value");
    if (a->t != NULL && constant_read(out, a->t, im->folder, &why) != 0)
        return importer_fail(im, "%s", why.text);
    im->held += out->count;
    if (a->t != NULL)
        return 0;
    bool one = strcmp(a->name, "value_float") == 0 || strcmp(a->name, "value_int") == 0;
    bool reals = strncmp(a->name, "value_float", 11) == 0;
    if (strncmp(a->name, "value_", 6) != 0 || strncmp(a->name, "value_string", 12) == 0)
        return importer_fail(im, "its '%.60s' is not a number", a->name);
    int64_t n = (int64_t)(reals ? a->n_floats : a->n_ints);
    if (make(im, out, one ? 0 : 1, &n, !reals) != 0)
        return -1;
    for (int64_t i = 0; i < (one ? 1 : n); i++) {
        if (reals)
            out->real[i] = one ? a->f : a->floats[i];
        else
            out->whole[i] = one ? a->i : a->ints[i];
    }
    return 0;
}

static int64_t within(int64_t x, int64_t low, int64_t high)
{
    return x < low ? low : x > high ? high : x;
}

static int fold_shape(Importer *im, Constant *out)
{
    Value *in = input(im, 0);
    if (in == NULL)
        return -1;
    bool is_constant = in->kind == VALUE_CONSTANT;
    const int64_t *dims = is_constant ? in->constant.dims : in->dims;
    int64_t rank = is_constant ? in->constant.rank : in->rank;
    int64_t start = int_of(im, "start", 0), end = int_of(im, "end", rank);
    start = within(start < 0 ? start + rank : start, 0, rank);
    end = within(end < 0 ? end + rank : end, start, rank);
    int64_t n = end - start;
    if (make(im, out, 1, &n, true) != 0)
        return -1;
    memcpy(out->whole, dims + start, (size_t)n * sizeof *dims);
    return 0;
}

static int fold_gather(Importer *im, Constant *out)
{
    const Constant *data = constant(im, 0), *index = constant(im, 1);
    if (data == NULL || index == NULL)
        return -1;
    int64_t dims[CONSTANT_RANK];
    int rank = index->rank + data->rank - 1;
    if (data->rank < 1 || rank > CONSTANT_RANK || index->whole == NULL ||
        int_of(im, "axis", 0) != 0 || data->dims[0] == 0)
        return importer_fail(im, "it gathers along an axis other than the first, or nothing");
    size_t block = data->count / (size_t)data->dims[0];
    if (index->count > GROWN_MAX || (index->count > 0 && block > GROWN_MAX / index->count))
        return importer_fail(im, "it gathers too much");
    memcpy(dims, index->dims, sizeof dims);
    memcpy(dims + index->rank, data->dims + 1, (size_t)(data->rank - 1) * sizeof *dims);
    if (make(im, out, rank, dims, data->whole != NULL) != 0)
        return -1;
    for (size_t i = 0; i < index->count; i++) {
        int64_t at = index->whole[i] < 0 ? index->whole[i] + data->dims[0] : index->whole[i];
        if (at < 0 || at >= data->dims[0])
            return importer_fail(im, "it gathers what is not there");
        copy(out, i * block, data, (size_t)at * block, block);
    }
    return 0;
}

/* One number of a slice: an input, or an attribute of its name before opset 10. */
static int slice_number(Importer *im, size_t i, const char *name, int64_t *value)
{
    int n = 0;
    if (im->opset < 10 && name != NULL && attribute(im, name) != NULL)
        n = ints_of(im, name, value, 1);
    else if (im->opset >= 10 && has_input(im, i))
        n = whole_input(im, i, value, 1);
    return n == 1 || (n == 0 && i > 2) ? 0 : importer_fail(im, "it slices more than one axis");
}

static int fold_slice(Importer *im, Constant *out)
{
    const Constant *data = constant(im, 0);
    int64_t start = 0, end = 0, axis = 0, step = 1, dims[CONSTANT_RANK];
    if (data == NULL || slice_number(im, 1, "starts", &start) != 0 ||
        slice_number(im, 2, "ends", &end) != 0 || slice_number(im, 3, "axes", &axis) != 0 ||
        slice_number(im, 4, NULL, &step) != 0)
        return -1;
    if (data->rank < 1 || (axis != 0 && axis != -data->rank) || step == 0 || step == INT64_MIN)
        return importer_fail(im, "it slices an axis other than the first");
    int64_t size = data->dims[0];
    start = start < 0 ? start + size : start;
    end = end < 0 && end > INT64_MIN / 2 ? end + size : end;
    start = step > 0 ? within(start, 0, size) : within(start, -1, size - 1);
    end = step > 0 ? within(end, 0, size) : within(end, -1, size - 1);
    int64_t along = step > 0 ? end - start : start - end, pace = step > 0 ? step : -step;
    memcpy(dims, data->dims, sizeof dims);
    dims[0] = along > 0 ? (along - 1) / pace + 1 : 0;
    if (make(im, out, data->rank, dims, data->whole != NULL) != 0)
        return -1;
    size_t block = size > 0 ? data->count / (size_t)size : 0;
    for (int64_t i = 0; i < dims[0]; i++)
        copy(out, (size_t)i * block, data, (size_t)(start + i * step) * block, block);
    return 0;
}

static int fold_concat(Importer *im, Constant *out)
{
    int64_t dims[CONSTANT_RANK] = {0};
    size_t at = 0;
    const Constant *first = constant(im, 0);
    if (first == NULL)
        return -1;
    memcpy(dims, first->dims, sizeof dims);
    for (size_t i = 1; i < im->node->n_input; i++) {
        const Constant *more = constant(im, i);
        if (more == NULL)
            return -1;
        if (more->rank != first->rank || (more->whole == NULL) != (first->whole == NULL) ||
            memcmp(more->dims + 1, first->dims + 1, sizeof dims - sizeof *dims) != 0 ||
            (dims[0] += more->dims[0]) > GROWN_MAX)
            return importer_fail(im, "its inputs do not match");
    }
    if (first->rank < 1 || int_of(im, "axis", 0) != 0)
        return importer_fail(im, "constants are concatenated along an axis other than the first");
    if (first->dims[0] > 0 && first->count / (size_t)first->dims[0] > GROWN_MAX)
        return importer_fail(im, "it concatenates too much");
    if (make(im, out, first->rank, dims, first->whole != NULL) != 0)
        return -1;
    for (size_t i = 0; i < im->node->n_input; i++) {
        const Constant *part = constant(im, i);
        copy(out, at, part, 0, part->count);
        at += part->count;
    }
    return 0;
}

static int fold_cast(Importer *im, Constant *out)
{
    const Constant *in = constant(im, 0);
    int64_t to = int_of(im, "to", 1);
    bool reals = to == 1 || to == 10 || to == 11 || to == 16; /* see onnx/constant.c */
    if (in == NULL || make(im, out, in->rank, in->dims, !reals) != 0)
        return -1;
    for (size_t i = 0; i < in->count; i++) {
        double x = constant_at(in, i);
        if (reals)
            out->real[i] = (float)x;
        else
            out->whole[i] = in->whole != NULL ? in->whole[i] : fabs(x) < 0x1p62 ? (int64_t)x : 0;
    }
    return 0;
}

static double unary(const char *name, double x)
{
    switch (name[0]) {
    case 'A':
        return fabs(x);
    case 'C':
        return ceil(x);
    case 'E':
        return exp(x);
    case 'F':
        return floor(x);
    case 'N':
        return -x;
    case 'R':
        return 1 / x;
    default:
        return sqrt(x);
    }
}

/* Abs, Ceil, Exp, Floor, Neg, Reciprocal and Sqrt. */
static int fold_unary(Importer *im, Constant *out)
{
    const Constant *in = constant(im, 0);
    if (in == NULL || in->real == NULL || make(im, out, in->rank, in->dims, false) != 0)
        return in == NULL || in->real != NULL ? -1 : importer_fail(im, "of integers");
    for (size_t i = 0; i < in->count; i++)
        out->real[i] = (float)unary(im->node->op_type, in->real[i]);
    return 0;
}

/* Add, Sub, Mul, Div, Max, Min, Pow and, of whole numbers, Equal. */
static bool whole_result(const char *name, int64_t a, int64_t b, int64_t *out)
{
    switch (name[0]) {
    case 'A':
        return !__builtin_add_overflow(a, b, out);
    case 'S':
        return !__builtin_sub_overflow(a, b, out);
    case 'E':
        *out = a == b;
        return true;
    case 'P':
        return false;
    case 'M':
        if (name[1] == 'u')
            return !__builtin_mul_overflow(a, b, out);
        *out = (name[1] == 'a') == (a > b) ? a : b;
        return true;
    default:
        if (b == 0 || (a == INT64_MIN && b == -1))
            return false;
        *out = a / b;
        return true;
    }
}

static double real_result(const char *name, double a, double b)
{
    switch (name[0]) {
    case 'A':
        return a + b;
    case 'S':
        return a - b;
    case 'P':
        return pow(a, b);
    case 'M':
        return name[1] == 'u' ? a * b : name[1] == 'a' ? fmax(a, b) : fmin(a, b);
    default:
        return a / b;
    }
}

static int fold_arithmetic(Importer *im, Constant *out)
{
    const Constant *a = constant(im, 0), *b = constant(im, 1);
    if (a == NULL || b == NULL)
        return -1;
    const Constant *large = a->count >= b->count && a->rank >= b->rank ? a : b;
    if ((a->count != 1 && a != large) || (b->count != 1 && b != large && a->count != b->count) ||
        (a->whole == NULL) != (b->whole == NULL))
        return importer_fail(im,
                             "computing with constants of other shapes or types is not supported");
    if (im->node->n_input > 2 || (im->node->op_type[0] == 'E' && a->whole == NULL))
        return importer_fail(im, "it is supported only for two constants of integers");
    if (make(im, out, large->rank, large->dims, a->whole != NULL) != 0)
        return -1;
    for (size_t i = 0; i < out->count; i++) {
        size_t at = a->count == 1 ? 0 : i, bt = b->count == 1 ? 0 : i;
        const char *name = im->node->op_type;
        if (a->real != NULL)
            out->real[i] = (float)real_result(name, a->real[at], b->real[bt]);
        else if (!whole_result(name, a->whole[at], b->whole[bt], &out->whole[i]))
            return importer_fail(im, "its result is not a number");
    }
    return 0;
}

static int fold_reshape(Importer *im, Constant *out)
{
    const Constant *in = constant(im, 0);
    int64_t dims[CONSTANT_RANK];
    int rank = in != NULL ? reshaped(im, dims, in->rank, in->dims) : -1;
    if (rank < 0 || make(im, out, rank, dims, in->whole != NULL) != 0)
        return -1;
    copy(out, 0, in, 0, in->count);
    return 0;
}

static int fold_transpose(Importer *im, Constant *out)
{
    const Constant *in = constant(im, 0);
    int64_t perm[2] = {1, 0};
    if (in == NULL)
        return -1;
    if (in->rank != 2 || (attribute(im, "perm") != NULL && ints_of(im, "perm", perm, 2) != 2) ||
        perm[0] != 1 || perm[1] != 0)
        return importer_fail(im, "of constants, only matrices can be transposed");
    int64_t dims[2] = {in->dims[1], in->dims[0]};
    if (make(im, out, 2, dims, in->whole != NULL) != 0)
        return -1;
    for (int64_t i = 0; i < dims[0]; i++)
        for (int64_t j = 0; j < dims[1]; j++)
            copy(out, (size_t)(i * dims[1] + j), in, (size_t)(j * dims[0] + i), 1);
    return 0;
}

static int fold_filled(Importer *im, Constant *out)
{
    int64_t dims[CONSTANT_RANK], count = 1;
    int rank = whole_input(im, 0, dims, CONSTANT_RANK);
    const Onnx__AttributeProto *value = attribute(im, "value");
    Constant one = {0};
    Err why = {0};
    if (rank < 0)
        return -1;
    for (int i = 0; i < rank; i++)
        if (dims[i] < 0 || dims[i] > GROWN_MAX || (count *= dims[i]) > GROWN_MAX)
            return importer_fail(im, "it is too large");
    if (value != NULL && value->t != NULL && constant_read(&one, value->t, im->folder, &why) != 0)
        return importer_fail(im, "%s", why.text);
    int rc = make(im, out, rank, dims, one.whole != NULL);
    for (size_t i = 0; rc == 0 && one.count == 1 && i < out->count; i++)
        copy(out, i, &one, 0, 1);
    constant_release(&one);
    return rc;
}

/* Whole numbers, which shapes are. */
static int fold_where(Importer *im, Constant *out)
{
    const Constant *which = constant(im, 0), *a = constant(im, 1), *b = constant(im, 2);
    if (which == NULL || a == NULL || b == NULL)
        return -1;
    if (which->whole == NULL || a->whole == NULL || b->whole == NULL ||
        (a->count != 1 && a->count != which->count) || (b->count != 1 && b->count != which->count))
        return importer_fail(im,
                             "choosing from constants of other shapes or types is not supported");
    if (make(im, out, which->rank, which->dims, true) != 0)
        return -1;
    for (size_t i = 0; i < out->count; i++)
        out->whole[i] = which->whole[i] != 0 ? a->whole[a->count == 1 ? 0 : i]
                                             : b->whole[b->count == 1 ? 0 : i];
    return 0;
}

static const Entry table[] = {
    {"Abs", fold_unary},
    {"Add", fold_arithmetic},
    {"Cast", fold_cast},
    {"Ceil", fold_unary},
    {"Concat", fold_concat},
    {"Constant", fold_constant},
    {"ConstantOfShape", fold_filled},
    {"DequantizeLinear", fold_dequantised},
    {"Div", fold_arithmetic},
    {"Equal", fold_arithmetic},
    {"Exp", fold_unary},
    {"Flatten", fold_reshape},
    {"Floor", fold_unary},
    {"Gather", fold_gather},
    {"Max", fold_arithmetic},
    {"Min", fold_arithmetic},
    {"Mul", fold_arithmetic},
    {"Neg", fold_unary},
    {"Pow", fold_arithmetic},
    {"QuantizeLinear", fold_quantised},
    {"Reciprocal", fold_unary},
    {"Reshape", fold_reshape},
    {"Shape", fold_shape},
    {"Slice", fold_slice},
    {"Sqrt", fold_unary},
    {"Squeeze", fold_reshape},
    {"Sub", fold_arithmetic},
    {"Transpose", fold_transpose},
    {"Unsqueeze", fold_reshape},
    {"Where", fold_where},
};

static const Entry *entry_of(const Importer *im)
{
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (strcmp(table[i].name, im->node->op_type) == 0)
            return &table[i];
    return NULL;
}

static bool is_constant(const Importer *im, const char *name)
{
    int number = dictionary_find(&im->names, name);
    const Value *value = number < 0 ? NULL : &im->value[im->place[number]];
    return value != NULL && (value->kind == VALUE_CONSTANT || value->tensor != NULL);
}

bool is_foldable(const Importer *im)
{
    const Entry *entry = entry_of(im);
    if (entry == NULL || entry->run == fold_shape)
        return entry != NULL;
    for (size_t i = 0; i < im->node->n_input; i++)
        if (im->node->input[i][0] != '\0' && !is_constant(im, im->node->input[i]))
            return false;
    return entry->run == fold_constant || im->node->n_input > 0;
}

int fold(Importer *im)
{
    Constant out = {0};
    if (entry_of(im)->run(im, &out) == 0)
        return put_constant(im, &out);
    constant_release(&out);
    return -1;
}

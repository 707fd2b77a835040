#include "onnx/importer_internal.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"

/* The most numbers of all constants that are computed while loading: these, and so many times what
 * the file holds. */
enum { FOLDED_MAX = 1 << 22, FOLDED_TIMES = 4 };

/* The same for parameters, of which some may be used in several places, and some are constants of
 * operators. */
enum { FILLED_MAX = 1 << 23, FILLED_TIMES = 8 };

int importer_fail(Importer *im, const char *format, ...)
{
    char why[600];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    const Onnx__NodeProto *node = im->node;
    const char *name = node->name[0] != '\0' || node->n_output == 0 ? node->name : node->output[0];
    return err_set(im->err, "node '%.100s' (%.60s): %s", name, node->op_type, why);
}

/* Attributes ------------------------------------------------------------------------------------*/

const Onnx__AttributeProto *attribute(const Importer *im, const char *name)
{
    for (size_t i = 0; i < im->node->n_attribute; i++)
        if (strcmp(im->node->attribute[i]->name, name) == 0)
            return im->node->attribute[i];
    return NULL;
}

int64_t int_of(const Importer *im, const char *name, int64_t otherwise)
{
    const Onnx__AttributeProto *a = attribute(im, name);
    return a != NULL ? a->i : otherwise;
}

double real_of(const Importer *im, const char *name, double otherwise)
{
    const Onnx__AttributeProto *a = attribute(im, name);
    return a != NULL ? a->f : otherwise;
}

int ints_of(const Importer *im, const char *name, int64_t *values, int room)
{
    const Onnx__AttributeProto *a = attribute(im, name);
    if (a == NULL || a->n_ints > (size_t)room)
        return a == NULL ? -1 : room + 1;
    if (a->n_ints > 0)
        memcpy(values, a->ints, a->n_ints * sizeof *values);
    return (int)a->n_ints;
}

const char *text_of(const Importer *im, const char *name, char *text, size_t size)
{
    const Onnx__AttributeProto *a = attribute(im, name);
    if (a != NULL && a->s.len < size) {
        if (a->s.len > 0)
            memcpy(text, a->s.data, a->s.len);
        text[a->s.len] = '\0';
    }
    return text;
}

/* Inputs ----------------------------------------------------------------------------------------*/

bool has_input(const Importer *im, size_t i)
{
    return i < im->node->n_input && im->node->input[i][0] != '\0';
}

static Value *value_named(Importer *im, const char *name)
{
    int number = dictionary_find(&im->names, name);
    return number < 0 ? NULL : &im->value[im->place[number]];
}

static int read_tensor(Importer *im, Value *value)
{
    Err why = {0};
    if (constant_read(&value->constant, value->tensor, im->folder, &why) != 0)
        return importer_fail(im, "its constant '%.100s': %s", value->tensor->name, why.text);
    value->kind = VALUE_CONSTANT;
    im->held += value->constant.count;
    return 0;
}

Value *input(Importer *im, size_t i)
{
    Value *value = has_input(im, i) ? value_named(im, im->node->input[i]) : NULL;
    if (value != NULL && value->kind == VALUE_UNKNOWN && value->tensor != NULL &&
        read_tensor(im, value) != 0)
        return NULL;
    if (value != NULL && value->steps.step > 0 &&
        strcmp(im->node->op_type, "DequantizeLinear") != 0) {
        importer_fail(im, "its input %zu is in whole numbers; only DequantizeLinear may read them",
                      i);
        return NULL;
    }
    if (value != NULL && value->kind != VALUE_UNKNOWN)
        return value;
    importer_fail(im, "its input %zu, '%.100s', is not computed before it", i,
                  i < im->node->n_input ? im->node->input[i] : "");
    return NULL;
}

Value *computed(Importer *im, size_t i)
{
    Value *value = input(im, i);
    if (value == NULL || value->kind == VALUE_COMPUTED)
        return value;
    importer_fail(im, "its input %zu is a constant, which is not supported", i);
    return NULL;
}

const Constant *constant(Importer *im, size_t i)
{
    Value *value = input(im, i);
    if (value == NULL || value->kind == VALUE_CONSTANT)
        return value != NULL ? &value->constant : NULL;
    importer_fail(im, "its input %zu is not a constant, which is not supported", i);
    return NULL;
}

int whole_input(Importer *im, size_t i, int64_t *values, int room)
{
    const Constant *from = constant(im, i);
    if (from == NULL)
        return -1;
    if (from->whole == NULL || from->rank > 1 || from->count > (size_t)room)
        return importer_fail(im, "its input %zu is not a list of at most %d integers", i, room);
    if (from->count > 0)
        memcpy(values, from->whole, from->count * sizeof *values);
    return (int)from->count;
}

/* Outputs ---------------------------------------------------------------------------------------*/

static Value *fresh_output(Importer *im)
{
    size_t i = im->output_at;
    Value *value = i < im->node->n_output ? value_named(im, im->node->output[i]) : NULL;
    if (value != NULL && value->kind == VALUE_UNKNOWN && value->tensor == NULL)
        return value;
    importer_fail(im, "it has no output, or one that exists already");
    return NULL;
}

bool is_wanted(Importer *im)
{
    const Value *value = value_named(im, im->node->output[im->output_at]);
    return value != NULL && value->uses > 0;
}

int put_constant(Importer *im, Constant *constant)
{
    Value *out = fresh_output(im);
    im->folded += constant->count;
    if (out == NULL || im->folded > FOLDED_MAX + FOLDED_TIMES * im->held) {
        constant_release(constant);
        return out == NULL ? -1 : importer_fail(im, "too much would be computed at loading time");
    }
    out->kind = VALUE_CONSTANT;
    out->constant = *constant;
    return 0;
}

Value *put_computed(Importer *im, int node, const Value *from)
{
    Value *out = fresh_output(im);
    if (out == NULL)
        return NULL;
    out->kind = VALUE_COMPUTED;
    out->node = node;
    out->rank = from->rank;
    out->last = from->last;
    memcpy(out->dims, from->dims, sizeof out->dims);
    return out;
}

int put_same(Importer *im, Value *value)
{
    Value *out = fresh_output(im);
    if (out == NULL)
        return -1;
    value->uses += out->uses - 1;
    im->place[out - im->value] = (int)(value - im->value);
    return 0;
}

/* What is pending -------------------------------------------------------------------------------*/

static bool all_are(const double *number, int n, double value)
{
    for (int i = 0; i < n; i++)
        if (number[i] != value)
            return false;
    return true;
}

int check_parameters(Importer *im, size_t n)
{
    if (n <= FILLED_MAX + FILLED_TIMES * im->held &&
        im->filled <= FILLED_MAX + FILLED_TIMES * im->held - n)
        return 0;
    return importer_fail(im, "it creates more parameters than the file can account for");
}

int fill(Importer *im, int param, const float *number, float *owned)
{
    Filling *filling =
        array_append(&im->filling, &im->filling_count, &im->filling_room, sizeof *filling);
    if (filling == NULL || param < 0) {
        free(owned);
        if (filling != NULL)
            im->filling_count--;
        return err_memory(im->err, "a network", sizeof *filling);
    }
    *filling = (Filling){.param = param, .number = number, .owned = owned};
    if (check_parameters(im, im->graph->params[param].count) != 0)
        return -1;
    im->filled += im->graph->params[param].count;
    return 0;
}

int fill_from(Importer *im, int param, const double *number, int n)
{
    float *copy = malloc((size_t)n * sizeof *copy);
    if (copy == NULL)
        return err_memory(im->err, "a network", (size_t)n * sizeof *copy);
    for (int i = 0; i < n; i++)
        copy[i] = (float)number[i];
    return fill(im, param, copy, copy);
}

static int settle_affine(Importer *im, Value *value)
{
    int c = channels_of(im, value);
    const double *scale = value->pending.number, *shift = scale + c;
    if (value->node == 0 && value->uses == 1 && scale[0] != 0 && all_are(scale, c, scale[0]) &&
        all_are(shift, c, shift[0])) {
        im->scaled = true;
        im->pixel_scale = scale[0];
        im->pixel_shift = shift[0];
        return 0;
    }
    bool scales = !all_are(scale, c, 1), shifts = !all_are(shift, c, 0);
    im->scaled = im->scaled || value->node == 0;
    if (!scales && !shifts)
        return 0;
    value->node = graph_affine(im->graph, value->node, value->pending.name, scales, shifts, NULL);
    const int *param = im->graph->nodes[value->node].param;
    if ((scales && fill_from(im, param[NORM_GAMMA], scale, c) != 0) ||
        (shifts && fill_from(im, param[NORM_BETA], shift, c) != 0))
        return -1;
    return 0;
}

static int settle_norm(Importer *im, Value *value)
{
    static const int place[] = {NORM_GAMMA, NORM_BETA, NORM_MEAN, NORM_VAR};
    int c = channels_of(im, value);
    value->node = graph_norm(im->graph, value->node, value->pending.name, NULL);
    for (int i = 0; i < PENDING_ROWS; i++)
        if (fill_from(im, im->graph->nodes[value->node].param[place[i]],
                      value->pending.number + (size_t)i * c, c) != 0)
            return -1;
    return 0;
}

int settled(Importer *im, Value *value)
{
    int rc = value->pending.kind == PENDING_AFFINE ? settle_affine(im, value)
             : value->pending.kind == PENDING_NORM ? settle_norm(im, value)
                                                   : 0;
    free(value->pending.number);
    value->pending = (Pending){0};
    return rc == 0 ? value->node : -1;
}

int put_affine(Importer *im, Value *value, const double *scale, const double *shift)
{
    Pending *before = &value->pending;
    if ((before->kind == PENDING_NORM || (before->kind != PENDING_NONE && value->uses > 1)) &&
        settled(im, value) < 0)
        return -1;
    int c = channels_of(im, value);
    Value *out = put_computed(im, value->node, value);
    double *number = malloc(2 * (size_t)c * sizeof *number);
    if (out == NULL || number == NULL) {
        free(number);
        return err_memory(im->err, "a network", 2 * (size_t)c * sizeof *number);
    }
    bool chained = before->kind == PENDING_AFFINE;
    for (int j = 0; j < c; j++) {
        number[j] = scale[j] * (chained ? before->number[j] : 1);
        number[c + j] = scale[j] * (chained ? before->number[c + j] : 0) + shift[j];
    }
    out->pending = (Pending){.kind = PENDING_AFFINE, .number = number};
    module_name(im, out->pending.name, -1);
    return 0;
}

/* Names of modules ------------------------------------------------------------------------------*/

static bool ends_in(const char *text, size_t length, const char *end)
{
    size_t size = strlen(end);
    return length > size && memcmp(text + length - size, end, size) == 0;
}

static bool is_taken(const Importer *im, const char *name)
{
    char full[NAME_ROOM + 16];
    snprintf(full, sizeof full, "%s.weight", name);
    if (graph_param(im->graph, full) != NULL)
        return true;
    snprintf(full, sizeof full, "%s.bias", name);
    return graph_param(im->graph, full) != NULL;
}

void module_name(Importer *im, char name[NAME_ROOM], int i)
{
    static const char *const ends[] = {".weight", "_weight", ".gamma", "_gamma"};
    const Onnx__NodeProto *node = im->node;
    const char *base = i >= 0                  ? node->input[i]
                       : node->name[0] != '\0' ? node->name
                       : node->n_output > 0    ? node->output[0]
                                               : "node";
    size_t length = strlen(base), end;
    for (end = 0; i >= 0 && end < sizeof ends / sizeof *ends; end++)
        if (ends_in(base, length, ends[end])) {
            length -= strlen(ends[end]);
            break;
        }
    const char *in_front =
        strncmp(base, "head.", 5) == 0 || strncmp(base, "momentum.", 9) == 0 ? "net." : "";
    snprintf(name, NAME_ROOM, "%s%.*s", in_front, length < 80 ? (int)length : 80, base);
    for (char *c = name; *c != '\0'; c++)
        if ((*c < '0' || *c > '9') && (*c < 'A' || *c > 'Z') && (*c < 'a' || *c > 'z') &&
            strchr("._:/-", *c) == NULL)
            *c = '_';
    if (is_taken(im, name))
        snprintf(name + strlen(name), NAME_ROOM - strlen(name), ".%d", im->graph->node_count);
}

/* Sizes -----------------------------------------------------------------------------------------*/

bool is_orderless(const Importer *im, const Value *value)
{
    const Shape *s = shape_at(im, value->node);
    return (int64_t)s->oh * s->ow == 1 || s->o == 1;
}

bool is_image(const Importer *im, const Value *value)
{
    const Shape *s = shape_at(im, value->node);
    return value->rank == 4 && value->dims[1] == s->o && value->dims[2] == s->oh &&
           value->dims[3] == s->ow && (!value->last || is_orderless(im, value));
}

bool is_vector(const Importer *im, const Value *value)
{
    const Shape *s = shape_at(im, value->node);
    return value->rank == 2 && value->dims[1] == s->o && (int64_t)s->oh * s->ow == 1;
}

bool is_channels(const Importer *im, const Value *value, int axis)
{
    bool either = is_orderless(im, value);
    if (axis < 1 || axis >= value->rank || value->dims[axis] != channels_of(im, value))
        return false;
    return ((either || !value->last) && axis == 1) ||
           ((either || value->last) && axis == value->rank - 1);
}

/* Along which axis the constant's numbers differ: 0 along none, -1 along one that will not do. */
static int varying_axis(const Importer *im, const Value *value, const Constant *constant)
{
    int axis = 0;
    for (int d = 0; d < constant->rank; d++) {
        int at = value->rank - constant->rank + d;
        if (constant->dims[d] == 1)
            continue;
        if (axis != 0 || !is_channels(im, value, at))
            return -1;
        axis = at;
    }
    return axis;
}

bool is_channelwise(const Importer *im, const Value *value, const Constant *constant)
{
    int axis = varying_axis(im, value, constant);
    return axis >= 0 && constant->count == (axis == 0 ? 1 : (size_t)channels_of(im, value));
}

double *channel_numbers(Importer *im, const Value *value, const Constant *constant)
{
    int axis = varying_axis(im, value, constant), c = channels_of(im, value);
    if (!is_channelwise(im, value, constant)) {
        importer_fail(im, "its constant of %zu numbers is neither one number nor one per channel",
                      constant->count);
        return NULL;
    }
    double *number = malloc((size_t)c * sizeof *number);
    if (number == NULL)
        err_memory(im->err, "a network", (size_t)c * sizeof *number);
    for (int j = 0; number != NULL && j < c; j++)
        number[j] = constant_at(constant, axis == 0 ? 0 : (size_t)j);
    return number;
}

int check_size(Importer *im, int64_t oh, int64_t ow, int64_t o)
{
    if (oh < 1 || ow < 1 || o < 1 || oh > REACH_MAX || ow > REACH_MAX || o > CHANNELS_MAX ||
        oh * ow > im->output_max / o)
        return importer_fail(im, "its output would be %" PRId64 " x %" PRId64 " x %" PRId64, o, oh,
                             ow);
    return 0;
}

#include "onnx/message_internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"

enum { TYPE_FLOAT = 1, TYPE_INT8 = 3, TYPE_INT64 = 7 };
enum { ATTRIBUTE_FLOAT = 1, ATTRIBUTE_INT = 2, ATTRIBUTE_STRING = 3, ATTRIBUTE_INTS = 7 };

/* New memory with a copy of n bytes, or zeros. */
static void *copied(Message *m, const void *bytes, size_t n)
{
    void *copy = m->failed ? NULL : calloc(1, n + 1);
    if (copy != NULL && bytes != NULL)
        memcpy(copy, bytes, n);
    m->failed = m->failed || copy == NULL;
    return copy;
}

static void set_text(Message *m, char **text, const char *value)
{
    char *copy = copied(m, value, strlen(value));
    *text = copy != NULL ? copy : *text;
}

/* Appends to a list of messages, whose room doubles; takes the message over. */
static void append(Message *m, void *list, size_t *n, void *message)
{
    void ***at = list;
    if (!m->failed && (*n & (*n - 1)) == 0) { /* 0 or a power of two: full */
        m->failed = !array_resize(*at, *n == 0 ? 1 : 2 * *n);
    }
    if (m->failed)
        free(message);
    else
        (*at)[(*n)++] = message;
}

/* Sets `pointer` to a new message at the end of a list, or returns when there is no memory. */
#define NEW(pointer, type, init, list, n)                                                          \
    type fresh_ = init;                                                                            \
    type *pointer = copied(m, &fresh_, sizeof fresh_);                                             \
    append(m, list, n, pointer);                                                                   \
    if (m->failed)                                                                                 \
    return

void message_init(Message *m)
{
    const Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
    const Onnx__GraphProto graph = ONNX__GRAPH_PROTO__INIT;
    *m = (Message){0};
    m->model = copied(m, &model, sizeof model);
    if (m->model != NULL)
        m->model->graph = copied(m, &graph, sizeof graph);
    if (m->failed)
        return;
    set_text(m, &m->model->producer_name, "npcface");
    set_text(m, &m->model->producer_version, VERSION);
    set_text(m, &m->model->graph->name, "embedding");
}

static void add_inputs(Message *m, Onnx__NodeProto *node, const char *inputs)
{
    for (const char *at = inputs; *at != '\0' && !m->failed; at += *at == ' ') {
        size_t n = strcspn(at, " ");
        append(m, &node->input, &node->n_input,
               copied(m, n == 1 && *at == '-' ? "" : at, n == 1 && *at == '-' ? 0 : n));
        at += n;
    }
}

void message_node(Message *m, const char *op, const char *inputs, const char *output)
{
    if (m->failed)
        return;
    Onnx__GraphProto *graph = m->model->graph;
    NEW(node, Onnx__NodeProto, ONNX__NODE_PROTO__INIT, &graph->node, &graph->n_node);
    set_text(m, &node->op_type, op);
    set_text(m, &node->name, output);
    add_inputs(m, node, inputs);
    append(m, &node->output, &node->n_output, copied(m, output, strlen(output)));
}

static Onnx__NodeProto *last_node(Message *m)
{
    return m->failed ? NULL : m->model->graph->node[m->model->graph->n_node - 1];
}

static void add_attribute(Message *m, const char *name, const Onnx__AttributeProto *like)
{
    Onnx__NodeProto *node = last_node(m);
    if (node == NULL)
        return;
    NEW(attribute, Onnx__AttributeProto, *like, &node->attribute, &node->n_attribute);
    attribute->ints = NULL;
    attribute->s.data = NULL;
    set_text(m, &attribute->name, name);
    if (like->n_ints > 0)
        attribute->ints = copied(m, like->ints, like->n_ints * sizeof *like->ints);
    if (like->s.len > 0)
        attribute->s.data = copied(m, like->s.data, like->s.len);
}

void message_int(Message *m, const char *name, int64_t value)
{
    Onnx__AttributeProto a = ONNX__ATTRIBUTE_PROTO__INIT;
    a.type = ATTRIBUTE_INT;
    a.i = value;
    add_attribute(m, name, &a);
}

void message_float(Message *m, const char *name, double value)
{
    Onnx__AttributeProto a = ONNX__ATTRIBUTE_PROTO__INIT;
    a.type = ATTRIBUTE_FLOAT;
    a.f = (float)value;
    add_attribute(m, name, &a);
}

void message_text(Message *m, const char *name, const char *value)
{
    Onnx__AttributeProto a = ONNX__ATTRIBUTE_PROTO__INIT;
    a.type = ATTRIBUTE_STRING;
    a.s = (ProtobufCBinaryData){strlen(value), (uint8_t *)value};
    add_attribute(m, name, &a);
}

void message_ints(Message *m, const char *name, const int64_t *values, size_t n)
{
    Onnx__AttributeProto a = ONNX__ATTRIBUTE_PROTO__INIT;
    a.type = ATTRIBUTE_INTS;
    a.n_ints = n;
    a.ints = (int64_t *)values;
    add_attribute(m, name, &a);
}

void message_rename(Message *m, const char *output)
{
    Onnx__NodeProto *node = last_node(m);
    if (node == NULL)
        return;
    free(node->output[0]);
    node->output[0] = copied(m, output, strlen(output));
    node->n_output = node->output[0] != NULL;
}

static void add_tensor(Message *m, const char *name, int type, int rank, const int64_t *dims,
                       size_t bytes)
{
    if (m->failed)
        return;
    Onnx__GraphProto *graph = m->model->graph;
    NEW(tensor, Onnx__TensorProto, ONNX__TENSOR_PROTO__INIT, &graph->initializer,
        &graph->n_initializer);
    set_text(m, &tensor->name, name);
    tensor->data_type = type;
    tensor->dims = copied(m, dims, (size_t)rank * sizeof *dims);
    tensor->n_dims = tensor->dims != NULL ? (size_t)rank : 0;
    tensor->raw_data.data = copied(m, NULL, bytes);
    tensor->raw_data.len = tensor->raw_data.data != NULL ? bytes : 0;
}

static void *last_data(const Message *m)
{
    const Onnx__GraphProto *graph = m->failed ? NULL : m->model->graph;
    return graph != NULL ? graph->initializer[graph->n_initializer - 1]->raw_data.data : NULL;
}

static size_t count_of(int rank, const int64_t *dims)
{
    size_t count = 1;
    for (int i = 0; i < rank; i++)
        count *= (size_t)dims[i];
    return count;
}

float *message_floats(Message *m, const char *name, int rank, const int64_t *dims)
{
    add_tensor(m, name, TYPE_FLOAT, rank, dims, count_of(rank, dims) * sizeof(float));
    return last_data(m);
}

int8_t *message_bytes(Message *m, const char *name, int rank, const int64_t *dims)
{
    add_tensor(m, name, TYPE_INT8, rank, dims, count_of(rank, dims));
    return last_data(m);
}

int64_t *message_whole(Message *m, const char *name, int64_t n)
{
    add_tensor(m, name, TYPE_INT64, 1, &n, (size_t)n * sizeof n);
    return last_data(m);
}

static void add_dimension(Message *m, Onnx__TensorShapeProto *shape, int64_t size)
{
    NEW(dim, Onnx__TensorShapeProto__Dimension, ONNX__TENSOR_SHAPE_PROTO__DIMENSION__INIT,
        &shape->dim, &shape->n_dim);
    dim->dim_value = size;
    if (size == 0)
        set_text(m, &dim->dim_param, "batch");
}

void message_value(Message *m, bool input, const char *name, int rank, const int64_t *dims)
{
    const Onnx__TypeProto type = ONNX__TYPE_PROTO__INIT;
    const Onnx__TypeProto__Tensor tensor = ONNX__TYPE_PROTO__TENSOR__INIT;
    const Onnx__TensorShapeProto shape = ONNX__TENSOR_SHAPE_PROTO__INIT;
    if (m->failed)
        return;
    Onnx__GraphProto *graph = m->model->graph;
    NEW(value, Onnx__ValueInfoProto, ONNX__VALUE_INFO_PROTO__INIT,
        input ? &graph->input : &graph->output, input ? &graph->n_input : &graph->n_output);
    set_text(m, &value->name, name);
    value->type = copied(m, &type, sizeof type);
    if (value->type != NULL)
        value->type->tensor_type = copied(m, &tensor, sizeof tensor);
    if (!m->failed) {
        value->type->tensor_type->elem_type = TYPE_FLOAT;
        value->type->tensor_type->shape = copied(m, &shape, sizeof shape);
    }
    for (int i = 0; i < rank && !m->failed; i++)
        add_dimension(m, value->type->tensor_type->shape, dims[i]);
}

void message_metadata(Message *m, const char *key, const char *value)
{
    if (m->failed)
        return;
    NEW(entry, Onnx__StringStringEntryProto, ONNX__STRING_STRING_ENTRY_PROTO__INIT,
        &m->model->metadata_props, &m->model->n_metadata_props);
    set_text(m, &entry->key, key);
    set_text(m, &entry->value, value);
}

/* The file format's version is the oldest that came with such operators, 4 at least. */
void message_opset(Message *m, int64_t version)
{
    if (m->failed)
        return;
    m->model->ir_version = version < 10   ? 4
                           : version < 12 ? version - 5
                           : version < 15 ? 7
                           : version < 19 ? 8
                           : version < 21 ? 9
                                          : 10;
    NEW(opset, Onnx__OperatorSetIdProto, ONNX__OPERATOR_SET_ID_PROTO__INIT, &m->model->opset_import,
        &m->model->n_opset_import);
    opset->version = version;
}

/* Messages of an ONNX model that is being written. Each function appends to the graph and takes
 * copies; when memory runs out `failed` is set and nothing more is done. */
#ifndef ONNX_MESSAGE_INTERNAL_H
#define ONNX_MESSAGE_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "onnx/onnx.pb-c.h"

typedef struct Message {
    Onnx__ModelProto *model; /* for onnx__model_proto__free_unpacked() */
    bool failed;
} Message;

void message_init(Message *m);

/* A node of one output; `inputs` are names with single spaces between them. What belongs to it
 * follows: attributes of the last node. */
void message_node(Message *m, const char *op, const char *inputs, const char *output);
void message_int(Message *m, const char *name, int64_t value);
void message_float(Message *m, const char *name, double value);
void message_text(Message *m, const char *name, const char *value);
void message_ints(Message *m, const char *name, const int64_t *values, size_t n);

/* The last node's output gets another name. */
void message_rename(Message *m, const char *output);

/* An initialiser, its numbers zero: to be filled in by the caller, or NULL. */
float *message_floats(Message *m, const char *name, int rank, const int64_t *dims);
int64_t *message_whole(Message *m, const char *name, int64_t n);
int8_t *message_bytes(Message *m, const char *name, int rank, const int64_t *dims);

/* A float input or output; a dimension of 0 is called "batch". */
void message_value(Message *m, bool input, const char *name, int rank, const int64_t *dims);
void message_metadata(Message *m, const char *key, const char *value);
void message_opset(Message *m, int64_t version);

#endif

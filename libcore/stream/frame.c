#include "stream/frame.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array_internal.h"
#include "base/num_internal.h"
#include "base/sort_internal.h"

static const struct {
    const char *name;
    size_t size;
} dtypes[DTYPE_COUNT] = {
    [DTYPE_I64] = {"I64", 8},         [DTYPE_U64] = {"U64", 8},         [DTYPE_F64] = {"F64", 8},
    [DTYPE_I32] = {"I32", 4},         [DTYPE_U32] = {"U32", 4},         [DTYPE_F32] = {"F32", 4},
    [DTYPE_I16] = {"I16", 2},         [DTYPE_U16] = {"U16", 2},         [DTYPE_F16] = {"F16", 2},
    [DTYPE_BF16] = {"BF16", 2},       [DTYPE_I8] = {"I8", 1},           [DTYPE_U8] = {"U8", 1},
    [DTYPE_F8_E4M3] = {"F8_E4M3", 1}, [DTYPE_F8_E5M2] = {"F8_E5M2", 1}, [DTYPE_BOOL] = {"BOOL", 1},
};

const char *dtype_name(Dtype dtype)
{
    return dtypes[dtype].name;
}

size_t dtype_size(Dtype dtype)
{
    return dtypes[dtype].size;
}

void frame_release(Frame *frame)
{
    for (size_t i = 0; i < frame->tensors; i++) {
        free(frame->tensor[i].name);
        if (frame->tensor[i].owned)
            free(frame->tensor[i].data);
    }
    for (size_t i = 0; i < frame->metas; i++) {
        free(frame->meta[i].key);
        free(frame->meta[i].value);
    }
    free(frame->tensor);
    free(frame->meta);
    index_release(&frame->names);
    free(frame->block);
    *frame = (Frame){0};
}

static int tensor_bytes(Tensor *tensor, Err *err)
{
    size_t bytes = dtype_size(tensor->dtype);
    for (int d = 0; d < tensor->ndim; d++)
        if (tensor->shape[d] < 0 || !size_mul(bytes, (size_t)tensor->shape[d], &bytes))
            return err_set(err, "tensor '%s': impossible shape", tensor->name);
    tensor->bytes = bytes;
    return 0;
}

static const char *tensor_name(const void *frame, size_t i, size_t *length)
{
    const char *name = ((const Frame *)frame)->tensor[i].name;
    *length = strlen(name);
    return name;
}

/* Extends the index to the last tensor; a few tensors are found without one. */
static int add_names(Frame *frame, Err *err)
{
    enum { FEW = 16 };
    int rc = 0;
    for (size_t i = frame->names.used; rc == 0 && frame->tensors > FEW && i < frame->tensors; i++)
        rc = index_add(&frame->names, tensor_name, frame, i, err);
    return rc;
}

int frame_sort(Frame *frame, int (*order)(const void *, const void *), Err *err)
{
    if (frame->tensors > 1)
        sort_array(frame->tensor, frame->tensors, sizeof *frame->tensor, order);
    index_clear(&frame->names);
    return add_names(frame, err);
}

/* Makes room for one more tensor and fills in everything but data. */
static Tensor *new_tensor(Frame *frame, const char *name, Dtype dtype, int ndim,
                          const int64_t *shape, Err *err)
{
    if (frame_find(frame, name) != NULL) {
        err_set(err, "tensor '%s': occurs twice", name);
        return NULL;
    }
    if (ndim > TENSOR_MAX_DIMS || frame->tensors >= FRAME_MAX_TENSORS) {
        err_set(err, "tensor '%s': over %d dimensions, or over %d tensors in a frame", name,
                TENSOR_MAX_DIMS, FRAME_MAX_TENSORS);
        return NULL;
    }
    if (!array_resize(frame->tensor, frame->tensors + 1)) {
        err_memory(err, "the tensors of a frame", (frame->tensors + 1) * sizeof(Tensor));
        return NULL;
    }
    Tensor *tensor = &frame->tensor[frame->tensors];
    *tensor = (Tensor){.name = strdup(name), .dtype = dtype, .ndim = ndim};
    if (tensor->name == NULL) {
        err_memory(err, "a name", strlen(name));
        return NULL;
    }
    for (int d = 0; d < ndim; d++)
        tensor->shape[d] = shape[d];
    if (tensor_bytes(tensor, err) != 0) {
        free(tensor->name);
        return NULL;
    }
    frame->tensors++;
    return add_names(frame, err) == 0 ? tensor : NULL;
}

int frame_add(Frame *frame, const char *name, Dtype dtype, int ndim, const int64_t *shape,
              const void *data, Err *err)
{
    Tensor *tensor = new_tensor(frame, name, dtype, ndim, shape, err);
    if (tensor == NULL)
        return -1;
    tensor->data = (void *)data; /* only read: writing a frame changes none of its tensors */
    return 0;
}

void *frame_alloc(Frame *frame, const char *name, Dtype dtype, int ndim, const int64_t *shape,
                  Err *err)
{
    Tensor *tensor = new_tensor(frame, name, dtype, ndim, shape, err);
    if (tensor == NULL)
        return NULL;
    tensor->data = calloc(1, tensor->bytes > 0 ? tensor->bytes : 1);
    tensor->owned = true;
    if (tensor->data == NULL)
        err_memory(err, name, tensor->bytes);
    return tensor->data;
}

const Tensor *frame_find_bytes(const Frame *frame, const char *name, size_t length)
{
    int64_t at = -1;
    if (frame->names.used > 0)
        at = index_find(&frame->names, tensor_name, frame, name, length);
    for (size_t i = 0; frame->names.used == 0 && at < 0 && i < frame->tensors; i++)
        if (strncmp(frame->tensor[i].name, name, length) == 0 &&
            frame->tensor[i].name[length] == '\0')
            at = (int64_t)i;
    return at >= 0 ? &frame->tensor[at] : NULL;
}

const Tensor *frame_find(const Frame *frame, const char *name)
{
    return frame_find_bytes(frame, name, strlen(name));
}

/* "F32 [3,128]" or, with -1 for any size, "F32 [n,128]" */
static void describe(char *text, size_t room, Dtype dtype, int ndim, const int64_t *shape)
{
    int used = snprintf(text, room, "%s [", dtype_name(dtype));
    for (int d = 0; d < ndim && used < (int)room - 24; d++) {
        const char *comma = d > 0 ? "," : "";
        if (shape[d] < 0)
            used += snprintf(text + used, room - (size_t)used, "%sn", comma);
        else
            used += snprintf(text + used, room - (size_t)used, "%s%" PRId64, comma, shape[d]);
    }
    snprintf(text + used, room - (size_t)used, "]");
}

const Tensor *frame_need(const Frame *frame, const char *name, Dtype dtype, int ndim,
                         const int64_t *shape, Err *err)
{
    char want[200], have[200];
    const Tensor *tensor = frame_find(frame, name);
    describe(want, sizeof want, dtype, ndim, shape);
    if (tensor == NULL) {
        err_set(err, "tensor '%s' (%s) is missing", name, want);
        return NULL;
    }
    bool match = tensor->dtype == dtype && tensor->ndim == ndim;
    for (int d = 0; match && d < ndim; d++)
        match = shape[d] < 0 || shape[d] == tensor->shape[d];
    if (match)
        return tensor;
    describe(have, sizeof have, tensor->dtype, tensor->ndim, tensor->shape);
    err_set(err, "tensor '%s' is %s, not %s", name, have, want);
    return NULL;
}

const char *frame_meta(const Frame *frame, const char *key)
{
    for (size_t i = 0; i < frame->metas; i++)
        if (strcmp(frame->meta[i].key, key) == 0)
            return frame->meta[i].value;
    return NULL;
}

int frame_set_meta(Frame *frame, const char *key, const char *value, Err *err)
{
    char *copy = strdup(value);
    if (copy == NULL)
        return err_memory(err, "metadata", strlen(value));
    for (size_t i = 0; i < frame->metas; i++) {
        if (strcmp(frame->meta[i].key, key) == 0) {
            free(frame->meta[i].value);
            frame->meta[i].value = copy;
            return 0;
        }
    }
    if (frame->metas >= FRAME_MAX_METAS) {
        free(copy);
        return err_set(err, "over %d metadata strings in a frame", FRAME_MAX_METAS);
    }
    char *name = array_resize(frame->meta, frame->metas + 1) ? strdup(key) : NULL;
    if (name == NULL) {
        free(copy);
        return err_memory(err, "metadata", strlen(key));
    }
    frame->meta[frame->metas++] = (Meta){name, copy};
    return 0;
}

int frame_set_number(Frame *frame, const char *key, int64_t value, Err *err)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, value);
    return frame_set_meta(frame, key, text, err);
}

int frame_inherit_meta(Frame *frame, const Frame *from, Err *err)
{
    for (size_t i = 0; i < from->metas; i++) {
        const Meta *meta = &from->meta[i];
        if (strcmp(meta->key, "kind") == 0 || strcmp(meta->key, "by") == 0 ||
            frame_meta(frame, meta->key) != NULL)
            continue;
        if (frame_set_meta(frame, meta->key, meta->value, err) != 0)
            return -1;
    }
    return 0;
}

void frame_rebase(Frame *frame, void *data)
{
    for (size_t i = 0; i < frame->tensors; i++)
        frame->tensor[i].data = (char *)data + (uintptr_t)frame->tensor[i].data;
}
